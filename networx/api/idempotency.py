"""Requests that create are carried out once: the HTTP side of the Idempotency-Key.

The same key and request within 24 h get the same answer, marked `Idempotent-Replayed: true`; another request under the
key is 409. Only what created is kept: a refusal or a fault leaves the key free for the next attempt. How that is
sure under crashes and at the same moment: networx.jobs.idempotency.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from starlette.responses import Response

from networx.api.envelope import plain, success
from networx.api.principals import Principal, principal_of
from networx.db import pool
from networx.db.journeys import Found, Statement
from networx.db.pool import Connection
from networx.errors import Problem, RefusedInput
from networx.jobs import idempotency
from networx.jobs.idempotency import Remembered

REPLAYED = "Idempotent-Replayed"
_HEADER = "idempotency-key"
_ACCEPTABLE = re.compile(r"[ -~]{1,255}")
_DESCRIPTION = (
    "1 to 255 printable ASCII characters. The same key with the same request is answered the same for 24 hours, with "
    f"the header `{REPLAYED}: true`; with another request it is refused with 409."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a creation is answered. `aside` is kept with it and never shown: what a repetition needs to end the work."""

    status: int
    data: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    aside: Any = None
    replayed: bool = False

    def response(self) -> Response:
        replayed = {REPLAYED: "true"} if self.replayed else {}
        return success(self.data, self.status, {**self.headers, **replayed})

    def remembered(self) -> Remembered:
        """What is kept of it for a repetition."""
        return Remembered(self.status, plain({"data": self.data, "headers": self.headers, "aside": self.aside}))


Create = Callable[[Connection], Answer]


@dataclass(frozen=True, slots=True)
class Submission:
    """A request that creates. `operation` is its method and path: a key stands for one request at one address."""

    who: Principal
    operation: str
    key: str | None

    def once(self, body: Any, create: Create) -> Answer:
        """Do `create` in a transaction of the tenant, or give the answer it gave before under the key.

        `body` is what makes the request this one and no other, as JSON. Raises Conflict, and what `create` raises;
        nothing is kept then.
        """
        with pool.tenant(self.who.tenant_id) as connection:
            if self.key is None:
                return create(connection)
            earlier = idempotency.take(
                connection, tenant_id=self.who.tenant_id, key=self.key, request_sha256=self._digest(body)
            )
            if earlier is not None:
                return Answer(earlier.status, **earlier.content, replayed=True)
            made = create(connection)
            idempotency.remember(connection, tenant_id=self.who.tenant_id, key=self.key, answer=made.remembered())
            return made

    def at_once(self, body: Any, first: Statement, create: Callable[[Found], tuple[Answer, Statement]]) -> Answer:
        """As `once`, for a creation that is a single statement after what `first` finds: the record is asked twice.

        `create` gives the answer and the statement, which is carried out, remembered and committed together.
        """
        if self.key is None:
            with pool.tenant_asking(self.who.tenant_id, first) as (connection, (found,)):
                made, statement = create(found)
                pool.end(connection, statement)
                return made
        tenant_id, digest = self.who.tenant_id, self._digest(body)
        taking = idempotency.taking(tenant_id=tenant_id, key=self.key, request_sha256=digest)
        with idempotency.patience(), pool.tenant_asking(tenant_id, *taking, first) as (connection, answers):
            earlier = idempotency.taken(answers, request_sha256=digest)
            if earlier is not None:
                return Answer(earlier.status, **earlier.content, replayed=True)
            made, statement = create(answers[-1])
            kept = idempotency.remembering(tenant_id=tenant_id, key=self.key, answer=made.remembered())
            pool.end(connection, statement, kept)
            return made

    def _digest(self, body: Any) -> str:
        # Escaped to ASCII, for a text of JSON may hold what no encoding takes.
        return hashlib.sha256(json.dumps([self.operation, body], sort_keys=True).encode()).hexdigest()


async def _stated_once(
    request: Request, idempotency_key: Annotated[str | None, Header(description=_DESCRIPTION)] = None
) -> Submission:
    if idempotency_key is not None and (
        _ACCEPTABLE.fullmatch(idempotency_key) is None or len(request.headers.getlist(_HEADER)) > 1
    ):
        wrong = Problem("Idempotency-Key must be stated once, with 1 to 255 printable ASCII characters.", "header")
        raise RefusedInput([wrong], code="BAD_REQUEST")
    return Submission(principal_of(request), f"{request.method} {request.url.path}", idempotency_key)


Once = Annotated[Submission, Depends(_stated_once)]
