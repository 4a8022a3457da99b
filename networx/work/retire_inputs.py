"""Inputs that nobody needs any more: networks from requests that came to nothing, and models that nobody runs.

A network that was taken in keeps its JSON as the source of its dataset, as an upload keeps its workbook. A client's
model is all there is of it: it is kept while it is run, and told before it is gone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from networx.blueprint import INLINE
from networx.db import pool
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import aws, versions
from networx.resilience.objects import bucket, speaking_to_s3
from networx.resilience.versions import Version
from networx.topology import TOPOLOGY

log = Log(__name__)

# A request keeps its JSON a moment before it records it.
UNNAMED_FOR = timedelta(days=1)
# What is retired is refused at once; whoever asked a moment before has queued a job, which is waited for.
_LOOKED_AT_FOR = timedelta(days=4)
_AT_ONCE = 1000


def remove_unnamed_networks() -> None:
    """The JSON of networks in requests that no upload names, a day after it came."""
    client, place = aws.client("s3"), bucket("input")
    removed = 0
    with speaking_to_s3(INLINE):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=place, Prefix=INLINE):
            old = [
                Version(place, said["Key"], said["VersionId"], said["Size"])
                for said in page.get("Versions", [])
                if datetime.now(UTC) - said["LastModified"] > UNNAMED_FOR
            ]
            named = _named(place, [version.key for version in old])
            removed += versions.remove(client, [version for version in old if version.key not in named])
    metrics.emit("LeftoversRemoved", removed, Leftover="networks")


def _named(place: str, keys: list[str]) -> set[str]:
    with pool.system() as connection:
        found = connection.execute("SELECT key FROM uploads WHERE bucket = %s AND key = ANY(%s)", (place, keys))
        return {row[0] for row in found.fetchall()}


# A job names its upload for as long as it is in the record, which is 90 days beyond its end.
_RUN = """EXISTS (SELECT FROM jobs WHERE jobs.tenant_id = uploads.tenant_id AND jobs.kind = 'model'
                    AND params -> 'model' ->> 'upload_id' = uploads.id::text{})"""
_RETIRE = f"""
UPDATE uploads SET status = 'aborted', reason = %(reason)s, updated_at = now()
WHERE id IN (
    SELECT id FROM uploads
    WHERE kind = 'model' AND status = 'loaded' AND created_at < clock_timestamp() - %(unused_for)s
      AND NOT {_RUN.format("")}
    ORDER BY created_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_RETIRED = f"""
SELECT bucket, key, version_id FROM uploads
WHERE kind = 'model' AND status = 'aborted' AND version_id IS NOT NULL
  AND updated_at BETWEEN clock_timestamp() - %(looked_at_for)s AND clock_timestamp() - interval '1 day'
  AND NOT {_RUN.format(" AND finished_at IS NULL")}
"""


def retire_models() -> None:
    """Uploaded models that no job of the record has run: their uploads are ended with the reason, their files go a day
    later."""
    unused_for = TOPOLOGY.limits.unused_models_kept_for
    reason = f"The model was not run for {unused_for.days} days, and its file was removed. Upload it again to run it."
    with pool.system() as connection:
        retired = connection.execute(_RETIRE, {"reason": reason, "unused_for": unused_for, "most": _AT_ONCE}).fetchall()
        gone = connection.execute(_RETIRED, {"looked_at_for": _LOOKED_AT_FOR}).fetchall()
    for (upload_id,) in retired:
        log.info("model.retired", uploadId=upload_id)
    removed = versions.remove(aws.client("s3"), [Version(place, key, version, 0) for place, key, version in gone])
    metrics.emit("LeftoversRemoved", removed, Leftover="uploaded models")
