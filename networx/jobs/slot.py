"""What a slot of a worker holds: children started ahead, its place among the ordinary jobs, its message, its leave."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from networx.jobs.context import Handler
from networx.jobs.job import Job
from networx.jobs.queue import Message
from networx.resilience.confine import Child


class Ahead:
    """One child a kind, started ahead by the slot's own thread: the kernel ends a child with its maker."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers
        self._children: dict[str, Child] = {}

    def prepare(self) -> None:
        for kind, handler in self._handlers.items():
            if handler.confinement is None or (kind in self._children and self._children[kind].alive):
                continue
            self._children[kind] = Child(handler.confinement)

    def take(self, kind: str) -> Child | None:
        self.prepare()
        return self._children.pop(kind, None)

    def end(self) -> None:
        for child in self._children.values():
            child.kill()


class Slot:
    """One slot's own: its children, the message it works on, its place, and the job it was given with a completion.

    `call` is what the solver's circuit let it in with.
    """

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self.ahead = Ahead(handlers)
        self.message: Message | None = None
        self.call: object = None
        self.holds_place = False
        self.hidden_until = 0.0  # the message, by this process's clock
        self.asked_on = False
        self.following: Job | None = None
        self.in_doubt = False


class Room:
    """How many of a worker's slots may run ordinary jobs at once. Entered before the claim, so that two slots that ask
    at the same instant cannot both get the last place."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._lock = threading.Lock()

    @property
    def full(self) -> bool:
        return self._free == 0

    def enter(self) -> bool:
        with self._lock:
            if self._free == 0:
                return False
            self._free -= 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._free += 1
