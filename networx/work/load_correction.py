"""The job `file-load` of a correction: the rows of a file that waits, mended, join the good rows of that file.

The file is read again with these rows in place of its own, so that what comes of it is what would come of the file
mended there: a dataset; the file waiting on, for fewer rows; or nothing, where the correction is refused and the file
waits as it did. Correction, file, dataset and the end of the job are one transaction. Corrections of one file are read
one after another; a decision made meanwhile counts before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from networx.db import pool
from networx.db.pool import Connection, Role
from networx.domain.phrases import counted
from networx.domain.plan import Progress
from networx.errors import LimitExceeded, NotFound, RefusedInput
from networx.ingest import correction_records as corrections
from networx.ingest import records
from networx.ingest.freight_account import bad_rows_words
from networx.ingest.loading import TRANSPORT, known_dataset
from networx.ingest.mended import Mended, Place
from networx.ingest.records import Upload
from networx.ingest.refusals import Refusal, refuse
from networx.jobs.context import JobContext
from networx.observability.logs import Log
from networx.resilience.confine import Stopped
from networx.work.file_reading import (
    MAPPING_VERSION,
    BadRows,
    Rows,
    Staged,
    fetch,
    gone,
    publish,
    refuse_upload,
    too_complex,
)

log = Log(__name__)

_TURN_SECONDS = 0.5


@dataclass(slots=True)
class _Reading:
    """A file that waits, a correction of it, and the rows of both. `rows` are the correction's."""

    upload: Upload
    correction: Upload
    sha256: str
    earlier: dict[Place, Mended]
    rows: dict[Place, Any] = field(default_factory=dict)

    @property
    def mended(self) -> dict[Place, Mended]:
        by = self.correction.filename
        return self.earlier | {place: Mended(cells, by) for place, cells in self.rows.items()}


class _Known(Exception):
    """The file was loaded before with the same rows: dataset, counts, warnings."""

    def __init__(self, found: tuple[UUID, Any, Sequence[str]]) -> None:
        self.dataset_id, self.counts, self.warnings = found
        super().__init__()


def load_correction(context: JobContext, correction: Upload) -> None:
    """Do the job of a correction. Raises what a retry may mend."""
    context.progress(Progress("fetching", 0.0))
    file = context.scratch / "correction"
    try:
        sha256 = fetch(context, correction, file)
    except NotFound:
        refusal = gone("The correction was deleted before it was read. Upload it again.")
        refuse_upload(context, correction, refusal, 1, None)
        return
    try:
        with pool.apart(correction.tenant_id, Role.LOADER) as connection:
            staged = _take(context, connection, correction, sha256, file)
    except RefusedInput as refusal:
        refuse_upload(context, correction, refusal, len(refusal.problems), sha256)
    except LimitExceeded as limit:
        refuse_upload(context, correction, too_complex(limit.facts["limit"]), 1, sha256)
    else:
        if staged is not None:
            staged.tell()


def _take(context: JobContext, connection: Connection, correction: Upload, sha256: str, file: Path) -> Staged | None:
    """The dataset that it made of its file, if it made one. Raises RefusedInput."""
    assert correction.corrects is not None
    while not corrections.one_at_a_time(connection, correction.corrects):
        context.wait(_TURN_SECONDS)
        if context.stopped():
            raise Stopped
    upload = records.get_upload(connection, correction.corrects)
    if corrections.taken_before(connection, correction, sha256) is not None:
        known_already = f"The same correction of {upload.filename} was taken before; it changes nothing."
        _end(context, connection, correction, sha256, 0, [known_already], upload.dataset_id)
        return None
    _require_waiting(context, upload)
    original = context.scratch / "upload"
    try:
        fetch(context, upload, original)
    except NotFound:
        raise gone(f"{upload.filename}, which it corrects, was deleted. Upload that file again, mended.") from None
    reading = _Reading(upload, correction, sha256, corrections.mended_rows(connection, upload.id))
    request = {
        "path": str(original),
        "mended": corrections.as_rows(reading.earlier),
        "correction": {
            "path": str(file),
            "by": correction.filename,
            "open": corrections.open_rows(connection, upload.id),
        },
    }
    try:
        # Of what is staged here nothing stays where it comes to no dataset.
        with connection.transaction():
            return _publish(context, connection, reading, request)
    except _Known as known:
        context.child.kill()
        said = [*known.warnings, "The same rows were loaded before; their dataset is used again."]
        _published(context, connection, reading, known.dataset_id, known.counts, said)
    except BadRows as bad:
        _wait_on(context, connection, reading, bad)
    return None


def _require_waiting(context: JobContext, upload: Upload) -> None:
    """Raises RefusedInput where there is nothing to correct, or other rows than the correction's."""
    named = context.job.params.get("of")
    if named is not None and not str(upload.sha256).startswith(named):
        raise refuse(
            Refusal.OTHER_FILE,
            f"These are the bad rows of another file, not of {upload.filename}. Download the bad rows of "
            f"{upload.filename} anew and correct those, or send this workbook without naming an upload.",
        )
    if upload.status != "needs_decision":
        raise _nothing_to_correct(upload)


def _nothing_to_correct(upload: Upload) -> RefusedInput:
    """The refusal where the file was decided about before the correction came."""
    stands = {"loaded": "it is loaded", "loading": "it is being read", "rejected": "it was refused"}
    cure = {"rejected": "Upload the file itself again, mended."}
    return refuse(
        Refusal.NOTHING_TO_CORRECT,
        f"{upload.filename} does not wait for its bad rows any more: {stands.get(upload.status, upload.status)}. "
        + cure.get(upload.status, "To have its rows otherwise, mend the file itself and upload that."),
    )


def _publish(context: JobContext, connection: Connection, reading: _Reading, request: dict[str, Any]) -> Staged:
    """Raises BadRows where rows cannot be read yet, _Known where the dataset is there."""
    upload = reading.upload

    def content() -> str:
        return corrections.content_of(reading.mended)

    def corrected(rows: Rows) -> None:
        reading.rows = {(tab, row): cells for tab, row, cells in rows}
        known = known_dataset(
            connection,
            source_sha256=str(upload.sha256),
            mapping_version=MAPPING_VERSION,
            domain=TRANSPORT,
            correction_sha256=content(),
        )
        if known is not None:
            raise _Known(known)

    staged = publish(
        context,
        connection,
        TRANSPORT,
        upload,
        request,
        sha256=str(upload.sha256),
        content=content,
        corrected=corrected,
    )
    _published(context, connection, reading, staged.dataset_id, staged.counts, staged.warnings)
    return staged


def _published(
    context: JobContext,
    connection: Connection,
    reading: _Reading,
    dataset_id: UUID,
    counts: dict[str, int],
    warnings: Sequence[str],
) -> None:
    upload, correction = reading.upload, reading.correction
    _require_unchanged(
        connection,
        upload,
        corrections.corrected(
            connection,
            upload,
            dataset_id=dataset_id,
            counts=counts,
            warnings=warnings,
            corrected_rows=len(reading.mended),
        ),
    )
    corrections.keep_rows(connection, upload, correction.id, reading.rows)
    said = [f"{upload.filename} is loaded with {_corrected_words(len(reading.rows))}.", *_replaced(reading)]
    _end(context, connection, correction, reading.sha256, len(reading.rows), said, dataset_id)


def _wait_on(context: JobContext, connection: Connection, reading: _Reading, bad: BadRows) -> None:
    """The file waits on, for fewer rows. Raises RefusedInput where the correction brings it no further."""
    upload, correction = reading.upload, reading.correction
    still = bad.still_bad & reading.rows.keys()
    if bad.waits is None:
        raise RefusedInput(bad.kept, summary=_as_it_did(upload, str(bad.refusal)), code=bad.refusal.code)
    if still == reading.rows.keys():
        mine = [one for one in bad.problems if (one.sheet, one.row) in still]
        raise RefusedInput(mine, summary=_as_it_did(upload, str(RefusedInput(mine or bad.problems))))
    mended = len(reading.mended) - len(bad.still_bad)
    _require_unchanged(
        connection,
        upload,
        corrections.waits_on(
            connection,
            upload,
            reason=bad_rows_words(bad.waits, corrected=mended),
            problems=bad.kept,
            problem_count=bad.count,
            bad_rows=bad.waits,
            cells=bad.cells,
            corrected_rows=mended,
        ),
    )
    corrections.keep_rows(connection, upload, correction.id, reading.rows)
    good = len(reading.rows) - len(still)
    waits = f"{upload.filename} has {_corrected_words(good)} and waits on, for {counted(bad.waits['rows'], 'row')}."
    _end(context, connection, correction, reading.sha256, good, [waits, *_replaced(reading)], None)
    log.info("upload.waits", uploadId=upload.id, rows=bad.waits["rows"], problems=bad.count)


def _as_it_did(upload: Upload, why: str) -> str:
    return f"The correction changes nothing, and {upload.filename} waits as it did. {why}"


def _corrected_words(rows: int) -> str:
    return f"{counted(rows, 'corrected row')} of this workbook"


def _replaced(reading: _Reading) -> list[str]:
    """What is said where a row was corrected otherwise before."""
    places = [
        place
        for place, cells in reading.rows.items()
        if place in reading.earlier and dict(reading.earlier[place].cells) != dict(cells)
    ]
    if not places:
        return []
    tab, row = places[0]
    more = f" and {counted(len(places) - 1, 'more row')}" if len(places) > 1 else ""
    return [f"Row {row:,} of {tab}{more} had been corrected otherwise before; what stands here counts."]


def _require_unchanged(connection: Connection, upload: Upload, changed: bool) -> None:
    """Raises RefusedInput where somebody decided about the file while it was read."""
    if changed:
        return
    now = records.get_upload(connection, upload.id)
    if now.status == "needs_decision":
        raise RuntimeError("the file was read anew while it was corrected")  # and is corrected by the next attempt
    raise _nothing_to_correct(now)


def _end(
    context: JobContext,
    connection: Connection,
    correction: Upload,
    sha256: str,
    rows: int,
    warnings: Sequence[str],
    dataset_id: UUID | None,
) -> None:
    corrections.taken(connection, correction.id, sha256=sha256, rows=rows, warnings=warnings, dataset_id=dataset_id)
    told = {"status": "loaded", "upload_id": str(correction.corrects), "corrected_rows": rows}
    context.complete(told if dataset_id is None else told | {"dataset_id": str(dataset_id)}, connection)
    log.info("upload.corrected", uploadId=correction.corrects, correctionId=correction.id, rows=rows)
