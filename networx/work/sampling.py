"""Several looks within one tick: a schedule cannot beat a minute, so a monitor looks again inside it.

A look that fails does not hide the next one, and one reading that fails hides no other. A reading that failed at every
look of a tick raises at its end: the function then counts as failed, and that is what its alarm watches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from networx.observability.logs import Log

log = Log(__name__)

Reading = Callable[[], None]

TICK = timedelta(minutes=1)
# A look may wait that long for a server that is away; it is not begun with less time left.
LONGEST_LOOK = timedelta(seconds=12)


def sample(
    readings: Mapping[str, Reading],
    *,
    every: timedelta,
    left: Callable[[], timedelta],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Take all readings now and then again `every`, until the tick is over or `left` runs short; how many looks.

    Looks stand at fixed distances from the first: one that took long is followed by the next that is due, and none is
    made up for. Raises what ails a reading that failed each time.
    """
    began = clock()
    due = timedelta(0)
    looks = 1
    always = take(readings)
    while True:
        passed = timedelta(seconds=clock() - began)
        due += every
        while due < passed:
            due += every
        wait = due - passed
        if due >= TICK or left() - wait < LONGEST_LOOK:
            break
        sleep(wait.total_seconds())
        looks += 1
        again = take(readings)
        always = {name: fault for name, fault in again.items() if name in always}
    for fault in always.values():
        raise fault
    return looks


def take(readings: Mapping[str, Reading]) -> dict[str, Exception]:
    """Take every reading once, whatever ails the others; what failed, and why."""
    faults: dict[str, Exception] = {}
    for name, reading in readings.items():
        try:
            reading()
        except Exception as fault:
            log.error("reading.failed", fault=fault, reading=name)
            faults[name] = fault
    return faults
