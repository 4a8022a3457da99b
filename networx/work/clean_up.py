"""What nobody else tidies: uploads that never came or were never heard of, leftovers in the record, files of losers.

Every chore is safe beside itself, beside the work it tidies after and when done again; each takes a bounded number.
Storage has its own rules for temporary files and parts; these chores do what only the record can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.assistant import ledger
from networx.assistant.budget import budgets_of
from networx.db import pool
from networx.errors import NotFound, ObjectStoreUnavailable, QueueUnavailable
from networx.jobs import idempotency
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import aws, objects
from networx.work.archive_jobs import archive_jobs, remove_left_behind
from networx.work.queue_depths import depth_of
from networx.work.receive_upload import PREFIX, Arrival
from networx.work.retire_inputs import remove_unnamed_networks, retire_models
from networx.work.sampling import Reading, take

log = Log(__name__)

# An event of the bucket comes within seconds; what is older and unknown was never heard of.
HEARD_OF_WITHIN = timedelta(minutes=15)
# Addresses for parts are good for an hour, and storage throws parts away after a day.
AWAITED_FOR = timedelta(hours=25)
# A job that ended is looked at until then; a reader of its first files has long gone.
FILES_KEPT_FOR = timedelta(days=1)
_LOOKED_AT_FOR = timedelta(days=4)
_AT_ONCE = 1000
_JOBS_AT_ONCE = 5000
_EVENTS = "upload-events"


def often() -> None:
    """The chores of every ten minutes. Raises what ailed one of them once all were tried."""
    _do(
        {
            "awaited uploads": settle_awaited_uploads,
            "outbox": drop_outbox_leftovers,
            "idempotency keys": forget_idempotency_keys,
            "assistant": settle_lost_calls,
        }
    )


def daily() -> None:
    """The chores of every day, in the same way."""
    _do(
        {
            "lost events": announce_lost_uploads,
            "orphans": remove_orphans,
            "archive": archive_jobs,
            "archive leftovers": remove_left_behind,
            "networks": remove_unnamed_networks,
            "uploaded models": retire_models,
        }
    )


def _do(chores: Mapping[str, Reading]) -> None:
    for fault in take(chores).values():
        raise fault


# --- uploads ---


def settle_awaited_uploads() -> None:
    """Uploads that were announced: one whose object lies there is announced again, one that never came is given up."""
    with pool.system() as connection:
        awaited = connection.execute(
            """SELECT id, bucket, key, multipart_id, created_at < clock_timestamp() - %s FROM uploads
               WHERE status = 'received' AND version_id IS NULL AND created_at < clock_timestamp() - %s
               ORDER BY created_at LIMIT %s""",
            (AWAITED_FOR, HEARD_OF_WITHIN, _AT_ONCE),
        ).fetchall()
    unheard: list[Arrival] = []
    given_up = 0
    for upload_id, bucket, key, multipart_id, overdue in awaited:
        if overdue and multipart_id is not None:
            # First the parts: what is completed in this moment is then seen as an object.
            _abort_parts(bucket, key, multipart_id)
        found = _object_at(bucket, key)
        if found is not None:
            unheard += [found.arrival] if found.late else []
        elif overdue:
            given_up += _give_up(upload_id)
    _announce(unheard)
    metrics.emit("LeftoversRemoved", given_up, Leftover="awaited uploads")


def announce_lost_uploads() -> None:
    """Every object under `uploads/` that the record does not know is announced again."""
    bucket = objects.bucket("input")
    unheard: list[Arrival] = []
    for page in _pages("list_object_versions", Bucket=bucket, Prefix=f"{PREFIX}/"):
        late = [found for found in (_Found.of_version(bucket, said) for said in page.get("Versions", [])) if found.late]
        unheard += _unknown([found.arrival for found in late])
        if len(unheard) >= _AT_ONCE:
            break
    _announce(unheard[:_AT_ONCE])


class _Found:
    """An object that lies in the bucket; `late` when its event should have been heard of by now."""

    def __init__(self, arrival: Arrival, since: datetime) -> None:
        self.arrival = arrival
        self.late = datetime.now(UTC) - since > HEARD_OF_WITHIN

    @classmethod
    def of_version(cls, bucket: str, said: Mapping[str, Any]) -> _Found:
        return cls(Arrival(bucket, said["Key"], said["VersionId"], said["Size"]), said["LastModified"])


def _object_at(bucket: str, key: str) -> _Found | None:
    try:
        with objects.speaking_to_s3(key):
            said = aws.client("s3").head_object(Bucket=bucket, Key=key)
    except NotFound:
        return None
    arrival = Arrival(bucket, key, said.get("VersionId", "null"), said["ContentLength"])
    return _Found(arrival, said["LastModified"])


def _abort_parts(bucket: str, key: str, multipart_id: str) -> None:
    try:
        with objects.speaking_to_s3(key):
            aws.client("s3").abort_multipart_upload(Bucket=bucket, Key=key, UploadId=multipart_id)
    except NotFound:
        return


def _give_up(upload_id: UUID) -> int:
    with pool.system() as connection:
        return connection.execute(
            """UPDATE uploads SET status = 'aborted', updated_at = now()
               WHERE id = %s AND status = 'received' AND version_id IS NULL""",
            (upload_id,),
        ).rowcount


def _unknown(arrivals: list[Arrival]) -> list[Arrival]:
    if not arrivals:
        return []
    with pool.system() as connection:
        known = connection.execute(
            """SELECT key, version_id FROM uploads WHERE bucket = %s
               AND (key, version_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))""",
            (
                arrivals[0].bucket,
                [arrival.key for arrival in arrivals],
                [arrival.version for arrival in arrivals],
            ),
        ).fetchall()
    return [arrival for arrival in arrivals if (arrival.key, arrival.version) not in set(known)]


def _announce(arrivals: list[Arrival]) -> None:
    """Put the events of these objects into the queue once more, as EventBridge would have."""
    url = settings.current().queue_urls[_EVENTS]
    if arrivals and not depth_of(url).empty:
        # They may be in it still: while the validator has not come round, nothing is known to be lost.
        log.info("uploads.perhaps_waiting", uploads=len(arrivals))
        return
    metrics.emit("UploadEventsLost", len(arrivals))
    for arrival in arrivals:
        log.warning("upload.announced_again", key=arrival.key, version=arrival.version)
        try:
            aws.client("sqs").send_message(QueueUrl=url, MessageBody=orjson.dumps(arrival.as_event()).decode())
        except (BotoCoreError, ClientError) as fault:
            raise QueueUnavailable from fault


# --- the record ---

# A hint to a job that ended says nothing; nor does the news of a death after which somebody sent the job on its way.
_LEFTOVERS = """
DELETE FROM outbox WHERE id IN (
    SELECT outbox.id FROM outbox JOIN jobs ON jobs.id = outbox.job_id
    WHERE locked_until < clock_timestamp()
      AND ((topic = 'job.ready' AND finished_at IS NOT NULL)
           OR (topic = 'job.dead' AND (status <> 'dead' OR outbox.fence < jobs.fence)))
    LIMIT %s FOR UPDATE OF outbox SKIP LOCKED)
"""


def drop_outbox_leftovers() -> None:
    """Entries that would tell nobody anything."""
    with pool.system() as connection:
        dropped = connection.execute(_LEFTOVERS, (_AT_ONCE,)).rowcount
    metrics.emit("LeftoversRemoved", dropped, Leftover="outbox entries")


def forget_idempotency_keys() -> None:
    """Answers that were kept for a day."""
    forgotten = 0
    while True:
        with pool.system() as connection:
            now = idempotency.forget_old(connection, _AT_ONCE)
        forgotten += now
        if now < _AT_ONCE:
            break
    metrics.emit("LeftoversRemoved", forgotten, Leftover="idempotency keys")


def settle_lost_calls() -> None:
    """Calls of the assistant whose process never came back, and what is spent of its budget."""
    terms = settings.current().assistant
    if terms is not None:
        budgets = budgets_of(terms)
        ledger.settle_lost(budgets)
        ledger.tell(budgets)


# --- files ---

# Only jobs that can move no more: a failed or dead one may be sent on its way again, and goes on from what it stored.
# One claim moves the fence from 1 to 2. Whatever moved it further, or stored an incumbent, may have left other files.
_ENDED = """
SELECT jobs.id, jobs.tenant_id, results.result
FROM jobs LEFT JOIN results ON results.job_id = jobs.id LEFT JOIN incumbents ON incumbents.job_id = jobs.id
WHERE jobs.status IN ('succeeded', 'cancelled')
  AND finished_at BETWEEN clock_timestamp() - %(looked_at_for)s AND clock_timestamp() - %(kept_for)s
  AND (jobs.fence > 2 OR incumbents.job_id IS NOT NULL)
ORDER BY finished_at LIMIT %(most)s
"""


def remove_orphans() -> None:
    """Of jobs that ended: files that their result does not name, and incumbents, which have done their duty."""
    with pool.system() as connection:
        ended = connection.execute(
            _ENDED, {"looked_at_for": _LOOKED_AT_FOR, "kept_for": FILES_KEPT_FOR, "most": _JOBS_AT_ONCE}
        ).fetchall()
    removed = 0
    for job_id, tenant_id, result in ended:
        removed += _remove_all_but(set(_texts(result)), place=f"results/{tenant_id}/{job_id}/")
        with pool.system() as connection:
            connection.execute("DELETE FROM incumbents WHERE job_id = %s", (job_id,))
    metrics.emit("LeftoversRemoved", removed, Leftover="result files")


def _texts(value: Any) -> Iterator[str]:
    """Every text within a result: whatever names a file there keeps it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _remove_all_but(kept: set[str], *, place: str) -> int:
    bucket = objects.bucket("results")
    removed = 0
    for page in _pages("list_objects_v2", Bucket=bucket, Prefix=place):
        gone = [{"Key": said["Key"]} for said in page.get("Contents", []) if said["Key"] not in kept]
        if gone:
            _remove("results", place, gone)
            removed += len(gone)
    return removed


def _remove(bucket: str, place: str, gone: Sequence[Mapping[str, str]]) -> None:
    """Remove at most a thousand objects of a bucket of the topology; what is gone already is no fault."""
    with objects.speaking_to_s3(place):
        answer = aws.client("s3").delete_objects(
            Bucket=objects.bucket(bucket), Delete={"Objects": list(gone), "Quiet": True}
        )
    if answer.get("Errors"):
        raise ObjectStoreUnavailable


def _pages(operation: str, **arguments: str) -> Iterable[dict[str, Any]]:
    with objects.speaking_to_s3(arguments["Prefix"]):
        yield from aws.client("s3").get_paginator(operation).paginate(**arguments)
