"""What routes declare of their answers for the published document: the words they refuse with, and files they send.

What can meet any request is told from its own traits (is it open, has it a body, an Idempotency-Key ...) in openapi.py;
a route declares only what is its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from networx import errors
from networx.api.faults import INTERNAL, STATUS, STATUS_OF_CODE
from networx.resilience.breaker import CIRCUIT_OPEN

# Where the published document keeps a route's own words until openapi.py has made schemas of them.
CODES = "x-codes"

# Of a file that is read while its client waits: what turns it away as a whole.
_FILES: Mapping[str, str] = {
    "EMPTY_FILE": "The file is empty (0 bytes).",
    "NOT_A_WORKBOOK": "This is a PDF document, not an Excel workbook. Save it as .xlsx and upload it again.",
    "NOT_SUPPORTED_YET": "Workbooks of this format are not read yet. Save it as .xlsx and upload it again.",
    "ENCRYPTED": "The workbook needs a password. Save it without one and upload it again.",
    "MACROS": "The workbook carries macros. Save it as .xlsx and upload it again.",
    "SUSPICIOUS_ARCHIVE": "The file is built as no spreadsheet program builds one.",
    "DAMAGED_FILE": "The file is damaged or was cut off on its way.",
    "MISSING_SHEET": "The sheet Rates is missing.",
    "FILE_TOO_COMPLEX": "The file could not be read within its limit. Save it again in Excel, or as CSV.",
}
REFUSED_FILES = (*_FILES, "FILE_TOO_LARGE", "CHILD_LOST")

_NO = "There is no {what} with id 0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11."
_THINGS = ("job", "upload", "scenario", "dataset", "project", "result", "summary", "key", "user")
_NAMED = ("pause", "queue", "kind", "tenant")

SENTENCES: Mapping[str, str] = {
    "BAD_REQUEST": "Idempotency-Key must be stated once, with 1 to 255 printable ASCII characters.",
    "MISSING_SCENARIO": 'Name the scenario to run, {"scenario_id": "..."}, or send a model, {"model": {...}}.',
    "UNAUTHENTICATED": str(errors.Unauthenticated()),
    "KEY_EXPIRED": "This API key has expired.",
    "KEY_REVOKED": "This API key is revoked.",
    "SIGN_IN_EXPIRED": "Your sign-in is over. Load the page again to sign in.",
    "SIGN_IN_REFUSED": "Your sign-in cannot be trusted: it came twice.",
    "FORBIDDEN": "This needs an API key, or a user, with the scope `write`.",
    "USER_UNKNOWN": "You are signed in as ann@example.com, who has no access to NetWORX yet.",
    "USER_REVOKED": "Your access to NetWORX has been revoked.",
    "TENANT_REVOKED": "The access of this tenant to NetWORX has been revoked.",
    "NOT_FOUND": "There is nothing at this address.",
    **{f"{what.upper()}_NOT_FOUND": _NO.format(what=what) for what in _THINGS},
    **{f"{what.upper()}_NOT_FOUND": f"There is no {what} with id elsewhere." for what in _NAMED},
    "REQUEST_TIMEOUT": "The request's body stopped arriving, or came too slowly.",
    "CONFLICT": "This Idempotency-Key was used for another request.",
    "BODY_TOO_LARGE": "The request body is larger than 8 MB.",
    "FILE_TOO_LARGE": "The file is larger than the 100 MB this address takes.",
    "INVALID_INPUT": "name: name: Field required.",
    "INVALID_MODEL": "This is no JSON: unexpected end of data (line 1, column 2).",
    "INVALID_CURSOR": "cursor: This is no cursor of this list.",
    "NOT_A_MODEL": "model.upload_id: This upload is a workbook, not a model.",
    **_FILES,
    "NOT_SUPPORTED": "stages: stages is not supported yet; send scenario_id, or a model.",
    "ASSISTANT_OFF": errors.AssistantOff.message,
    "ASSISTANT_NOT_ALLOWED": errors.AssistantNotAllowed.message.format(what="the figures of results"),
    "ASSISTANT_BUDGET_SPENT": errors.AssistantBudgetSpent.message.format(
        what="the 100,000 tokens of this day are spent or held by calls under way"
    ),
    "ASSISTANT_ANSWER_REFUSED": errors.AssistantAnswerRefused.message.format(
        reason="$1.3 million is no figure of the result"
    ),
    "ASSISTANT_UNAVAILABLE": errors.AssistantUnavailable.message.format(reason="it did not answer in time"),
    "RATE_LIMITED": "Too many requests: 10000 in 3600 seconds are taken. Try again in 1 second.",
    INTERNAL[1]: INTERNAL[0],
    errors.ChildLost.code: "The process doing the work ended without an answer (killed).",
    CIRCUIT_OPEN: errors.DatabaseUnavailable.message,
    **{
        fault.code: fault.message
        for fault in (
            errors.DatabaseUnavailable,
            errors.DatabaseBusy,
            errors.ObjectStoreUnavailable,
            errors.CacheUnavailable,
            errors.SecretsUnavailable,
            errors.SignInUnavailable,
        )
    },
}

_STATUS_OF_WORD: Mapping[str, int] = {
    **{fault.code: status for fault, status in STATUS.items()},
    errors.DatabaseBusy.code: 503,
    CIRCUIT_OPEN: 503,
    **STATUS_OF_CODE,
    "KEY_EXPIRED": 401,
    "KEY_REVOKED": 401,
    "SIGN_IN_EXPIRED": 401,
    "SIGN_IN_REFUSED": 401,
    "USER_UNKNOWN": 403,
    "USER_REVOKED": 403,
    "TENANT_REVOKED": 403,
    "REQUEST_TIMEOUT": 408,
    "BODY_TOO_LARGE": 413,
    "INVALID_MODEL": 422,
    "INVALID_CURSOR": 422,
    "NOT_A_MODEL": 422,
    "NOT_SUPPORTED": 422,
    **dict.fromkeys(_FILES, 422),
    "RATE_LIMITED": 429,
    INTERNAL[1]: 500,
}


def status_of(code: str) -> int:
    """The status that a word comes with."""
    return 404 if code.endswith("_NOT_FOUND") else _STATUS_OF_WORD[code]


Responses = dict[int | str, dict[str, Any]]
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOT_CHANGED: Responses = {304: {"description": "The client has this answer already"}}


def sends(*media_types: str) -> Responses:
    """An answer that comes without the envelope: a file or a stream of one of these types."""
    content = {kind: {"schema": {"type": "object" if kind.endswith("json") else "string"}} for kind in media_types}
    return {200: {"description": "Successful Response", "content": content}}


def sends_events(event: str, shape: str) -> Responses:
    """A stream of server-sent events of this name, the data of each the JSON of a published shape."""
    content = {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"const": event},
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {"$ref": f"#/components/schemas/{shape}"},
                "examples": ['{"id": "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11", "status": "running", ...}'],
            },
        },
    }
    return {200: {"description": "Until it has ended", "content": {"text/event-stream": {"schema": content}}}}


# A list that is sent whole where the client asks for it: exports.py.
WHOLE = sends("application/x-ndjson", "text/csv")


def refuses(*codes: str) -> Responses:
    """What a route may refuse with beyond what every such route may, for its `responses`."""
    found: Responses = {}
    for code in codes:
        assert code in SENTENCES, f"{code} has no sentence"
        found.setdefault(status_of(code), {"description": "", CODES: []})[CODES].append(code)
    return found
