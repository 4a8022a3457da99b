"""The job `file-load`: one accepted file becomes a published dataset, or is refused with nothing kept.

The file is parsed in a confined child; this side takes its batches into staging and publishes the dataset, the
upload's state and the job's end in one transaction. A correction of another file: load_correction.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from networx.db import pool
from networx.db.pool import Connection, Role
from networx.domain.plan import Progress
from networx.errors import LimitExceeded, NotFound, RefusedInput
from networx.ingest import correction_records, records
from networx.ingest.freight_account import bad_rows_words
from networx.ingest.loading import DOMAINS, NETWORK, Domain, known_dataset
from networx.ingest.preflight import CORRECTION
from networx.ingest.records import Upload
from networx.jobs.context import JobContext
from networx.observability.logs import Log
from networx.resilience.confine import Confinement
from networx.topology import TOPOLOGY
from networx.work.file_reading import MAPPING_VERSION, BadRows, fetch, gone, publish, refuse_upload, too_complex
from networx.work.load_correction import load_correction

log = Log(__name__)

KIND = records.LOADING_JOB
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
        if context.job.params.get("domain") == CORRECTION:
            load_correction(context, upload)
            return
        domain = DOMAINS[context.job.params.get("domain", NETWORK.name)]
        context.progress(Progress("fetching", 0.0))
        file = context.scratch / "upload"
        try:
            sha256 = fetch(context, upload, file)
        except NotFound:
            refuse_upload(context, upload, gone("The file was deleted before it was loaded. Upload it again."), 1, None)
            return
        try:
            self._load(context, upload, domain, sha256, str(file))
        except RefusedInput as refusal:
            refuse_upload(context, upload, refusal, len(refusal.problems), sha256)
        except BadRows as bad:
            if bad.waits is None:
                refuse_upload(context, upload, bad.refusal, bad.count, sha256, bad.unmatched)
            else:
                _wait(context, upload, bad, bad.waits, sha256)
        except LimitExceeded as limit:
            refuse_upload(context, upload, too_complex(limit.facts["limit"]), 1, sha256)

    def _load(self, context: JobContext, upload: Upload, domain: Domain, sha256: str, path: str) -> None:
        # Only rows are left out that were shown to whoever decided.
        without = context.job.params.get("without", False)
        with pool.apart(upload.tenant_id, Role.LOADER) as connection:
            mended = correction_records.mended_rows(connection, upload.id)
            content = correction_records.content_of(mended)
            known = known_dataset(
                connection,
                source_sha256=sha256,
                mapping_version=MAPPING_VERSION,
                domain=domain,
                correction_sha256=None if without is False else content,
            )
            if known is not None:
                dataset_id, counts, warnings = known
                said = [*warnings, "The same file was loaded before; its dataset is used again."]
                self._finish(context, connection, upload, dataset_id, sha256, dict(counts), said)
                log.info("dataset.recognised", datasetId=dataset_id)
                return
            mended_rows = correction_records.as_rows(mended)
            request = {"path": path, "without_bad_rows": without, "mended": mended_rows}
            staged = publish(context, connection, domain, upload, request, sha256=sha256, content=lambda: content)
            self._finish(context, connection, upload, staged.dataset_id, sha256, staged.counts, staged.warnings)
        staged.tell()

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


def _wait(context: JobContext, upload: Upload, bad: BadRows, rows: dict[str, Any], sha256: str) -> None:
    """The file stays where it is, and its job has succeeded: a person must decide."""
    with pool.tenant(upload.tenant_id, Role.LOADER) as connection:
        records.waits(
            connection,
            upload,
            reason=bad_rows_words(rows, corrected=upload.corrected_rows),
            problems=bad.kept,
            problem_count=bad.count,
            bad_rows=rows,
            cells=bad.cells,
            sha256=sha256,
        )
        context.complete({"status": "needs_decision", "bad_rows": rows}, connection)
    log.info("upload.waits", uploadId=upload.id, rows=rows["rows"], problems=bad.count)
