"""How an error becomes an answer: one table from error class to HTTP status, and the handlers that read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from networx import errors
from networx.api.envelope import failure
from networx.api.scopes import SAFE_METHODS
from networx.errors import NetworxError, NotFound, Problem, RefusedInput
from networx.observability.logs import Log
from networx.resilience.breaker import CIRCUIT_OPEN

log = Log(__name__)

RETRY_AFTER_SECONDS = 5
INTERNAL = ("Something went wrong on our side. Give this request's id to support.", "INTERNAL_ERROR", 500)

# Every leaf of the error tree, or a class above it; a test holds the table to that.
STATUS: dict[type[NetworxError], int] = {
    errors.DatabaseUnavailable: 503,
    errors.QueueUnavailable: 503,
    errors.ObjectStoreUnavailable: 503,
    errors.CacheUnavailable: 503,
    errors.SlackUnavailable: 503,
    errors.SecretsUnavailable: 503,
    errors.SignInUnavailable: 503,
    errors.BackupsUnseen: 503,
    errors.OutboundUnavailable: 503,
    errors.MarketDataUnavailable: 503,
    errors.AssistantUnavailable: 503,
    errors.AssistantBudgetSpent: 429,
    errors.ChildLost: 503,
    errors.SolverUnavailable: 503,
    errors.ConfigurationError: 500,
    errors.RefusedInput: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.TooLarge: 413,
    errors.OutboundRefused: 502,
    errors.AssistantOff: 409,
    errors.AssistantNotAllowed: 403,
    errors.AssistantAnswerRefused: 502,
    errors.LimitExceeded: 422,
    errors.CertificateRefused: 500,
    errors.SolverFault: 500,
}

# A refusal may carry a narrower word than its class, and with it a narrower status.
STATUS_OF_CODE = {"MISSING_SCENARIO": 400, "BAD_REQUEST": 400, errors.TooLarge.code: 413}

# What the web framework itself answers, in our words.
_FRAMEWORK: dict[int, tuple[str, str]] = {
    400: ("The request cannot be read.", "BAD_REQUEST"),
    401: (str(errors.Unauthenticated()), errors.Unauthenticated.code),
    404: ("There is nothing at this address.", "NOT_FOUND"),
    405: ("This address does not take this method.", "METHOD_NOT_ALLOWED"),
    408: ("The request's body stopped arriving, or came too slowly.", "REQUEST_TIMEOUT"),
    413: ("The request body is too large.", "BODY_TOO_LARGE"),
}


def answer_to(fault: Exception) -> Response:
    """The envelope for any error; what is not the caller's to know is logged and answered without detail.

    Call it while the error is being handled, so that the log has its trace.
    """
    if isinstance(fault, psycopg.DataError):
        # What passes as JSON and not as a value of the record: a null character, a number that is none.
        problem = Problem(
            "A value in the request cannot be stored: it holds a character or number that is none.", "value"
        )
        return failure(problem.message, RefusedInput.code, 422, problems=[problem])
    if not isinstance(fault, NetworxError):
        log.exception("request.failed", code=INTERNAL[1])  # noqa: LOG004  # called while it is handled
        return failure(*INTERNAL)
    status = STATUS_OF_CODE.get(fault.code) or status_of(type(fault))
    if fault.code == CIRCUIT_OPEN:
        # Those whose failures opened the circuit are in the log with their trace.
        log.warning("request.refused", code=fault.code, kind=type(fault).__name__)
    elif status >= 500:
        log.exception("request.failed", code=fault.code)  # noqa: LOG004  # called while it is handled
    if status == 500:
        return failure(*INTERNAL)
    problems = fault.problems if isinstance(fault, RefusedInput) else ()
    # What passes by itself says when.
    wait = fault.facts.get("retry_after_seconds", RETRY_AFTER_SECONDS if status == 503 else None)
    headers = None if wait is None else {"Retry-After": str(wait)}
    return failure(str(fault), _code(fault), status, problems=problems, headers=headers)


def status_of(kind: type[NetworxError]) -> int:
    """The HTTP status of an error class: its own, or that of the nearest class above it in the table."""
    return next((STATUS[parent] for parent in kind.__mro__ if parent in STATUS), 500)


def _code(fault: NetworxError) -> str:
    if isinstance(fault, NotFound):
        return f"{str(fault.facts['what']).upper().replace(' ', '_')}_NOT_FOUND"
    return fault.code


def answer_of_status(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The envelope for a status that the web framework, or what stands before it, answers with."""
    message, code = _FRAMEWORK.get(status, (HTTPStatus(status).phrase, HTTPStatus(status).name))
    # What is still on its way is not waited for.
    closing = {"Connection": "close"} if status == 408 else {}
    return failure(message, code, status, headers={**closing, **(headers or {})})


def nothing_here() -> Response:
    """The answer at an address that is served to nobody."""
    return answer_of_status(404)


def _validation_answer(request: Request, found: Sequence[Any]) -> Response:
    # An id that is no id names nothing, unless another route has its name.
    if all(error["loc"][0] == "path" for error in found):
        methods = _methods_here(request)
        return answer_of_status(404) if request.method in methods else _not_allowed(methods)
    problems = [_problem_of(error) for error in found]
    return failure(str(RefusedInput(problems)), RefusedInput.code, 422, problems=problems)


def _problem_of(error: Any) -> Problem:
    """What the framework found, in our words; of a body that is no JSON it says the character at which that shows."""
    rule, place = str(error["type"]), ".".join(str(part) for part in error["loc"][1:])
    if rule == "json_invalid":
        return Problem(f"The body is no JSON: {error['ctx']['error']}, at character {place}.", rule)
    return Problem(f"{place or 'body'}: {error['msg']}.", rule, column=place or None)


def _not_allowed(methods: Iterable[str]) -> Response:
    return answer_of_status(405, {"Allow": ", ".join(sorted(methods))})


def _methods_here(request: Request) -> frozenset[str]:
    """The methods of an address; the framework names those of one route, and an address may have several."""
    here = request.app.state.directory.at(request.scope)
    # /api/jobs/redrive is no job of this name.
    fewest = min((len(route.param_convertors) for route in here), default=0)
    here = [route for route in here if len(route.param_convertors) == fewest]
    # The document and the static files are no routes of ours.
    return frozenset(method for route in here for method in route.methods) or SAFE_METHODS - {"OPTIONS"}


def install(app: FastAPI) -> None:
    """Give the application its handlers for errors of ours, of the framework and of a request's shape.

    They are coroutines so that they run where the error is being handled, and not in another thread.
    """

    @app.exception_handler(NetworxError)
    async def ours(_request: Request, fault: NetworxError) -> Response:
        return answer_to(fault)

    @app.exception_handler(HTTPException)
    async def framework(request: Request, fault: HTTPException) -> Response:
        return _not_allowed(_methods_here(request)) if fault.status_code == 405 else answer_of_status(fault.status_code)

    @app.exception_handler(psycopg.DataError)
    async def value(_request: Request, fault: psycopg.DataError) -> Response:
        return answer_to(fault)

    @app.exception_handler(RequestValidationError)
    async def shape(request: Request, fault: RequestValidationError) -> Response:
        return _validation_answer(request, fault.errors())
