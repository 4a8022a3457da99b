"""What a FIFO queue of SQS takes, gives and refuses, and the faults that an in-memory one can be told to show."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from networx.jobs.queue import BATCH

Clock = Callable[[], float]

LARGEST_BYTES = 1024**2  # all bodies of one batch together, and one body where its queue says nothing else
_NOT_ALLOWED = re.compile("[^\t\n\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong, as shares of the messages (0 to 1) unless said otherwise."""

    lost: float = 0.0  # taken, and never delivered
    duplicated: float = 0.0  # delivered `copies` times more, in flight at once
    copies: int = 1
    refused: float = 0.0  # entries of a batch that are not taken, the others being
    late_seconds: float = 0.0  # the longest that a message stays out of sight after it was sent
    reordered: bool = False  # groups come in an order drawn by lot; within a group order is kept
    unanswered: float = 0.0  # calls that are obeyed, and then fail as if the queue were away
    away: bool = False  # nothing can be reached


class MovableClock:
    """The machine's clock in seconds, and what it was moved on by."""

    def __init__(self) -> None:
        self._moved = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._moved

    def advance(self, seconds: float) -> None:
        self._moved += seconds


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


def check_batch(entries: Sequence[Entry]) -> None:
    if not entries:
        raise Refusal("EmptyBatchRequest", "There should be at least one entry in the request.")
    if len(entries) > BATCH:
        raise Refusal("TooManyEntriesInBatchRequest", f"A batch has {BATCH} entries at most.")
    size = sum(len(entry.body.encode()) for entry in entries)
    if size > LARGEST_BYTES:
        raise Refusal("BatchRequestTooLong", f"Batch requests cannot be longer than {LARGEST_BYTES} bytes.")
    for entry in entries:
        if not entry.group or not entry.deduplication_id:
            raise Refusal(
                "InvalidParameterValue", "The request must contain MessageGroupId and MessageDeduplicationId."
            )


def unfit(entry: Entry, largest_bytes: int) -> Refusal | None:
    """Why one entry of a batch is not taken; the others may be."""
    if len(entry.body.encode()) > largest_bytes:
        return Refusal("InvalidParameterValue", f"Message must be shorter than {largest_bytes} bytes.")
    if not entry.body:
        return Refusal("MissingParameter", "The request must contain the parameter MessageBody.")
    if _NOT_ALLOWED.search(entry.body):
        return Refusal("InvalidMessageContents", "The message contains characters outside the allowed set.")
    return None
