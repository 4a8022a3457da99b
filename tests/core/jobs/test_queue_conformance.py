"""The truth table of docs/jobs-queue.md, a test a row, over every queue behind the port.

Where the emulator differs from SQS the row is expected to fail there, strictly: the day it no longer does, the
expectation must go. Rows that need a clock to be moved cannot be put to the emulator, and say so in the table.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from networx.jobs.fifo import Entry
from networx.jobs.queue import Hint, JobQueue, Message
from tests.core.jobs.queue_subjects import (
    LARGEST_BYTES,
    RETENTION_SECONDS,
    VISIBILITY_SECONDS,
    Refused,
    Service,
    double,
    emulator,
    memory,
)
from tests.core.jobs.queue_subjects import Subject as Subject

TABLE = Path(__file__).parents[3] / "docs" / "jobs-queue.md"
SERVICES = ("memory", "double", "emulator")
NOW = timedelta(0)
SOON = timedelta(seconds=1)
EXPIRED = VISIBILITY_SECONDS + 0.5
A_DAY = 86_400
A, B = UUID(int=1), UUID(int=2)

# What the emulator does instead. docs/jobs-queue.md says the same, with the source of the rule.
EMULATOR_DIFFERS = {
    "group-together": "gives messages in the order they were sent, whatever their groups",
    "blocks-only-what-follows": "keeps the whole group back while any of its messages is in flight",
    "delete-after-expiry": "still takes a receipt whose message became visible again",
    "hide-beyond-twelve-hours": "hides a message for any time",
    "no-group": "refuses the entry and takes the others",
}
NEEDS_CLOCK = {
    "repeated-after-five-minutes",
    "repeated-counts-from-the-first",
    "twelve-hours-in-all",
    "retention",
    "dead-letter-retention",
}
_rows: list[str] = []


def row(word: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The test of the row of this word, run over each service that can be held to it."""
    _rows.append(word)
    cases = []
    for name in SERVICES:
        if name == "emulator" and word in NEEDS_CLOCK:
            continue
        differs = EMULATOR_DIFFERS.get(word) if name == "emulator" else None
        strictly = pytest.mark.xfail(strict=True, raises=AssertionError, reason=differs or "")
        cases.append(pytest.param(name, id=f"{word}-{name}", marks=[strictly] if differs else []))
    return pytest.mark.parametrize("service", cases, indirect=True)


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    if request.param == "memory":
        with memory() as made:
            yield made
        return
    environment = request.getfixturevalue("machine").environment
    if request.param == "emulator":
        request.getfixturevalue("aws")
    with {"emulator": emulator, "double": double}[request.param](environment) as made:
        yield made


@pytest.fixture
def subject(service: Service) -> Subject:
    return service()


def put(subject: Subject, *names: str) -> None:
    """Send messages named like a1: the letter is the group, the name the deduplication id and the body."""
    assert "" not in subject.send([Entry(name, name[0], name) for name in names])


def take(queue: JobQueue, most: int = 10, wait: timedelta = NOW) -> list[Message]:
    return queue.receive(most, wait)


def bodies(messages: list[Message]) -> list[str]:
    return [message.body for message in messages]


def drain(queue: JobQueue) -> list[str]:
    found = []
    while messages := take(queue):
        for message in messages:
            found.append(message.body)
            queue.delete(message)
    return found


# --- order ---


@row("order-within-group")
def test_order_within_group(subject: Subject) -> None:
    put(subject, "a1", "a2", "a3")
    assert bodies(take(subject.queue)) == ["a1", "a2", "a3"]


@row("order-across-batches")
def test_order_across_batches(subject: Subject) -> None:
    put(subject, "a1", "a2")
    put(subject, "a3")
    put(subject, "a4", "a5")
    assert drain(subject.queue) == ["a1", "a2", "a3", "a4", "a5"]


@row("group-together")
def test_group_together(subject: Subject) -> None:
    put(subject, "a1", "b1", "a2", "a3")
    assert bodies(take(subject.queue)) == ["a1", "a2", "a3", "b1"]


@row("group-blocked")
def test_group_blocked(subject: Subject) -> None:
    put(subject, "a1", "a2")
    assert bodies(take(subject.queue, 1)) == ["a1"]
    assert take(subject.queue) == []


@row("other-groups-go-on")
def test_other_groups_go_on(subject: Subject) -> None:
    put(subject, "a1", "a2", "b1", "b2")
    assert bodies(take(subject.queue, 1)) == ["a1"]
    assert bodies(take(subject.queue)) == ["b1", "b2"]


@row("unblocked-by-delete")
def test_unblocked_by_delete(subject: Subject) -> None:
    put(subject, "a1", "a2")
    (first,) = take(subject.queue, 1)
    assert subject.queue.delete(first)
    assert bodies(take(subject.queue)) == ["a2"]


@row("blocked-until-all-are-deleted")
def test_blocked_until_all_are_deleted(subject: Subject) -> None:
    put(subject, "a1", "a2", "a3")
    first, second = take(subject.queue, 2)
    subject.queue.delete(first)
    assert take(subject.queue) == []
    subject.queue.delete(second)
    assert bodies(take(subject.queue)) == ["a3"]


@row("blocks-only-what-follows")
def test_blocks_only_what_follows(subject: Subject) -> None:
    put(subject, "a1", "a2", "a3")
    first, _ = take(subject.queue, 2)
    subject.queue.hide(first, NOW)
    assert bodies(take(subject.queue)) == ["a1"]


@row("order-after-expiry")
def test_order_after_expiry(subject: Subject) -> None:
    put(subject, "a1", "a2", "a3")
    take(subject.queue)
    subject.pass_time(EXPIRED)
    assert bodies(take(subject.queue)) == ["a1", "a2", "a3"]


@row("group-used-again")
def test_group_used_again(subject: Subject) -> None:
    put(subject, "a1")
    assert drain(subject.queue) == ["a1"]
    put(subject, "a2")
    assert drain(subject.queue) == ["a2"]


# --- deduplication ---


@row("repeated")
def test_repeated(subject: Subject) -> None:
    (first,) = subject.send([Entry("a body", "a", "one id")])
    (again,) = subject.send([Entry("another body", "a", "one id")])
    assert again == first
    assert drain(subject.queue) == ["a body"]


@row("repeated-in-one-batch")
def test_repeated_in_one_batch(subject: Subject) -> None:
    first, again = subject.send([Entry("a body", "a", "one id"), Entry("a body", "a", "one id")])
    assert again == first
    assert drain(subject.queue) == ["a body"]


@row("repeated-while-in-flight")
def test_repeated_while_in_flight(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    put(subject, "a1")
    subject.queue.delete(first)
    assert take(subject.queue) == []


@row("repeated-after-delete")
def test_repeated_after_delete(subject: Subject) -> None:
    put(subject, "a1")
    assert drain(subject.queue) == ["a1"]
    put(subject, "a1")
    assert take(subject.queue) == []


@row("repeated-after-five-minutes")
def test_repeated_after_five_minutes(subject: Subject) -> None:
    put(subject, "a1")
    assert drain(subject.queue) == ["a1"]
    subject.pass_time(299)
    put(subject, "a1")
    assert take(subject.queue) == []
    subject.pass_time(2)
    put(subject, "a1")
    assert drain(subject.queue) == ["a1"]


@row("repeated-counts-from-the-first")
def test_repeated_counts_from_the_first(subject: Subject) -> None:
    put(subject, "a1")
    subject.pass_time(200)
    put(subject, "a1")
    subject.pass_time(101)
    put(subject, "a1")
    assert drain(subject.queue) == ["a1", "a1"]


@row("same-body-other-id")
def test_same_body_other_id(subject: Subject) -> None:
    subject.send([Entry("a body", "a", "one"), Entry("a body", "a", "two")])
    assert drain(subject.queue) == ["a body", "a body"]


@row("same-id-other-group")
def test_same_id_other_group(subject: Subject) -> None:
    subject.send([Entry("to a", "a", "one id"), Entry("to b", "b", "one id")])
    assert sorted(drain(subject.queue)) == ["to a", "to b"]


# --- visibility ---


@row("expiry")
def test_expiry(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    assert take(subject.queue) == []
    subject.pass_time(EXPIRED)
    (again,) = take(subject.queue)
    assert (again.id, again.body) == (first.id, first.body)
    assert again.receipt != first.receipt
    assert (first.received, again.received) == (1, 2)


@row("given-back")
def test_given_back(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    assert subject.queue.hide(first, NOW)
    (again,) = take(subject.queue)
    assert again.received == 2


@row("extended")
def test_extended(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    assert subject.queue.hide(first, timedelta(seconds=2 * EXPIRED))
    subject.pass_time(EXPIRED)
    assert take(subject.queue) == []
    assert subject.queue.delete(first)


@row("extension-is-not-kept")
def test_extension_is_not_kept(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    subject.queue.hide(first, timedelta(minutes=5))
    subject.queue.hide(first, NOW)
    take(subject.queue)
    subject.pass_time(EXPIRED)
    # Received twice, which is the most: it went to the dead letters, and did not stay hidden for five minutes.
    assert take(subject.queue) == []
    assert bodies(take(subject.dead)) == ["a1"]


@row("hide-beyond-twelve-hours")
def test_hide_beyond_twelve_hours(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    assert not subject.queue.hide(first, timedelta(hours=12, seconds=1))


@row("twelve-hours-in-all")
def test_twelve_hours_in_all(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    for _ in range(11):
        assert subject.queue.hide(first, timedelta(hours=1, minutes=1))
        subject.pass_time(3600)
    assert not subject.queue.hide(first, timedelta(hours=1, minutes=1))
    assert subject.queue.hide(first, timedelta(minutes=59))
    subject.pass_time(3600)
    assert [message.received for message in take(subject.queue)] == [2]


# --- receipts ---


@row("delete-after-expiry")
def test_delete_after_expiry(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    subject.pass_time(EXPIRED)
    assert not subject.queue.delete(first)
    assert bodies(take(subject.queue)) == ["a1"]


@row("old-receipt")
def test_old_receipt(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    subject.queue.hide(first, NOW)
    (again,) = take(subject.queue)
    assert not subject.queue.hide(first, NOW)
    assert not subject.queue.delete(first)
    assert take(subject.queue) == []
    assert subject.queue.delete(again)


@row("delete-twice")
def test_delete_twice(subject: Subject) -> None:
    put(subject, "a1", "a2")
    (first,) = take(subject.queue, 1)
    assert subject.queue.delete(first)
    subject.queue.delete(first)
    assert bodies(take(subject.queue)) == ["a2"]


@row("hide-after-delete")
def test_hide_after_delete(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    subject.queue.delete(first)
    assert not subject.queue.hide(first, NOW)
    assert take(subject.queue) == []


@row("foreign-receipt")
def test_foreign_receipt(subject: Subject) -> None:
    put(subject, "a1")
    foreign = Message("an id", "a body", "a receipt that no queue gave")
    assert not subject.queue.hide(foreign, NOW)
    assert not subject.queue.delete(foreign)
    assert bodies(take(subject.queue)) == ["a1"]


# --- dead letters ---


def exhaust(subject: Subject, most: int = 10) -> None:
    """Receive what is there as often as it may be, and give it back each time."""
    for _ in range(2):
        for message in take(subject.queue, most):
            subject.queue.hide(message, NOW)


@row("dead-lettered")
def test_dead_lettered(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    subject.queue.hide(first, NOW)
    (again,) = take(subject.queue)
    assert take(subject.dead) == []
    subject.queue.hide(again, NOW)
    assert take(subject.queue) == []
    (dead,) = take(subject.dead)
    assert (dead.id, dead.body) == (first.id, "a1")


@row("dead-letter-keeps-group")
def test_dead_letter_keeps_group(subject: Subject) -> None:
    put(subject, "a1", "a2", "b1")
    exhaust(subject)
    assert take(subject.queue) == []
    assert bodies(take(subject.dead, 1)) == ["a1"]
    assert bodies(take(subject.dead)) == ["b1"]


@row("dead-letter-unblocks")
def test_dead_letter_unblocks(subject: Subject) -> None:
    put(subject, "a1", "a2")
    exhaust(subject, 1)
    assert bodies(take(subject.queue)) == ["a2"]


@row("dead-letter-retention")
def test_dead_letter_retention(subject: Subject) -> None:
    put(subject, "a1")
    subject.pass_time(RETENTION_SECONDS - A_DAY)
    exhaust(subject)
    assert take(subject.queue) == []
    subject.pass_time(2 * A_DAY)
    assert bodies(take(subject.dead)) == ["a1"]


# --- receiving ---


@row("long-poll-wakes")
def test_long_poll_wakes(subject: Subject) -> None:
    sender = threading.Timer(0.3, put, (subject, "a1"))
    started = time.monotonic()
    sender.start()
    assert bodies(take(subject.queue, wait=timedelta(seconds=10))) == ["a1"]
    assert 0.2 < time.monotonic() - started < 9
    sender.join()


@row("long-poll-wakes-for-what-was-given-back")
def test_long_poll_wakes_for_what_was_given_back(subject: Subject) -> None:
    put(subject, "a1")
    (first,) = take(subject.queue)
    assert subject.queue.hide(first, timedelta(minutes=5))  # by itself it does not come back meanwhile
    giver = threading.Timer(0.3, subject.queue.hide, (first, NOW))
    giver.start()
    started = time.monotonic()
    assert bodies(take(subject.queue, wait=timedelta(seconds=10))) == ["a1"]
    assert time.monotonic() - started < 9
    giver.join()


@row("long-poll-ends")
def test_long_poll_ends(subject: Subject) -> None:
    started = time.monotonic()
    assert take(subject.queue, wait=SOON) == []
    assert 0.9 < time.monotonic() - started < 20


@row("ten-at-most")
def test_ten_at_most(subject: Subject) -> None:
    put(subject, *(f"a{number}" for number in range(10)))
    put(subject, "a10", "a11")
    assert bodies(take(subject.queue)) == [f"a{number}" for number in range(10)]
    assert take(subject.queue) == []


@row("no-more-than-asked")
def test_no_more_than_asked(subject: Subject) -> None:
    put(subject, "a1", "a2", "b1")
    assert len(take(subject.queue, 2)) == 2


# --- sending ---


@row("entry-too-large")
def test_entry_too_large(subject: Subject) -> None:
    answers = subject.send(
        [Entry("fits", "a", "1"), Entry("x" * (LARGEST_BYTES + 1), "b", "2"), Entry("fits too", "c", "3")]
    )
    assert answers[1] == "InvalidParameterValue"
    assert sorted(drain(subject.queue)) == ["fits", "fits too"]


@row("entry-with-bad-characters")
def test_entry_with_bad_characters(subject: Subject) -> None:
    answers = subject.send([Entry("fits", "a", "1"), Entry("\x00", "b", "2")])
    assert answers[1] == "InvalidMessageContents"
    assert drain(subject.queue) == ["fits"]


@row("batch-too-large")
def test_batch_too_large(subject: Subject) -> None:
    half = "x" * (1024**2 // 2)
    with pytest.raises(Refused):
        subject.send([Entry(half, "a", "1"), Entry(half, "b", "2"), Entry("x", "c", "3")])
    assert take(subject.queue) == []


@row("body-over-one-mib")
def test_body_over_one_mib(subject: Subject) -> None:
    with pytest.raises(Refused):
        subject.send([Entry("x" * (1024**2 + 1), "a", "1")])
    assert take(subject.queue) == []


@row("eleven-entries")
def test_eleven_entries(subject: Subject) -> None:
    with pytest.raises(Refused):
        put(subject, *(f"a{number}" for number in range(11)))
    assert take(subject.queue) == []


@row("no-entries")
def test_no_entries(subject: Subject) -> None:
    with pytest.raises(Refused):
        subject.send([])


@row("no-group")
def test_no_group(subject: Subject) -> None:
    refused = False
    try:
        subject.send([Entry("fits", "a", "1"), Entry("has no group", "", "2")])
    except Refused:
        refused = True
    assert refused
    assert take(subject.queue) == []


@row("retention")
def test_retention(subject: Subject) -> None:
    put(subject, "a1")
    subject.pass_time(RETENTION_SECONDS - 60)
    put(subject, "b1")
    subject.pass_time(61)
    assert bodies(take(subject.queue)) == ["b1"]


# --- the port's own words ---


@row("hints")
def test_hints(subject: Subject) -> None:
    first, second = (Hint(job, 7) for job in (A, B))
    assert subject.queue.send([first, second]) == {0, 1}
    assert subject.queue.send([first]) == {0}
    assert subject.queue.send([Hint(A, 8)]) == {0}
    assert sorted(drain(subject.queue)) == sorted(hint.body() for hint in (first, second, Hint(A, 8)))


@row("hints-taken-in-part")
def test_hints_taken_in_part(subject: Subject) -> None:
    long = Hint(uuid4(), 1, tuple({"event": "x" * 100} for _ in range(20)))
    assert subject.queue.send([Hint(A, 1), long, Hint(B, 1)]) == {0, 2}


# --- the table itself ---


def table() -> dict[str, list[str]]:
    lines = re.findall(r"^\| `([a-z-]+)` \|(.+)\|$", TABLE.read_text(), re.MULTILINE)
    return {word: [cell.strip() for cell in cells.split("|")] for word, cells in lines}


def test_each_row_has_its_test_and_each_test_its_row() -> None:
    assert sorted(_rows) == sorted(table())


def test_the_table_says_what_the_emulator_is_held_to() -> None:
    held = dict.fromkeys(_rows, "kept") | dict.fromkeys(NEEDS_CLOCK, "not held to it")
    held |= {word: f"differs: {instead}" for word, instead in EMULATOR_DIFFERS.items()}
    assert {word: cells[2] for word, cells in table().items()} == held
