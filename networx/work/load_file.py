"""The job `file-load`: one accepted file becomes a published dataset, or is refused with nothing kept.

The file is parsed in a confined child; this side takes its batches into staging and publishes the dataset, the
upload's state and the job's end in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from networx.db import pool
from networx.db.pool import Connection, Role
from networx.domain.plan import Progress
from networx.errors import LimitExceeded, NotFound, Problem, RefusedInput
from networx.ingest import records
from networx.ingest.freight_account import bad_rows_words
from networx.ingest.loading import DOMAINS, NETWORK, DatasetLoad, Domain, known_dataset
from networx.ingest.records import Upload
from networx.jobs.context import JobContext
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import objects
from networx.resilience.confine import Confinement
from networx.topology import TOPOLOGY
from networx.work.patience import patiently

log = Log(__name__)

KIND = records.LOADING_JOB
MAPPING_VERSION = 1
_CPU_SECONDS = 900


class FileLoad:
    """The handler of `file-load`."""

    confinement = Confinement(
        "networx.ingest.child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib, cpu_seconds=_CPU_SECONDS
    )

    def __call__(self, context: JobContext) -> None:
        tenant_id = context.job.tenant_id
        with pool.tenant(tenant_id) as connection:
            upload = records.get_upload(connection, UUID(context.job.params["upload_id"]))
        domain = DOMAINS[context.job.params.get("domain", NETWORK.name)]
        context.progress(Progress("fetching", 0.0))
        file = context.scratch / "upload"
        try:
            sha256 = patiently(
                context, lambda: objects.download(upload.bucket, upload.key, str(upload.version_id), file)
            )
        except NotFound:
            gone = Problem("The file was deleted before it was loaded. Upload it again.", "gone")
            _refuse(context, upload, RefusedInput([gone], code="FILE_GONE"), 1, None)
            return
        try:
            self._load(context, upload, domain, sha256, str(file))
        except RefusedInput as refusal:
            _refuse(context, upload, refusal, len(refusal.problems), sha256)
        except _BadRows as bad:
            if bad.waits is None:
                _refuse(context, upload, bad.refusal, bad.count, sha256, bad.unmatched)
            else:
                _wait(context, upload, bad, bad.waits, sha256)
        except LimitExceeded as limit:
            message = f"The file could not be read within {limit.facts['limit']}. Split it, or save it again in Excel."
            _refuse(context, upload, RefusedInput([Problem(message, "limit")], code="FILE_TOO_COMPLEX"), 1, sha256)

    def _load(self, context: JobContext, upload: Upload, domain: Domain, sha256: str, path: str) -> None:
        with pool.apart(upload.tenant_id, Role.LOADER) as connection:
            if self._known(context, connection, upload, domain, sha256):
                return
            # While a COPY is open, its connection takes no other statement.
            dataset_id = _new_id(connection)
            load = DatasetLoad(connection, domain)
            try:
                # Only rows are left out that were shown to whoever decided.
                without = context.job.params.get("without", False)
                request = {"path": path, "domain": domain.name, "without_bad_rows": without}
                summary = self._stage(context, load, request)
                if summary["problem_count"]:
                    raise _BadRows(summary)
            except BaseException:
                load.abandon()
                raise
            context.progress(Progress("publishing", 95.0))
            content = load.publish(
                dataset_id=dataset_id,
                tenant_id=upload.tenant_id,
                upload_id=upload.id,
                filename=upload.filename,
                source_sha256=sha256,
                mapping_version=MAPPING_VERSION,
                warnings=summary["warnings"],
                account=summary.get("account"),
            )
            self._finish(context, connection, upload, dataset_id, sha256, load.counts, summary["warnings"])
        for table, rows in load.counts.items():
            if rows:
                metrics.emit("RowsIngested", rows, Table=table)
        log.info("dataset.published", datasetId=dataset_id, sha256=content, rows=sum(load.counts.values()))

    def _known(self, context: JobContext, connection: Connection, upload: Upload, domain: Domain, sha256: str) -> bool:
        known = known_dataset(connection, source_sha256=sha256, mapping_version=MAPPING_VERSION, domain=domain)
        if known is None:
            return False
        dataset_id, counts, warnings = known
        said = [*warnings, "The same file was loaded before; its dataset is used again."]
        self._finish(context, connection, upload, dataset_id, sha256, dict(counts), said)
        log.info("dataset.recognised", datasetId=dataset_id)
        return True

    def _stage(self, context: JobContext, load: DatasetLoad, request: dict[str, Any]) -> dict[str, Any]:
        summary: dict[str, Any] | None = None
        longest = TOPOLOGY.kind(KIND).longest_run
        for message in context.child.run(request, longest=longest, stop=context.stopped):
            if "batch" in message:
                load.write(message["batch"], message["rows"])
            elif "progress" in message:
                read = message["progress"]
                context.progress(Progress(f"reading {read['table']}: {read['rows']:,} rows"))
            elif "summary" in message:
                summary = message["summary"]
        if summary is None:
            raise RuntimeError("the reader ended without a summary")
        return summary

    def _finish(
        self,
        context: JobContext,
        connection: Connection,
        upload: Upload,
        dataset_id: UUID,
        sha256: str,
        counts: dict[str, int],
        warnings: Sequence[str],
    ) -> None:
        records.loaded(connection, upload.id, dataset_id=dataset_id, sha256=sha256, counts=counts, warnings=warnings)
        context.complete({"status": "loaded", "dataset_id": str(dataset_id), "counts": counts}, connection)


class _BadRows(Exception):
    """`waits` is what the bad rows carry where they are all that is wrong, None where the file cannot be used."""

    def __init__(self, summary: dict[str, Any]) -> None:
        problems = [Problem(**problem) for problem in summary["problems"]]
        self.waits: dict[str, Any] | None = summary["bad_rows"] if summary.get("waits") else None
        self.cells = {(tab, row): cells for tab, row, cells in summary.get("bad_cells", ())}
        self.count: int = summary["problem_count"]
        self.unmatched: list[dict[str, Any]] = summary["unmatched"]
        more = f" (and {self.count - 1:,} more)" if self.count > 1 else ""
        self.refusal = RefusedInput(problems, summary=f"{problems[0]}{more}", code=summary["code"])
        super().__init__(str(self.refusal))


def _wait(context: JobContext, upload: Upload, bad: _BadRows, rows: dict[str, Any], sha256: str) -> None:
    """The file stays where it is, and its job has succeeded: a person must decide."""
    with pool.tenant(upload.tenant_id, Role.LOADER) as connection:
        records.waits(
            connection,
            upload,
            reason=bad_rows_words(rows),
            problems=bad.refusal.problems[: TOPOLOGY.limits.problems_kept],
            problem_count=bad.count,
            bad_rows=rows,
            cells=bad.cells,
            sha256=sha256,
        )
        context.complete({"status": "needs_decision", "bad_rows": rows}, connection)
    log.info("upload.waits", uploadId=upload.id, rows=rows["rows"], problems=bad.count)


def _new_id(connection: Connection) -> UUID:
    found = connection.execute("SELECT uuidv7()").fetchone()
    assert found is not None
    made: UUID = found[0]
    return made


def _refuse(
    context: JobContext,
    upload: Upload,
    refusal: RefusedInput,
    problem_count: int,
    sha256: str | None,
    unmatched: Sequence[dict[str, Any]] = (),
) -> None:
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
