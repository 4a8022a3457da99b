"""Answers remembered by the Idempotency-Key of the request they were given to, for 24 h.

The key is taken, the thing is created and the answer is remembered in one transaction of the caller's: a crash leaves
all of it or nothing. Who comes with the same key meanwhile waits at the row, and then has the answer; a transaction
that is rolled back (a refusal, a fault) leaves the key free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Json

from networx.db.journeys import Found, Message, Statement
from networx.db.pool import Connection
from networx.errors import Conflict

KEPT_FOR = timedelta(hours=24)
# What holds a key is one short transaction; whoever waits longer is asked to come again.
PATIENCE = timedelta(seconds=3)
RETRY_AFTER_SECONDS = 2

_TAKE = """
INSERT INTO idempotency_keys (tenant_id, key, request_sha256) VALUES (%(tenant_id)s, %(key)s, %(request_sha256)s)
ON CONFLICT (tenant_id, key) DO UPDATE
    SET request_sha256 = excluded.request_sha256, status = NULL, answer = NULL, created_at = clock_timestamp()
    WHERE idempotency_keys.created_at < clock_timestamp() - %(kept_for)s
RETURNING key
"""
_EARLIER = """
SELECT request_sha256, status, answer FROM idempotency_keys WHERE tenant_id = %(tenant_id)s AND key = %(key)s
"""
_REMEMBER = """
UPDATE idempotency_keys SET status = %(status)s, answer = %(answer)s WHERE tenant_id = %(tenant_id)s AND key = %(key)s
"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer that was given: its HTTP status, and all that is needed to give it again, as plain JSON."""

    status: int
    content: Mapping[str, Any]


def take(connection: Connection, *, tenant_id: UUID, key: str, request_sha256: str) -> Remembered | None:
    """The answer that this key's request was given, or None: then the key is this transaction's, to `remember` under.

    Raises Conflict where the key stands for another request, and, with `retry_after_seconds`, where its request is
    still being worked on after a few seconds' wait. The transaction is of no more use then.
    """
    with patience():
        found = Message(connection, taking(tenant_id=tenant_id, key=key, request_sha256=request_sha256)).answers()
    return taken(found, request_sha256=request_sha256)


@contextmanager
def patience() -> Iterator[None]:
    """Around the statements of `taking`: who waited too long for another request raises Conflict."""
    try:
        yield
    except psycopg.errors.LockNotAvailable as fault:
        raise Conflict(
            what="A request with this Idempotency-Key is being worked on; ask again.",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        ) from fault


def taking(*, tenant_id: UUID, key: str, request_sha256: str) -> tuple[Statement, ...]:
    """What takes a key, for one journey; what it finds is for `taken`."""
    arguments = {"tenant_id": tenant_id, "key": key, "request_sha256": request_sha256, "kept_for": KEPT_FOR}
    return _waiting_for_locks(PATIENCE), (_TAKE, arguments), (_EARLIER, arguments), _waiting_for_locks(timedelta(0))


def taken(found: Sequence[Found], *, request_sha256: str) -> Remembered | None:
    """As `take`. `found` begins with what the statements of `taking` found."""
    _, took, earlier, *_ = found
    if took.rows():
        return None
    (row,) = earlier.rows()
    if row["request_sha256"] != request_sha256:
        raise Conflict(what="This Idempotency-Key was used for another request within 24 hours; send a new key.")
    return Remembered(row["status"], row["answer"])


def remember(connection: Connection, *, tenant_id: UUID, key: str, answer: Remembered) -> None:
    """Keep the answer under the key that this transaction took, with what the transaction created."""
    connection.execute(*remembering(tenant_id=tenant_id, key=key, answer=answer))


def remembering(*, tenant_id: UUID, key: str, answer: Remembered) -> Statement:
    """What keeps the answer, as `remember` does."""
    content = Json(dict(answer.content))
    return _REMEMBER, {"tenant_id": tenant_id, "key": key, "status": answer.status, "answer": content}


def forget_old(connection: Connection, most: int) -> int:
    """Delete at most `most` keys of any tenant that are older than 24 h; how many. As networx_system."""
    # A key that is taken anew meanwhile is young again: the predicate stands in the DELETE itself too.
    return connection.execute(
        """DELETE FROM idempotency_keys WHERE created_at < clock_timestamp() - %(kept_for)s AND (tenant_id, key) IN (
               SELECT tenant_id, key FROM idempotency_keys WHERE created_at < clock_timestamp() - %(kept_for)s
               ORDER BY created_at LIMIT %(most)s)""",
        {"kept_for": KEPT_FOR, "most": most},
    ).rowcount


def _waiting_for_locks(longest: timedelta) -> Statement:
    # For this transaction; zero waits as long as the statement may run, which is how the role waits.
    return f"SELECT set_config('lock_timeout', '{longest / timedelta(milliseconds=1):.0f}ms', true)", {}
