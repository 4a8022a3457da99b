"""Which parts of the data each process touches: the one table behind every role's policy and every open port."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from networx.blueprint import ARCHIVE, INLINE, MODELS, UPLOADS
from networx.topology import TOPOLOGY
from stacks.components.access import Objects

OWNER, APP, LOADER, SYSTEM, REPORT = (
    "networx_owner",
    "networx_app",
    "networx_loader",
    "networx_system",
    "networx_report",
)


@dataclass(frozen=True)
class Duty:
    """One process: the database roles it signs in as, whether it relays jobs and uses the cache, and its objects.

    `sends`, `counts`, `counts_dead_letters_of` and `dead_letters_of` name queues: those that it sends to besides, those
    whose messages and whose dead letters it counts, and those whose dead letters it goes through. Who
    `judges_keys` reads the pepper that they are stored under; who `asks_market` calls hosts outside for
    figures, who `asks_assistant` a language model.
    """

    roles: tuple[str, ...] = ()
    relays: bool = False
    cache: bool = False
    objects: Objects = field(default_factory=Objects)
    sends: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    counts_dead_letters_of: tuple[str, ...] = ()
    dead_letters_of: tuple[str, ...] = ()
    sees_backups: bool = False
    judges_keys: bool = False
    asks_market: bool = False
    asks_assistant: bool = False

    @property
    def database(self) -> bool:
        return bool(self.roles)


# A direct connection takes the place of the proxy's for these: no statement limit, no pinning.
DIRECT_ROLES = frozenset({OWNER, LOADER, REPORT})

# Whole lists are read on the replica.
WEB = Duty(
    roles=(APP, SYSTEM, REPORT),
    relays=True,
    cache=True,
    objects=Objects(reads=("results",), writes=("input",)),
    judges_keys=True,
    asks_market=True,
    asks_assistant=True,
)

# It reads results too: a solve starts from what an earlier attempt left there.
_SOLVES = Duty(roles=(APP, SYSTEM), relays=True, cache=True, objects=Objects(reads=("results",), writes=("results",)))

WORKERS = {
    # A client's own model lies where clients put what they bring.
    "optimization": replace(_SOLVES, objects=Objects(reads=("input", "results"), writes=("results",))),
    "capacity": _SOLVES,
    "file": Duty(
        roles=(APP, LOADER, SYSTEM),
        relays=True,
        cache=True,
        objects=Objects(reads=("input",), writes=("processed", "quarantine"), removes=("input",)),
    ),
}

_UPLOADS = ("upload-events",)
_EVERY_QUEUE = tuple(queue.name for queue in TOPOLOGY.queues)

FUNCTIONS = {
    "upload-validator": Duty(
        roles=(SYSTEM,),
        relays=True,
        objects=Objects(reads=("input",), writes=("quarantine",), removes=("input",)),
    ),
    "stale-job-monitor": Duty(roles=(SYSTEM,), relays=True),
    "dead-letter-consumer": Duty(
        roles=(SYSTEM,), relays=True, dead_letters_of=tuple(queue.name for queue in TOPOLOGY.job_queues())
    ),
    "queue-monitor": Duty(roles=(SYSTEM,), counts=_EVERY_QUEUE, counts_dead_letters_of=_EVERY_QUEUE),
    # The replica is asked itself how far it is behind.
    "database-monitor": Duty(roles=(SYSTEM, REPORT), sees_backups=True),
    "cleanup": Duty(
        roles=(SYSTEM,), objects=Objects(reads=("input",), aborts=("input",)), sends=_UPLOADS, counts=_UPLOADS
    ),
    "daily-cleanup": Duty(
        roles=(SYSTEM,),
        # It writes the archive, and believes it only when it has read it.
        objects=Objects(
            reads=("input", f"results/{ARCHIVE}"),
            writes=(f"results/{ARCHIVE}",),
            removes=("results", f"input/{MODELS}", f"input/{INLINE}", f"input/{UPLOADS}"),
        ),
        sends=_UPLOADS,
        counts=_UPLOADS,
    ),
    "slack-notifier": Duty(),
}

MIGRATIONS = Duty(roles=(OWNER, APP, LOADER, SYSTEM, REPORT))
