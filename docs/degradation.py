"""What still works while a part is away: one declaration, rendered as operations/degradation.md and played by tests.

`tests/chaos/test_degradation.py` kills each part under a platform, does everything that stands here while it is away
and again when it is back, and holds what it saw against each cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from networx import errors
from networx.resilience.breaker import PROBE_EVERY_SECONDS
from networx.topology import TOPOLOGY


class Part(StrEnum):
    """What may be away."""

    DATABASE = "database"
    CACHE = "Valkey"
    QUEUE = "SQS"
    STORE = "S3"
    REPLICA = "the replica"
    MARKET = "a market source"
    ASSISTANT = "the assistant's model"


class Doing(StrEnum):
    """What somebody does meanwhile."""

    LIVE = "ask whether the process serves (`/api/health/live`)"
    HEALTH = "ask for health (`/api/health`)"
    READ = "read lists with a key"
    EXPORT = "read whole lists"
    BROWSE = "sign in and use the pages"
    SUBMIT = "submit a scenario"
    SUBMIT_MODEL = "submit a model in the request"
    UPLOAD = "upload a file through the API"
    DOWNLOAD = "download a result's files"
    WATCH = "begin to watch a job"
    WATCHED = "watch on"
    RUNNING = "have a running job finish"
    WAITING = "have a waiting job begin"
    FIGURES = "look at market figures"
    REFRESH = "have the market's sources asked"
    SUGGEST = "have the assistant suggest what columns are"


class Fate(StrEnum):
    """What becomes of it."""

    WORKS = "works"
    REFUSED = "is answered with 503 and Retry-After"
    WAITS = "waits, and is done when the part is back"
    LAST_KNOWN = "is told that the source does not answer; the last figure stays, with its age"
    DEGRADED = "is told `degraded`, with 200"
    UNHEALTHY = "is told `unhealthy`, with 503"


@dataclass(frozen=True, slots=True)
class Cell:
    """What becomes of one doing while one part is away. `code` is the word of a 503."""

    fate: Fate = Fate.WORKS
    code: str | None = None

    def shown(self) -> str:
        return {
            Fate.WORKS: "works",
            Fate.REFUSED: f"503 `{self.code}`",
            Fate.WAITS: "waits",
            Fate.LAST_KNOWN: "the last known",
            Fate.DEGRADED: "`degraded`",
            Fate.UNHEALTHY: "503 `unhealthy`",
        }[self.fate]


@dataclass(frozen=True, slots=True)
class Return:
    """What happens when a part is back: everything works again `within`, and `what` says what is made up for."""

    within: timedelta
    what: str


WORKS = Cell()
WAITS = Cell(Fate.WAITS)
DEGRADED, UNHEALTHY = Cell(Fate.DEGRADED), Cell(Fate.UNHEALTHY)


def refused(by: type[errors.TransientError]) -> Cell:
    return Cell(Fate.REFUSED, by.code)


_NO_DATABASE = refused(errors.DatabaseUnavailable)
_NO_CACHE = refused(errors.CacheUnavailable)
_NO_STORE = refused(errors.ObjectStoreUnavailable)

# What is not named works.
_OTHERWISE: Mapping[Part, Mapping[Doing, Cell]] = {
    Part.DATABASE: dict.fromkeys(Doing, _NO_DATABASE)
    | {
        Doing.LIVE: WORKS,
        Doing.HEALTH: UNHEALTHY,
        Doing.WATCHED: WAITS,
        Doing.RUNNING: WAITS,
        Doing.WAITING: WAITS,
    },
    Part.CACHE: {Doing.HEALTH: UNHEALTHY, Doing.BROWSE: _NO_CACHE},
    Part.QUEUE: {Doing.HEALTH: DEGRADED, Doing.WAITING: WAITS},
    Part.STORE: {
        Doing.HEALTH: DEGRADED,
        Doing.SUBMIT_MODEL: _NO_STORE,
        Doing.UPLOAD: _NO_STORE,
        Doing.DOWNLOAD: _NO_STORE,
        Doing.WATCHED: WAITS,
        Doing.RUNNING: WAITS,
    },
    Part.REPLICA: {Doing.HEALTH: DEGRADED},
    Part.MARKET: {Doing.HEALTH: DEGRADED, Doing.REFRESH: Cell(Fate.LAST_KNOWN)},
    Part.ASSISTANT: {Doing.HEALTH: DEGRADED, Doing.SUGGEST: refused(errors.AssistantUnavailable)},
}
TABLE: Mapping[Part, Mapping[Doing, Cell]] = {
    part: {doing: _OTHERWISE[part].get(doing, WORKS) for doing in Doing} for part in Part
}

_PROBED = timedelta(seconds=5 * PROBE_EVERY_SECONDS)
_RELAY_LEASE = timedelta(seconds=10)
RETURNS: Mapping[Part, Return] = {
    Part.DATABASE: Return(
        _PROBED,
        "Requests are answered again, open streams go on, waiting jobs begin. A worker with a result publishes it; "
        f"after {TOPOLOGY.leases.self_fence.total_seconds():g} s without the record it has stopped its job instead, "
        "which is done again from its best stored plan.",
    ),
    Part.CACHE: Return(
        _PROBED,
        "Limits are counted together again, answers are remembered, progress comes each second. What lay in it is made "
        "anew, but sessions: who was signed in when Valkey lost its memory signs in again.",
    ),
    Part.QUEUE: Return(
        _PROBED + _RELAY_LEASE,
        "The outbox is sent: what the relay tried in vain it tries again after its lease of 10 s. Waiting jobs begin. "
        "(Meanwhile a worker that ends a job within moments of its message takes the next one along, from the record.)",
    ),
    Part.STORE: Return(
        _PROBED,
        "Jobs that hold a result bring it and end; for up to 15 minutes they hold it, then the attempt has failed.",
    ),
    Part.REPLICA: Return(_PROBED, "Whole lists are read there again; meanwhile the database answered."),
    Part.MARKET: Return(
        TOPOLOGY.circuit("host").pause,
        "After the pause of its circuit the host is asked again, when somebody next wants a figure.",
    ),
    Part.ASSISTANT: Return(
        TOPOLOGY.circuit("host").pause,
        "After the pause of its circuit the model is asked again; nothing else needs it.",
    ),
}
