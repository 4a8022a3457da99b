"""Queues within a process, behind the same port as SQS: for benchmarks, and for tests that choose the faults.

The rules are those of a FIFO queue of SQS (docs/jobs-queue.md has them as a table, each row with its test). On top
of them come the faults that SQS may show too: messages lost, delivered twice, late, in another order than their
groups were sent, batches taken in part, and outages. Which, and how many, stands in `Faults` and may change at any
moment; what is drawn by lot comes from a generator with a seed.
"""

from __future__ import annotations

import heapq
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import NamedTuple
from uuid import uuid4

from networx.blueprint import SQS_LONGEST_VISIBILITY, Queue, Topology
from networx.errors import QueueUnavailable
from networx.jobs.queue import BATCH, Hint, Message
from networx.topology import TOPOLOGY

Clock = Callable[[], float]

DEDUPLICATED_FOR_SECONDS = 300.0
LARGEST_BYTES = 1024**2  # of one body, and of all bodies of one batch
_NOT_ALLOWED = re.compile("[^\t\n\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RECEIPT = re.compile(r"[0-9a-f-]{36}\.\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong, as shares of the messages (0 to 1) unless said otherwise."""

    lost: float = 0.0  # taken, and never delivered
    duplicated: float = 0.0  # delivered `copies` times more, in flight at once
    copies: int = 1
    refused: float = 0.0  # entries of a batch that are not taken, the others being
    late_seconds: float = 0.0  # the longest that a message stays out of sight after it was sent
    reordered: bool = False  # groups come in an order drawn by lot; within a group order is kept
    away: bool = False  # nothing can be reached


class Refusal(Exception):
    """What SQS would answer an impossible call. `code` is the word of its error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Entry(NamedTuple):
    """One message of a batch to be sent."""

    body: str
    group: str
    deduplication_id: str


class Taken(NamedTuple):
    """The answer to a sent message: its id and its place in the queue, the first's where it was a repetition."""

    id: str
    sequence: int


class Delivery(NamedTuple):
    """One receipt of a message. Instants are the queue's clock, in seconds."""

    id: str
    body: str
    receipt: str
    received: int
    group: str
    deduplication_id: str
    sequence: int
    sent_at: float
    first_received_at: float


class Depth(NamedTuple):
    """How many messages can be received (now or behind others of their group), are in flight, and come late."""

    visible: int
    in_flight: int
    late: int


@dataclass(slots=True, eq=False)
class _Stored:
    id: str
    entry: Entry
    sequence: int
    sent_at: float
    visible_at: float
    received: int = 0
    first_received_at: float = 0.0
    last_received_at: float = 0.0
    receipt: str | None = None  # while in flight


@dataclass(slots=True)
class _Group:
    messages: list[_Stored] = field(default_factory=list)
    offered: bool = False  # stands among those that can be received from


class MemoryFifo:
    """One FIFO queue of SQS's rules. Any number of threads may use it.

    `visibility` and `retention` are the queue's own; after `most_receives` a message goes to `dead_letters`. `clock`
    counts seconds. Calls raise QueueUnavailable while `faults.away`, and Refusal where SQS would refuse.
    """

    def __init__(
        self,
        *,
        visibility: timedelta = timedelta(seconds=30),
        retention: timedelta = timedelta(days=4),
        most_receives: int | None = None,
        dead_letters: MemoryFifo | None = None,
        faults: Faults | None = None,
        clock: Clock = time.monotonic,
        seed: int = 0,
    ) -> None:
        self.visibility = visibility
        self.retention = retention
        self.most_receives = most_receives
        self.dead_letters = dead_letters
        self.faults = faults or Faults()
        self._clock = clock
        self._lots = Random(seed)  # noqa: S311  # which message a fault meets
        self._changed = threading.Condition()
        self._sequence = count(1)
        self._receipts = count(1)
        self._groups: dict[str, _Group] = {}
        self._in_flight: dict[str, _Stored] = {}  # by receipt
        self._deleted: set[str] = set()  # receipts whose message was deleted by them
        self._remembered: dict[tuple[str, str], tuple[float, Taken]] = {}  # by group and deduplication id
        self._offers: list[tuple[float, str]] = []  # heap of groups to receive from, by their head's place
        self._timers: list[tuple[float, str]] = []  # heap of when to look at a group again

    # --- what SQS offers ---

    def send(self, entries: Sequence[Entry]) -> list[Taken | Refusal]:
        """Take up to ten messages; what became of each. Raises Refusal for a batch that SQS refuses as a whole."""
        self._be_there()
        _check_batch(entries)
        with self._changed:
            answers = [self._send(entry) for entry in entries]
            self._changed.notify(len(entries))
        return answers

    def receive(self, most: int, wait: timedelta, visibility: timedelta | None = None) -> list[Delivery]:
        """Up to `most` messages, waiting up to `wait` for the first; as many of one group as there are."""
        deadline = time.monotonic() + wait.total_seconds()
        with self._changed:
            while True:
                self._be_there()
                deliveries = self._receive(most, self.visibility if visibility is None else visibility)
                left = deadline - time.monotonic()
                if deliveries or left <= 0:
                    return deliveries
                self._changed.wait(min(left, self._next_timer()))

    def change_visibility(self, receipt: str, timeout: timedelta) -> None:
        """Hide a message in flight for `timeout` from now. Raises Refusal for a receipt that no longer counts."""
        self._be_there()
        with self._changed:
            stored = self._held(receipt, "Message does not exist or is not available for visibility timeout change.")
            now = self._clock()
            if now + timeout.total_seconds() > stored.last_received_at + SQS_LONGEST_VISIBILITY.total_seconds():
                raise Refusal(
                    "InvalidParameterValue", "Total VisibilityTimeout for the message is beyond the limit [43200]."
                )
            stored.visible_at = now + timeout.total_seconds()
            self._look_again(stored.entry.group, stored.visible_at)
            self._advance()
            self._changed.notify()

    def delete(self, receipt: str) -> None:
        """Take a message off for good; a second time changes nothing. Raises Refusal for an expired receipt."""
        self._be_there()
        with self._changed:
            self._advance()
            if receipt in self._deleted:
                return
            stored = self._held(receipt, "The receipt handle has expired.")
            del self._in_flight[receipt]
            self._deleted.add(receipt)
            self._remove(stored)
            self._offer(stored.entry.group)
            self._changed.notify()

    def purge(self) -> None:
        """Forget every message, those in flight too. What was sent is remembered for deduplication."""
        self._be_there()
        with self._changed:
            for held in (self._groups, self._in_flight, self._offers, self._timers):
                held.clear()

    def depth(self) -> Depth:
        """How much stands in the queue now."""
        self._be_there()
        with self._changed:
            self._advance()
            now = self._clock()
            stored = [message for group in self._groups.values() for message in group.messages]
            late = sum(message.receipt is None and message.visible_at > now for message in stored)
            return Depth(len(stored) - len(self._in_flight) - late, len(self._in_flight), late)

    def nudge(self) -> None:
        """Let waiting receivers look at the clock again, after it was moved."""
        with self._changed:
            self._changed.notify_all()

    # --- sending; the lock is held from here on ---

    def _send(self, entry: Entry) -> Taken | Refusal:
        now = self._clock()
        unfit = _unfit(entry)
        if unfit is not None:
            return unfit
        if self._hit(self.faults.refused):
            return Refusal("InternalError", "The entry was not taken; send it again.")
        key = (entry.group, entry.deduplication_id)
        self._forget_old(now)
        if key in self._remembered:
            return self._remembered[key][1]
        taken = Taken(str(uuid4()), next(self._sequence))
        self._remembered[key] = (now, taken)
        if self._hit(self.faults.lost):
            return taken
        self._store(taken, entry, now)
        if self._hit(self.faults.duplicated):
            for number in range(self.faults.copies):
                # In a group of its own, so that both can be in flight at once.
                self._store(taken, entry._replace(group=f"{entry.group} copy {number}"), now)
        return taken

    def _store(self, taken: Taken, entry: Entry, now: float) -> None:
        late = self._lots.uniform(0, self.faults.late_seconds) if self.faults.late_seconds else 0.0
        stored = _Stored(taken.id, entry, taken.sequence, sent_at=now, visible_at=now + late)
        self._groups.setdefault(entry.group, _Group()).messages.append(stored)
        self._offer(entry.group)

    def _forget_old(self, now: float) -> None:
        # They stand in the order they were first sent: the oldest is in front.
        while self._remembered:
            key, (sent_at, _) = next(iter(self._remembered.items()))
            if now - sent_at < DEDUPLICATED_FOR_SECONDS:
                return
            del self._remembered[key]

    # --- receiving ---

    def _receive(self, most: int, visibility: timedelta) -> list[Delivery]:
        self._advance()
        deliveries: list[Delivery] = []
        while self._offers and len(deliveries) < min(most, BATCH):
            _, name = heapq.heappop(self._offers)
            group = self._groups.get(name)
            if group is None or not group.offered:
                continue
            group.offered = False
            deliveries += self._receive_from(name, min(most, BATCH) - len(deliveries), visibility)
        return deliveries

    def _receive_from(self, name: str, most: int, visibility: timedelta) -> list[Delivery]:
        now = self._clock()
        deliveries: list[Delivery] = []
        for stored in self._groups[name].messages[:]:
            if stored.visible_at > now or len(deliveries) == most:
                break
            if now - stored.sent_at >= self.retention.total_seconds():
                self._remove(stored)
            elif self.most_receives is not None and stored.received >= self.most_receives:
                self._bury(stored)
            else:
                deliveries.append(self._deliver(stored, now, visibility))
        self._offer(name)
        return deliveries

    def _deliver(self, stored: _Stored, now: float, visibility: timedelta) -> Delivery:
        stored.received += 1
        stored.first_received_at = stored.first_received_at or now
        stored.last_received_at = now
        stored.receipt = f"{stored.id}.{next(self._receipts)}"
        stored.visible_at = now + visibility.total_seconds()
        self._in_flight[stored.receipt] = stored
        self._look_again(stored.entry.group, stored.visible_at)
        return Delivery(
            stored.id,
            stored.entry.body,
            stored.receipt,
            stored.received,
            stored.entry.group,
            stored.entry.deduplication_id,
            stored.sequence,
            stored.sent_at,
            stored.first_received_at,
        )

    def _bury(self, stored: _Stored) -> None:
        self._remove(stored)
        if self.dead_letters is not None:
            self.dead_letters.bring(stored.id, stored.entry)

    def bring(self, message_id: str, entry: Entry) -> None:
        """Take a message that another queue gave up: with its id and group, and never as a repetition."""
        with self._changed:
            self._store(Taken(message_id, next(self._sequence)), entry, self._clock())
            self._changed.notify()

    # --- the state of messages and groups ---

    def _held(self, receipt: str, otherwise: str) -> _Stored:
        self._advance()
        if receipt in self._in_flight:
            return self._in_flight[receipt]
        if not _RECEIPT.fullmatch(receipt):
            raise Refusal("ReceiptHandleIsInvalid", "The input receipt handle is not a valid receipt handle.")
        raise Refusal("InvalidParameterValue", f"Value for parameter ReceiptHandle is invalid. Reason: {otherwise}")

    def _advance(self) -> None:
        """Let go of every message whose time has come, and offer its group."""
        now = self._clock()
        while self._timers and self._timers[0][0] <= now:
            _, name = heapq.heappop(self._timers)
            for stored in self._groups[name].messages if name in self._groups else ():
                if stored.receipt is not None and stored.visible_at <= now:
                    del self._in_flight[stored.receipt]
                    stored.receipt = None
            self._offer(name)

    def _offer(self, name: str) -> None:
        """Put a group among those to receive from, if its first message is visible and none is in flight."""
        group = self._groups.get(name)
        if group is None or group.offered or any(stored.receipt is not None for stored in group.messages):
            return
        head = group.messages[0]
        if head.visible_at > self._clock():
            self._look_again(name, head.visible_at)
            return
        group.offered = True
        place = self._lots.uniform(0, head.sequence) if self.faults.reordered else float(head.sequence)
        heapq.heappush(self._offers, (place, name))

    def _look_again(self, name: str, at: float) -> None:
        heapq.heappush(self._timers, (at, name))

    def _remove(self, stored: _Stored) -> None:
        group = self._groups[stored.entry.group]
        group.messages.remove(stored)
        if not group.messages:
            del self._groups[stored.entry.group]

    def _next_timer(self) -> float:
        return max(self._timers[0][0] - self._clock(), 0.001) if self._timers else threading.TIMEOUT_MAX

    # --- faults ---

    def _hit(self, share: float) -> bool:
        return share > 0 and self._lots.random() < share

    def _be_there(self) -> None:
        if self.faults.away:
            raise QueueUnavailable


def _check_batch(entries: Sequence[Entry]) -> None:
    if not entries:
        raise Refusal("EmptyBatchRequest", "There should be at least one entry in the request.")
    if len(entries) > BATCH:
        raise Refusal("TooManyEntriesInBatchRequest", f"A batch has {BATCH} entries at most.")
    size = sum(len(entry.body.encode()) for entry in entries)
    if size > LARGEST_BYTES:
        raise Refusal("BatchRequestTooLong", f"Batch requests cannot be longer than {LARGEST_BYTES} bytes.")


def _unfit(entry: Entry) -> Refusal | None:
    """Why one entry of a batch is not taken; the others may be."""
    if not entry.body:
        return Refusal("MissingParameter", "The request must contain the parameter MessageBody.")
    if _NOT_ALLOWED.search(entry.body):
        return Refusal("InvalidMessageContents", "The message contains characters outside the allowed set.")
    return None


class MemoryQueue:
    """A queue of the topology, or its dead-letter queue, over a MemoryFifo: the port's in-memory side."""

    def __init__(self, queue: Queue, fifo: MemoryFifo) -> None:
        self.queue = queue
        self.fifo = fifo

    def send(self, hints: Sequence[Hint]) -> set[int]:
        entries = [Entry(hint.body(), hint.group, hint.deduplication_id) for hint in hints]
        answers = self._asked(self.fifo.send, entries)
        return {position for position, answer in enumerate(answers) if isinstance(answer, Taken)}

    def receive(self, most: int, wait: timedelta) -> list[Message]:
        return [
            Message(delivery.id, delivery.body, delivery.receipt, delivery.received)
            for delivery in self.fifo.receive(most, wait)
        ]

    def hide(self, message: Message, timeout: timedelta) -> bool:
        try:
            self.fifo.change_visibility(message.receipt, timeout)
        except Refusal:
            return False
        return True

    def delete(self, message: Message) -> bool:
        try:
            self.fifo.delete(message.receipt)
        except Refusal:
            return False
        return True

    @staticmethod
    def _asked(send: Callable[[Sequence[Entry]], list[Taken | Refusal]], entries: list[Entry]) -> list[Taken | Refusal]:
        try:
            return send(entries)
        except Refusal as fault:
            raise QueueUnavailable from fault


class MemoryQueues:
    """Opens the job queues of a topology in memory: each with its dead-letter queue, all with one clock."""

    def __init__(self, topology: Topology = TOPOLOGY, *, clock: Clock = time.monotonic, seed: int = 0) -> None:
        self._queues: dict[tuple[str, bool], MemoryQueue] = {}
        for number, queue in enumerate(topology.job_queues()):
            dead = MemoryFifo(retention=queue.dead_letter_retention, clock=clock, seed=seed + 2 * number + 1)
            live = MemoryFifo(
                visibility=queue.visibility_timeout,
                retention=queue.retention,
                most_receives=queue.max_receive_count,
                dead_letters=dead,
                clock=clock,
                seed=seed + 2 * number,
            )
            self._queues[queue.name, False] = MemoryQueue(queue, live)
            self._queues[queue.name, True] = MemoryQueue(queue, dead)

    def __call__(self, name: str, *, dead_letters: bool = False) -> MemoryQueue:
        return self._queues[name, dead_letters]
