"""One tick over the dead-letter queues of jobs: tokens make way for fresh hints, what on-call must see stays.

It looks without taking: what is received is hidden while the tick lasts, and given back at its end. Whatever befalls
the tick, SQS shows every message again half a minute later.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from networx.db import pool
from networx.jobs import dead_letters, relay
from networx.jobs.dead_letters import Fate
from networx.jobs.queue import BATCH, JobQueue, Message, OpenQueue
from networx.jobs.sqs import SqsQueue
from networx.observability import metrics
from networx.observability.logs import Log
from networx.topology import TOPOLOGY
from networx.work.sampling import take

log = Log(__name__)

# Long enough that SQS asks all its servers.
_WAIT = timedelta(seconds=1)
# Those behind are reached when the ones before have gone; the jobs of tokens among them get a hint from the monitor.
LOOKED_AT = 500
_SHOWN_CHARACTERS = 200
_REMEMBERED = 10_000

# What was reported by this process. A function lives for hours, and tells again after that.
_reported: dict[str, None] = {}


def tick(open_queue: OpenQueue = SqsQueue) -> dict[str, int]:
    """Go through every dead-letter queue; how many messages of each fate there were. Raises what ailed one of them."""
    fates: Counter[Fate] = Counter()
    chores = {
        queue.name: lambda name=queue.name: fates.update(look_through(name, open_queue))
        for queue in TOPOLOGY.job_queues()
    }
    faults = take(chores)
    if fates[Fate.REPLACED]:
        relay.send_soon(open_queue)
    for fault in faults.values():
        raise fault
    return {fate.value: fates[fate] for fate in Fate}


def look_through(name: str, open_queue: OpenQueue = SqsQueue) -> Counter[Fate]:
    """Settle the dead letters of one queue. Raises DatabaseUnavailable, QueueUnavailable; none is lost then."""
    queue = open_queue(name, dead_letters=True)
    fates: Counter[Fate] = Counter()
    kept: list[Message] = []
    try:
        while sum(fates.values()) < LOOKED_AT and (messages := queue.receive(BATCH, _WAIT)):
            kept += messages
            for message in messages:
                fate = _settle(message, name)
                fates[fate] += 1
                if fate in (Fate.REPLACED, Fate.SETTLED):
                    queue.delete(message)
                    kept.remove(message)
    finally:
        _give_back(queue, kept)
    for fate in Fate:
        metrics.emit("DeadLetters", fates[fate], QueueName=name, Letter=fate.value)
    return fates


def _settle(message: Message, queue: str) -> Fate:
    letter = dead_letters.read(message.body)
    fate = Fate.UNKNOWN
    if letter is not None:
        # The fresh hint is in the record before the token goes: who dies in between leaves one too many.
        with pool.system() as connection:
            fate = dead_letters.settle(connection, letter)
    match fate:
        case Fate.UNKNOWN:
            _report(message, queue)
        case Fate.REPLACED | Fate.SETTLED:
            log.info("dead_letter.gone", queue=queue, jobId=letter.job_id if letter else None, fate=fate.value)
        case Fate.STAYS:
            pass
    return fate


def _report(message: Message, queue: str) -> None:
    if message.id in _reported:
        return
    _reported[message.id] = None
    while len(_reported) > _REMEMBERED:
        del _reported[next(iter(_reported))]
    log.error(
        "dead_letter.not_ours",
        queue=queue,
        messageId=message.id,
        characters=len(message.body),
        begins=message.body[:_SHOWN_CHARACTERS],
    )


def _give_back(queue: JobQueue, messages: list[Message]) -> None:
    # The first of a group before those behind it, as they came.
    for message in messages:
        queue.hide(message, timedelta(0))
