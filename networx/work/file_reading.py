"""What the jobs that read a file share: its rows taken into staging, what was found wrong, and how it is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from networx.db import pool
from networx.db.pool import Connection, Role
from networx.domain.plan import Progress
from networx.errors import Problem, RefusedInput
from networx.ingest import records
from networx.ingest.loading import DatasetLoad, Domain, new_dataset_id
from networx.ingest.records import Upload
from networx.jobs.context import JobContext
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import objects
from networx.topology import TOPOLOGY
from networx.work.patience import patiently

log = Log(__name__)

MAPPING_VERSION = 1
Rows = list[list[Any]]


class BadRows(Exception):
    """`waits` is what the bad rows carry where they are all that is wrong, None where the file cannot be used."""

    def __init__(self, summary: dict[str, Any]) -> None:
        self.problems = [Problem(**problem) for problem in summary["problems"]]
        self.waits: dict[str, Any] | None = summary["bad_rows"] if summary.get("waits") else None
        self.cells = {(tab, row): cells for tab, row, cells in summary.get("bad_cells", ())}
        self.still_bad = {(tab, row) for tab, row in summary.get("still_bad", ())}
        self.count: int = summary["problem_count"]
        self.unmatched: list[dict[str, Any]] = summary["unmatched"]
        more = f" (and {self.count - 1:,} more)" if self.count > 1 else ""
        self.refusal = RefusedInput(self.problems, summary=f"{self.problems[0]}{more}", code=summary["code"])
        super().__init__(str(self.refusal))

    @property
    def kept(self) -> Sequence[Problem]:
        """Those that the record keeps."""
        return self.problems[: TOPOLOGY.limits.problems_kept]


def stage(
    context: JobContext, load: DatasetLoad, request: dict[str, Any], corrected: Callable[[Rows], None] | None = None
) -> dict[str, Any]:
    """Let the child read a file, its rows into `load`; `corrected` is told the rows of a correction before all others.

    Returns what the child says at the end. Raises BadRows where it names a problem.
    """
    summary: dict[str, Any] | None = None
    longest = TOPOLOGY.kind(records.LOADING_JOB).longest_run
    for message in context.child.run(request, longest=longest, stop=context.stopped):
        if "batch" in message:
            load.write(message["batch"], message["rows"])
        elif "progress" in message:
            read = message["progress"]
            context.progress(Progress(f"reading {read['table']}: {read['rows']:,} rows"))
        elif "corrected" in message and corrected is not None:
            corrected(message["corrected"])
        elif "summary" in message:
            summary = message["summary"]
    if summary is None:
        raise RuntimeError("the reader ended without a summary")
    if summary["problem_count"]:
        raise BadRows(summary)
    return summary


def fetch(context: JobContext, upload: Upload, file: Path) -> str:
    """Download what was uploaded; returns its SHA-256. Raises NotFound where it was deleted."""
    return patiently(context, lambda: objects.download(upload.bucket, upload.key, str(upload.version_id), file))


@dataclass(frozen=True, slots=True)
class Staged:
    """A dataset that the transaction of its connection holds, its rows by table in `counts`."""

    dataset_id: UUID
    digest: str
    counts: dict[str, int]
    warnings: Sequence[str]

    def tell(self) -> None:
        """Count it as taken in, once it is committed."""
        for table, rows in self.counts.items():
            if rows:
                metrics.emit("RowsIngested", rows, Table=table)
        log.info("dataset.published", datasetId=self.dataset_id, sha256=self.digest, rows=sum(self.counts.values()))


def publish(
    context: JobContext,
    connection: Connection,
    domain: Domain,
    upload: Upload,
    request: dict[str, Any],
    *,
    sha256: str,
    content: Callable[[], str],
    corrected: Callable[[Rows], None] | None = None,
) -> Staged:
    """Read the file of an upload into a dataset of its own. `content` names its corrected rows once all are read.

    Raises BadRows, and what `corrected` raises; nothing is then staged.
    """
    # While a COPY is open, its connection takes no other statement.
    dataset_id = new_dataset_id(connection)
    load = DatasetLoad(connection, domain)
    try:
        summary = stage(context, load, request | {"domain": domain.name}, corrected)
    except BaseException:
        load.abandon()
        raise
    context.progress(Progress("publishing", 95.0))
    digest = load.publish(
        dataset_id=dataset_id,
        tenant_id=upload.tenant_id,
        upload_id=upload.id,
        filename=upload.filename,
        source_sha256=sha256,
        mapping_version=MAPPING_VERSION,
        warnings=summary["warnings"],
        account=summary.get("account"),
        correction_sha256=content(),
    )
    return Staged(dataset_id, digest, load.counts, summary["warnings"])


def gone(message: str) -> RefusedInput:
    """The refusal where an object is not there any more."""
    return RefusedInput([Problem(message, "gone")], code="FILE_GONE")


def too_complex(limit: object) -> RefusedInput:
    """The refusal of a file that was not read within a limit of the child."""
    message = f"The file could not be read within {limit}. Split it, or save it again in Excel."
    return RefusedInput([Problem(message, "limit")], code="FILE_TOO_COMPLEX")


def refuse_upload(
    context: JobContext,
    upload: Upload,
    refusal: RefusedInput,
    problem_count: int,
    sha256: str | None,
    unmatched: Sequence[dict[str, Any]] = (),
) -> None:
    """The upload and its job end with a refusal, and the file is taken away."""
    # A refused file is an answer, and its job has succeeded: a person must act, not an operator.
    with pool.tenant(upload.tenant_id, Role.LOADER) as connection:
        records.rejected(
            connection,
            upload,
            code=refusal.code,
            reason=str(refusal),
            problems=refusal.problems[: TOPOLOGY.limits.problems_kept],
            problem_count=problem_count,
            sha256=sha256,
            unmatched=unmatched,
        )
        context.complete({"status": "rejected", "code": refusal.code, "reason": str(refusal)}, connection)
    if sha256 is not None:
        objects.quarantine(upload.bucket, upload.key, str(upload.version_id), refusal.code)
    metrics.emit("UploadsRefused", 1, Reason=refusal.code)
    log.info("upload.refused", uploadId=upload.id, code=refusal.code, problems=problem_count)
