"""Every error NetWORX raises on purpose, drawn as one tree with two trunks.

    NetworxError
    ├── TransientError              a retry may mend it
    │   ├── DatabaseUnavailable
    │   │   └── DatabaseBusy        it is there, and has too much to do
    │   ├── QueueUnavailable
    │   ├── ObjectStoreUnavailable
    │   ├── CacheUnavailable
    │   ├── SlackUnavailable
    │   ├── SecretsUnavailable
    │   ├── SignInUnavailable       nobody tells the keys that sign-ins are checked with
    │   ├── BackupsUnseen
    │   ├── OutboundUnavailable     another company's host does not answer, or is not asked for a while
    │   ├── MarketDataUnavailable   no source tells a figure, and none that was stored is young enough
    │   ├── AssistantUnavailable    its endpoint does not answer, or what it answers cannot be read
    │   ├── AssistantBudgetSpent    what may be spent in a day or a month is spent, or held by calls under way
    │   ├── ChildLost               a confined child died without an answer
    │   └── SolverUnavailable       child after child was lost; none is given a job for a while
    └── PermanentError              a retry cannot mend it
        ├── ConfigurationError      the installation is wrong
        ├── RefusedInput            the client's data is wrong; carries the problems, cell by cell
        ├── NotFound
        ├── Conflict
        ├── Unauthenticated
        ├── Forbidden
        ├── TooLarge
        ├── OutboundRefused         a host that is not to be called, or an answer that is not to be taken
        ├── AssistantOff            this installation has none
        ├── AssistantNotAllowed     the tenant does not let it see this
        ├── AssistantAnswerRefused  what the model wrote failed its check, twice
        ├── LimitExceeded           a child used up its memory or its time
        ├── CertificateRefused      an answer failed its independent check: a fault of ours
        └── SolverFault             the solver contradicts itself

The message stands in the class, the facts are attributes, and `code` is the word the API answers with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

_VALUE_CHARACTERS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a client's input: where it stands, what it is, and what to do about it."""

    message: str
    rule: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        row = None if self.row is None else f"row {self.row}"
        # Without a sheet it is a field of what was sent or an option, and no column.
        column = self.column if self.column is None or self.sheet is None else f"column {self.column}"
        place = ", ".join(part for part in (self.sheet, row, column) if part)
        return f"{place}: {self._with_value()}" if place else self._with_value()

    def _with_value(self) -> str:
        """The message with what was found in the cell, unless the message says it already."""
        value = " ".join((self.value or "").split())
        if not value or re.search(rf"(?<!\w){re.escape(value)}(?!\w)", self.message):
            return self.message
        if len(value) > _VALUE_CHARACTERS_SHOWN:
            value = f"{value[:_VALUE_CHARACTERS_SHOWN]}..."
        sentence = self.message.removesuffix(".")
        return f'{sentence} (found "{value}"){self.message[len(sentence) :]}'


class NetworxError(Exception):
    """The root. `message` is a template over the keyword facts given at the raise."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    message: ClassVar[str] = "Something went wrong."

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        for name, value in facts.items():
            setattr(self, name, value)
        super().__init__(self.message.format(**facts))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.facts))


def _rebuild(kind: type[NetworxError], facts: dict[str, Any]) -> NetworxError:
    return kind(**facts)


class TransientError(NetworxError):
    """What a retry may mend."""


class DatabaseUnavailable(TransientError):
    code = "DATABASE_UNAVAILABLE"
    message = "The database cannot be reached; try again shortly."


class DatabaseBusy(DatabaseUnavailable):
    code = "DATABASE_BUSY"
    message = "The database has too much to do just now; try again shortly."


class QueueUnavailable(TransientError):
    code = "QUEUE_UNAVAILABLE"
    message = "The job queue cannot be reached; try again shortly."


class ObjectStoreUnavailable(TransientError):
    code = "STORAGE_UNAVAILABLE"
    message = "The file store cannot be reached; try again shortly."


class CacheUnavailable(TransientError):
    code = "CACHE_UNAVAILABLE"
    message = "The cache cannot be reached; try again shortly."


class SlackUnavailable(TransientError):
    code = "SLACK_UNAVAILABLE"
    message = "Slack did not take the message ({how})."


class SecretsUnavailable(TransientError):
    code = "SECRETS_UNAVAILABLE"
    message = "A secret of the installation cannot be read; try again shortly."


class SignInUnavailable(TransientError):
    code = "SIGN_IN_UNAVAILABLE"
    message = "Sign-ins cannot be checked just now; try again shortly."


class BackupsUnseen(TransientError):
    code = "BACKUPS_UNSEEN"
    message = "AWS does not tell what the database can be restored from."


class OutboundUnavailable(TransientError):
    """`retry_after_seconds` where it is known; `outcome` is the word that metrics count."""

    code = "OUTBOUND_UNAVAILABLE"
    message = "{host} cannot be asked just now: {reason}."

    def __init__(self, host: str = "A host", reason: str = "it failed again and again", **facts: Any) -> None:
        super().__init__(host=host, reason=reason, **facts)


class MarketDataUnavailable(TransientError):
    code = "MARKET_DATA_UNAVAILABLE"
    message = "There is no usable {what}: {tried}."


class AssistantUnavailable(TransientError):
    code = "ASSISTANT_UNAVAILABLE"
    message = "The assistant cannot answer just now: {reason}."


class AssistantBudgetSpent(TransientError):
    """`retry_after_seconds`: until the period ends."""

    code = "ASSISTANT_BUDGET_SPENT"
    message = "The assistant is not asked: {what}."


class ChildLost(TransientError):
    code = "CHILD_LOST"
    message = "The process doing the work ended without an answer ({how})."


class SolverUnavailable(TransientError):
    code = "SOLVER_UNAVAILABLE"
    message = "Jobs cannot be solved just now; they wait."


class PermanentError(NetworxError):
    """What a retry cannot mend."""


class ConfigurationError(PermanentError):
    code = "MISCONFIGURED"
    message = "{what}"


class RefusedInput(PermanentError):
    """The client's input cannot be used. `problems` names each cell and its cure; nothing of it was kept."""

    code = "INVALID_INPUT"
    message = "{summary}"

    def __init__(self, problems: Sequence[Problem], summary: str | None = None, code: str | None = None) -> None:
        self.problems = tuple(problems)
        if summary is None:
            first = str(self.problems[0]) if self.problems else "The input cannot be used."
            more = len(self.problems) - 1
            summary = f"{first} (and {more} more)" if more > 0 else first
        if code is not None:
            self.code = code  # type: ignore[misc]  # a refusal may carry a narrower word than its class
        super().__init__(summary=summary)

    def __reduce__(self) -> tuple[Any, ...]:
        return (RefusedInput, (self.problems, self.facts["summary"], self.code))


class NotFound(PermanentError):
    code = "NOT_FOUND"
    message = "There is no {what} with id {id}."


class Conflict(PermanentError):
    code = "CONFLICT"
    message = "{what}"


class Unauthenticated(PermanentError):
    """Nobody we know. `code` may be a narrower word than the class's."""

    code = "UNAUTHENTICATED"
    message = "{what}"

    def __init__(
        self,
        what: str = "This request needs a valid API key: send it as X-API-Key or as Authorization: Bearer.",
        **facts: Any,
    ) -> None:
        super().__init__(what=what, **facts)


class Forbidden(PermanentError):
    """Somebody we know, who may not. `code` may be a narrower word than the class's."""

    code = "FORBIDDEN"
    message = "{what}"


class TooLarge(PermanentError):
    code = "FILE_TOO_LARGE"
    message = "{what}"


class OutboundRefused(PermanentError):
    code = "OUTBOUND_REFUSED"
    message = "{host} is not called, or what it answered is not taken: {reason}."


class AssistantOff(PermanentError):
    code = "ASSISTANT_OFF"
    message = "This installation has no assistant: an operator has to configure one."


class AssistantNotAllowed(PermanentError):
    code = "ASSISTANT_NOT_ALLOWED"
    message = "Your tenant does not let the assistant see {what}; an administrator may allow it."


class AssistantAnswerRefused(PermanentError):
    code = "ASSISTANT_ANSWER_REFUSED"
    message = "What the assistant wrote is not shown, for it failed the check: {reason}."


class LimitExceeded(PermanentError):
    code = "LIMIT_EXCEEDED"
    message = "The work was stopped at its limit: {limit}."


class CertificateRefused(PermanentError):
    """`failed` names the checks, `checks` has them whole, `kept` is the key of the file that reproduces it."""

    code = "CERTIFICATE_FAILED"
    message = "The answer failed its independent check and is not published: {failed}."

    def __init__(self, *, failed: str, checks: Sequence[Mapping[str, Any]] = (), kept: str | None = None) -> None:
        super().__init__(failed=failed, checks=checks, kept=kept)

    def __str__(self) -> str:
        told = super().__str__()
        return told if self.facts["kept"] is None else f"{told} What reproduces it is kept as {self.facts['kept']}."


class SolverFault(PermanentError):
    code = "SOLVER_FAULT"
    message = "The solver's answer cannot be used: {what}."
