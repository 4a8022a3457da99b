"""A FIFO queue by the rules of SQS, within a process, whose faults and whose clock can be chosen.

docs/jobs-queue.md has the rules as a table, each row with its test. On top of them come the faults that SQS may show
too: messages lost, delivered twice, late, in another order than their groups were sent, batches taken in part, calls
that were obeyed but never answered, and outages. Which, and how many, stands in `Faults` and may change at any moment;
what is drawn by lot comes from a generator with a seed.
"""

from __future__ import annotations

import heapq
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from uuid import uuid4

from networx.blueprint import SQS_LONGEST_VISIBILITY
from networx.errors import QueueUnavailable
from networx.jobs.fifo import LARGEST_BYTES, Clock, Delivery, Depth, Entry, Faults, Refusal, Taken, check_batch, unfit
from networx.jobs.queue import BATCH

DEDUPLICATED_FOR_SECONDS = 300.0
KEPT_DELETED = 10_000  # receipts of deleted messages that are still known as such
_RECEIPT = re.compile(r"[0-9a-f-]{36}\.\d+", re.ASCII)


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

    `visibility`, `retention` and the largest body are the queue's own; after `most_receives` a message goes to
    `dead_letters`. `clock` counts seconds. Calls raise QueueUnavailable while `faults.away`, and Refusal where SQS
    would refuse. `counted` has how many messages were sent, received, deleted, buried, and met by each fault.
    """

    def __init__(
        self,
        *,
        visibility: timedelta = timedelta(seconds=30),
        retention: timedelta = timedelta(days=4),
        largest_bytes: int = LARGEST_BYTES,
        most_receives: int | None = None,
        dead_letters: MemoryFifo | None = None,
        faults: Faults | None = None,
        clock: Clock = time.monotonic,
        seed: int = 0,
    ) -> None:
        self.visibility = visibility
        self.retention = retention
        self.largest_bytes = largest_bytes
        self.most_receives = most_receives
        self.dead_letters = dead_letters
        self.faults = faults or Faults()
        self.counted: Counter[str] = Counter()
        self._clock = clock
        self._lots = Random(seed)  # noqa: S311  # which message a fault meets
        self._changed = threading.Condition()
        self._sequence = count(1)
        self._receipts = count(1)
        self._groups: dict[str, _Group] = {}
        self._in_flight: dict[str, _Stored] = {}  # by receipt
        self._deleted: dict[str, None] = {}  # receipts whose message was deleted by them, oldest first
        self._remembered: dict[tuple[str, str], tuple[float, Taken]] = {}  # by group and deduplication id
        self._offers: list[tuple[float, str]] = []  # heap of groups to receive from, by their head's place
        self._timers: list[tuple[float, str]] = []  # heap of when to look at a group again

    # --- what SQS offers ---

    def send(self, entries: Sequence[Entry]) -> list[Taken | Refusal]:
        """Take up to ten messages; what became of each. Raises Refusal for a batch that SQS refuses as a whole."""
        self._be_there()
        check_batch(entries)
        with self._changed:
            answers = [self._send(entry) for entry in entries]
            self._changed.notify(len(entries))
            self._answer()
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
                    self._answer()
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
            self._answer()

    def delete(self, receipt: str) -> None:
        """Take a message off for good; a second time changes nothing. Raises Refusal for an expired receipt."""
        self._be_there()
        with self._changed:
            self._advance()
            if receipt in self._deleted:
                return
            stored = self._held(receipt, "The receipt handle has expired.")
            del self._in_flight[receipt]
            self._deleted[receipt] = None
            while len(self._deleted) > KEPT_DELETED:
                del self._deleted[next(iter(self._deleted))]
            self._remove(stored)
            self._offer(stored.entry.group)
            self.counted["deleted"] += 1
            self._changed.notify()
            self._answer()

    def purge(self) -> None:
        """Forget every message, those in flight too. What was sent is remembered for deduplication."""
        self._be_there()
        self.forget()

    def forget(self) -> None:
        """A purge that an outage does not keep out."""
        with self._changed:
            for held in (self._groups, self._in_flight, self._offers, self._timers):
                held.clear()

    def depth(self) -> Depth:
        """How much stands in the queue now, also while it is away."""
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
        fault = unfit(entry, self.largest_bytes)
        if fault is not None:
            return fault
        if self._hit("refused", self.faults.refused):
            return Refusal("InternalError", "The entry was not taken; send it again.")
        key = (entry.group, entry.deduplication_id)
        self._forget_old(now)
        if key in self._remembered:
            self.counted["repeated"] += 1
            return self._remembered[key][1]
        taken = Taken(str(uuid4()), next(self._sequence))
        self._remembered[key] = (now, taken)
        self.counted["sent"] += 1
        if self._hit("lost", self.faults.lost):
            return taken
        self._store(taken, entry, now)
        if self._hit("duplicated", self.faults.duplicated):
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
        self.counted["received"] += 1
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
        self.counted["buried"] += 1
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
        """Put a group among those to receive from, if its first message is visible: what is in flight blocks what
        comes after it."""
        group = self._groups.get(name)
        if group is None or group.offered:
            return
        head = group.messages[0]
        if head.receipt is not None:
            return
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

    def _hit(self, fault: str, share: float) -> bool:
        met = share > 0 and self._lots.random() < share
        self.counted[fault] += met
        return met

    def _be_there(self) -> None:
        if self.faults.away:
            raise QueueUnavailable

    def _answer(self) -> None:
        if self._hit("unanswered", self.faults.unanswered):
            raise QueueUnavailable
