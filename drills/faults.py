"""The faults of a soak, in rounds: each of them once, in an order that the seed decides.

    killed       as the kernel kills, and started again by the platform: each worker, the web, PostgreSQL, Valkey, and
                 the process that runs the functions. The relay is a thread of web and workers, and dies with them
    restarted    told to end, and started again: PostgreSQL, and the AWS emulator with its queues, store and secrets
    frozen       stopped for seconds, connections open and silent: all of these; PostgreSQL with every process of its
                 own, which is how a disk that stalls looks from outside
    past lease   a worker that sleeps until its lease is over, and wakes up to jobs that are others' by then; meanwhile
                 the other faults go on
    disk         kept busy with writes of 64 MiB that are forced out, while PostgreSQL forces out its own: one of its
                 kind then takes four times as long (8 ms and not 2, on the machine where this was written)

The emulator is never killed: it writes down at its end what it holds, and S3 and SQS, whose part it plays, forget
nothing that they have accepted.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from threading import Event, Thread

from drills.platforms import DrillFailed, OwnPlatform
from drills.sampling import children_of, command_of
from networx.topology import TOPOLOGY

EVERY_SECONDS = 10.0
_FROZEN_SECONDS = 3.0
_BUSY_SECONDS = 5.0
_BALLAST_BYTES = 64 * 1024**2
_PAST_LEASE_SECONDS = (TOPOLOGY.leases.lease + TOPOLOGY.leases.heartbeat).total_seconds()
WORKERS = ("worker-optimization", "worker-file")
_KILLED = (*WORKERS, "web", "postgres", "valkey")
_FROZEN = (*_KILLED, "aws")
# SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client.
_RESTARTED = {"postgres": signal.SIGINT, "aws": signal.SIGTERM}
_ASLEEP = "a worker frozen past its leases"
_FUNCTION = "_worker.py"  # how the command of a process ends that runs one in the emulator


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `strike` returns False when there was nothing to strike at this moment."""

    name: str
    strike: Callable[[], bool]


class Faults:
    """One fault after another until `stop`; `counted` says how often each was made."""

    def __init__(self, platform: OwnPlatform, seed: int, counted: Counter[str]) -> None:
        self._platform = platform
        self._random = random.Random(seed)  # noqa: S311  # an order that can be had again
        self._counted = counted
        self._stopped = Event()
        self._asleep: set[str] = set()
        self._sleepers: list[Thread] = []
        self._to_sleep = cycle(WORKERS)
        self._ballast = platform.root.with_name("ballast")
        self.names = [fault.name for fault in self._all()]

    def run(self) -> None:
        left: list[Fault] = []
        while not self._stopped.is_set():
            # What could not be made in its round comes first in the next one.
            faults, left = [*left, *self._round()], []
            for fault in faults:
                if self._stopped.wait(EVERY_SECONDS):
                    break
                if self._made(fault):
                    self._counted[fault.name] += 1
                else:
                    left.append(fault)
        for sleeper in self._sleepers:
            sleeper.join()

    @staticmethod
    def _made(fault: Fault) -> bool:
        with suppress(ProcessLookupError, DrillFailed, KeyError):
            return fault.strike()
        return False  # a process that is being started again at this moment is left alone

    def stop(self) -> None:
        """Make no more of them, and undo those that last."""
        self._stopped.set()

    def _round(self) -> list[Fault]:
        faults = self._all()
        self._random.shuffle(faults)
        return faults

    def _all(self) -> list[Fault]:
        return [
            *(Fault(f"{name} killed", partial(self._signal, name, signal.SIGKILL)) for name in _KILLED),
            *(Fault(f"{name} restarted", partial(self._signal, name, how)) for name, how in _RESTARTED.items()),
            *(Fault(f"{name} frozen for {_FROZEN_SECONDS:g} s", partial(self._freeze, name)) for name in _FROZEN),
            Fault(_ASLEEP, lambda: self._put_to_sleep(next(self._to_sleep))),
            Fault("functions killed", self._kill_functions),
            Fault(f"disk busy for {_BUSY_SECONDS:g} s", self._keep_disk_busy),
        ]

    def _pid(self, name: str) -> int:
        return int(self._platform.state()["processes"][name])

    def _signal(self, name: str, how: signal.Signals) -> bool:
        if name in self._asleep:
            return False
        os.kill(self._pid(name), how)
        return True

    def _freeze(self, name: str) -> bool:
        if name in self._asleep:
            return False
        pid = self._pid(name)
        own = children_of(pid) if name == "postgres" else []
        with _stopped([pid, *own]):
            self._stopped.wait(_FROZEN_SECONDS)
        return True

    def _put_to_sleep(self, name: str) -> bool:
        if name in self._asleep:
            return False
        pid = self._pid(name)
        self._asleep.add(name)

        def sleep() -> None:
            with _stopped([pid]):
                if self._stopped.wait(_PAST_LEASE_SECONDS):
                    self._counted[_ASLEEP] -= 1  # the soak ended before its leases did
            self._asleep.discard(name)

        self._sleepers.append(Thread(target=sleep, name=f"{name} asleep"))
        self._sleepers[-1].start()
        return True

    def _kill_functions(self) -> bool:
        functions = [pid for pid in children_of(self._pid("aws")) if command_of(pid).endswith(_FUNCTION)]
        for pid in functions:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(functions)

    def _keep_disk_busy(self) -> bool:
        _force_out(self._ballast, _BUSY_SECONDS, self._stopped)
        return True


@contextmanager
def _stopped(pids: Sequence[int]) -> Iterator[None]:
    """These processes stand still within the block."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _force_out(ballast: Path, seconds: float, stopped: Event) -> None:
    end = time.monotonic() + seconds
    content = os.urandom(_BALLAST_BYTES)
    try:
        with ballast.open("wb", buffering=0) as file:
            while time.monotonic() < end and not stopped.is_set():
                file.seek(0)
                file.write(content)
                os.fsync(file.fileno())
    finally:
        ballast.unlink(missing_ok=True)
