"""How often somebody may ask: one cell a caller in Valkey, for all web tasks; in this process while Valkey is away.

A cell is GCRA (the generic cell rate algorithm) with a burst of the whole limit, and beside it the count of the period
that began with the caller's first request. The count makes a limit mean what it says: of 150 requests in a minute
exactly 100 pass, however they are spread; GCRA keeps the end of one period and the beginning of the next from letting
two bursts pass together.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import hiredis
import redis
from redis.commands.core import Script

from networx.errors import CacheUnavailable
from networx.observability import metrics
from networx.resilience.cache import FAULTS, breaker, cache_client, valkey

# Callers remembered in this process while Valkey is away.
MOST_CELLS = 10_000
# Connections that wait for the next look, of the fifty that the client may have.
MOST_KEPT = 20

# KEYS[1] the cell; ARGV: most, the period and, for tests, the time. All times are whole microseconds.
# Answers {admitted, remaining, wait, whole again in}. A cell that expires is one that would count as new.
_SCRIPT = """
local most, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = tonumber(ARGV[3])
if not now then
    local time = redis.call('TIME')
    now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local interval = math.floor(period / most)
local held = redis.call('HMGET', KEYS[1], 'due', 'began', 'taken')
local due = math.max(tonumber(held[1]) or now, now)
if due > now + period then
    due = now  -- the clock was set back
end
local began, taken = tonumber(held[2]) or now, tonumber(held[3]) or 0
if now >= began + period or now < began then
    began, taken = now, 0
end
local wait = math.max(due + interval - period - now, 0)
if taken >= most then
    wait = math.max(wait, began + period - now)
end
if wait == 0 then
    due, taken = due + interval, taken + 1
    redis.call('HSET', KEYS[1], 'due', string.format('%.0f', due), 'began', string.format('%.0f', began),
               'taken', string.format('%.0f', taken))
    redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(due, began + period) / 1000) - math.floor(now / 1000))
end
local left = math.min(math.floor((now + period - due) / interval), most - taken)
return {wait == 0 and 1 or 0, math.max(left, 0), wait, math.max(due, began + period) - now}
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` requests in a `period`."""

    name: str
    most: int
    period: timedelta

    @property
    def period_microseconds(self) -> int:
        return self.period // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request passes, how many more may, and in how many whole seconds one more, or all of them."""

    limit: Limit
    admitted: bool
    remaining: int
    retry_after_seconds: int
    reset_seconds: int


@dataclass(slots=True)
class _Cell:
    due: int
    began: int
    taken: int = 0


class Limiter:
    """Takes from cells. `clock` (in microseconds) is for tests: without it Valkey's own clock counts."""

    def __init__(self, clock: Callable[[], int] | None = None) -> None:
        self._clock = clock
        self._alone = InProcess(clock or _microseconds)

    def take(self, limit: Limit, whose: str) -> Verdict:
        """Ask for one request of `whose`. Never fails."""
        try:
            return self._take_in_valkey(limit, whose)
        except CacheUnavailable:
            metrics.emit("RateLimitsCountedAlone", 1)
            return self._alone.take(limit, whose)

    def ask(self, limit: Limit, whose: str, held: ExitStack) -> Callable[[], Verdict]:
        """As `take`, in two steps: Valkey is asked now and waited for when the verdict is called for.

        `held` keeps the connection until then.
        """
        # What goes wrong here `take` begins anew, and that is what the breaker hears of.
        if breaker().doubted:
            return lambda: self.take(limit, whose)
        try:
            asked = held.enter_context(_Asked(cache_client(), self._command(limit, whose)))
        except FAULTS:
            return lambda: self.take(limit, whose)

        def verdict() -> Verdict:
            try:
                return _told(limit, asked.answer())
            except FAULTS:
                # The script is not there yet, or the connection broke.
                return self.take(limit, whose)

        return verdict

    def _command(self, limit: Limit, whose: str) -> tuple[str, ...]:
        now = "" if self._clock is None else str(self._clock())
        sha: str = _script(cache_client()).sha
        return ("EVALSHA", sha, "1", _key(limit, whose), str(limit.most), str(limit.period_microseconds), now)

    def _take_in_valkey(self, limit: Limit, whose: str) -> Verdict:
        now = "" if self._clock is None else str(self._clock())
        with valkey(needed=False) as client:
            answer = _script(client)(keys=[_key(limit, whose)], args=[limit.most, limit.period_microseconds, now])
        return _told(limit, answer)


class _Asked:
    """A command under way on a connection of its own, which is kept for the next one at the block's end.

    The client's way to a connection and back asks for more than a script takes; what it would have found out shows
    when the answer does not come, and `take` begins anew.
    """

    def __init__(self, client: redis.Redis, command: tuple[str, ...]) -> None:
        self._client = client
        self._command = command
        self._answered = False

    def __enter__(self) -> _Asked:
        kept = _kept(self._client)
        try:
            self._connection = kept.pop()
        except IndexError:
            self._connection = self._client.connection_pool.get_connection()
        try:
            self._connection.send_packed_command(  # type: ignore[no-untyped-call]  # the library's own gap
                [hiredis.pack_command(self._command)],  # type: ignore[arg-type]  # its stub means a tuple of one
                check_health=False,
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def answer(self) -> Any:
        # Raises where the connection broke.
        answer = self._connection.read_response()
        self._answered = True
        return answer

    def __exit__(self, *_: object) -> None:
        kept = _kept(self._client)
        if self._answered and len(kept) < MOST_KEPT:
            kept.append(self._connection)
            return
        if not self._answered:
            # What it may still answer must be nobody else's answer.
            self._connection.disconnect()  # type: ignore[no-untyped-call]
        self._client.connection_pool.release(self._connection)


class InProcess:
    """The same cells in the memory of one process, the callers heard of longest ago forgotten first."""

    def __init__(self, clock: Callable[[], int], most_cells: int = MOST_CELLS) -> None:
        self._clock = clock
        self._most_cells = most_cells
        self._cells: dict[str, _Cell] = {}
        self._lock = threading.Lock()

    def take(self, limit: Limit, whose: str) -> Verdict:
        """Ask for one request of `whose`."""
        now, period = self._clock(), limit.period_microseconds
        interval = period // limit.most
        with self._lock:
            cell = self._cells.pop(_key(limit, whose), None) or _Cell(due=now, began=now)
            while len(self._cells) >= self._most_cells:
                del self._cells[next(iter(self._cells))]
            self._cells[_key(limit, whose)] = cell
            cell.due = now if cell.due > now + period else max(cell.due, now)
            if now >= cell.began + period or now < cell.began:
                cell.began, cell.taken = now, 0
            wait = max(cell.due + interval - period - now, 0)
            if cell.taken >= limit.most:
                wait = max(wait, cell.began + period - now)
            if wait == 0:
                cell.due, cell.taken = cell.due + interval, cell.taken + 1
            left = min((now + period - cell.due) // interval, limit.most - cell.taken)
            return _verdict(limit, wait == 0, max(left, 0), wait, max(cell.due, cell.began + period) - now)


def _microseconds() -> int:
    return time.monotonic_ns() // 1000


def _key(limit: Limit, whose: str) -> str:
    return f"networx:limits:{limit.name}:{whose}"


def _verdict(limit: Limit, admitted: bool, remaining: int, wait: int, whole: int) -> Verdict:
    return Verdict(limit, admitted, remaining, math.ceil(wait / 1_000_000), math.ceil(whole / 1_000_000))


def _told(limit: Limit, answer: Sequence[Any]) -> Verdict:
    admitted, remaining, wait, whole = (int(number) for number in answer)
    return _verdict(limit, bool(admitted), remaining, wait, whole)


@lru_cache(maxsize=1)
def _kept(_client: redis.Redis) -> list[redis.Connection]:
    # Of this client alone: another one may have another server. The one used last is taken first.
    return []


@lru_cache(maxsize=1)
def _script(client: redis.Redis) -> Script:
    return client.register_script(_SCRIPT)
