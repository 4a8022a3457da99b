"""A correction on its way from the bucket into the record, with the real worker, queue and store."""

from __future__ import annotations

import io
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest

from local.resources import Emulator
from networx import settings
from networx.db import pool
from networx.db.keyset import Page
from networx.errors import DatabaseUnavailable
from networx.ingest import correction_records, datasets, problem_records, records
from networx.ingest.datasets import Dataset
from networx.ingest.mended import Mended
from networx.ingest.records import Upload
from networx.jobs import relay, store
from networx.results.bad_rows_workbook import write_bad_rows
from networx.work import load_correction
from networx.work.load_file import FileLoad
from networx.work.receive_upload import Arrival, receive
from tests.conftest import Record
from tests.core.work.conftest import Arrive, Working

LOADING = ("file", {"file-load": FileLoad()})
SOUND = (
    b"order_id,ship_date,origin_zip,dest_zip,mode,net_charge,units\n"
    b"A,2025-03-01,60601,02139,ltl,100.10,1\n"
    b"B,2025-03-02,60601,10001,ltl,7.00,2\n"
    b"C,2025-03-03,60601,10001,tl,9.00,3\n"
    b"D,2025-03-04,60601,10001,tl,11.00,4\n"
)
FREIGHT = SOUND.replace(b"10001,ltl,7", b"nowhere,ltl,7").replace(b"-03,", b"-33,").replace(b"tl,11.00", b"cart,11.00")
MENDED: dict[int, dict[str, Any]] = {3: {"dest_zip": "10001"}, 4: {"ship_date": "2025-03-03"}, 5: {"mode": "tl"}}
Workbook = Callable[..., bytes]


@pytest.fixture
def each(record: Record) -> Callable[[UUID], Upload]:
    def one(upload_id: UUID) -> Upload:
        with pool.tenant(record.tenant_id) as connection:
            return records.get_upload(connection, upload_id)

    return one


@pytest.fixture
def workbook(record: Record, tmp_path: Path) -> Workbook:
    """The bad rows of an upload with cells changed, by row of the file; other rows are removed."""

    def mended(upload: Upload, cells: Mapping[int, Mapping[str, Any]], *, naming: bool = True) -> bytes:
        with pool.tenant(record.tenant_id) as connection:
            page = Page(problem_records.ORDERS["position"], 1000)
            problems = [one.problem for one in problem_records.list_problems(connection, upload.id, page=page)]
            kept = problem_records.cells_of_rows(connection, upload.id)
        path = tmp_path / f"{uuid4()}.xlsx"
        write_bad_rows(
            path,
            problems,
            kept,
            filename=upload.filename,
            problem_count=upload.problem_count,
            sha256=upload.sha256 if naming else None,
        )
        book = openpyxl.load_workbook(path)
        sheet = book["Bad rows"]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for line in reversed(list(sheet.iter_rows(min_row=2))):
            if line[1].value not in cells:
                sheet.delete_rows(line[0].row)
                continue
            for name, value in cells[line[1].value].items():
                sheet.cell(line[0].row, columns[name], value)
        written = io.BytesIO()
        book.save(written)
        return written.getvalue()

    return mended


@pytest.fixture
def waiting(quick: Record, arrive: Arrive, settled: Callable[[], Upload]) -> Callable[[], Upload]:
    """The file once it waits; to be called while a worker works."""

    def awaited() -> Upload:
        receive(arrive(FREIGHT, "freight.csv"))
        upload = settled()
        assert (upload.status, (upload.bad_rows or {})["rows"]) == ("needs_decision", 3)
        return upload

    return awaited


def dataset_of(upload: Upload) -> Dataset:
    assert upload.dataset_id is not None
    with pool.tenant(upload.tenant_id) as connection:
        return datasets.get_dataset(connection, upload.dataset_id)


def ones(record: Record, question: str) -> list[Any]:
    with pool.tenant(record.tenant_id) as connection:
        return [row[0] for row in connection.execute(question)]


def in_bucket(aws: Emulator, name: str, key: str) -> bool:
    return bool(aws.s3.list_object_versions(Bucket=settings.current().buckets[name], Prefix=key).get("Versions"))


def announced(record: Record, aws: Emulator, content: bytes, corrects: UUID, name: str = "rows.xlsx") -> Arrival:
    """An upload that was announced as a correction, arrived."""
    upload_id, bucket = uuid4(), settings.current().buckets["input"]
    key = f"uploads/{record.slug}/{upload_id}/{name}"
    with pool.tenant(record.tenant_id) as connection:
        records.create_upload(
            connection,
            upload_id=upload_id,
            tenant_id=record.tenant_id,
            bucket=bucket,
            key=key,
            filename=name,
            bytes=len(content),
            corrects=corrects,
        )
    version = aws.s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
    return Arrival(bucket, key, version, len(content))


def test_a_corrected_file_is_the_dataset_of_the_sound_file_and_counted_once(
    quick, arrive, working: Working, settled, waiting, workbook, each, uploads
):
    with working(*LOADING):
        upload = waiting()
        mended = workbook(upload, MENDED)
        arrival = arrive(mended, "rows.xlsx")
        receive(arrival)
        correction = settled()
        done = each(upload.id)
        receive(arrival)  # the event comes twice
        assert len(uploads()) == 2
        receive(arrive(mended, "again.xlsx"))
        another = settled()
        receive(arrive(FREIGHT, "same.csv"))
        same = settled()
        receive(arrive(SOUND, "sound.csv"))
        sound = settled()
    assert (correction.status, correction.kind, correction.corrects) == ("loaded", "correction", upload.id)
    assert (correction.corrected_rows, correction.dataset_id) == (3, done.dataset_id)
    assert correction.warnings == ["freight.csv is loaded with 3 corrected rows of this workbook."]
    assert (done.status, done.reason, done.corrected_rows, done.counts) == ("loaded", None, 3, {"shipments": 4})
    dataset, expected = dataset_of(done), dataset_of(sound)
    assert (dataset.sha256, dataset.account, dataset.filename) == (expected.sha256, expected.account, "freight.csv")
    said = "CSV: 3 rows that could not be read are as rows.xlsx corrects them, $27.00."
    assert said in dataset.warnings
    assert list(dataset.warnings) == list(done.warnings)
    # The same correction again, and the same file again: nothing is loaded twice.
    assert (another.status, another.dataset_id, another.corrected_rows) == ("loaded", done.dataset_id, 0)
    assert another.warnings == ["The same correction of freight.csv was taken before; it changes nothing."]
    assert (same.status, same.dataset_id) == ("loaded", done.dataset_id)
    assert said in same.warnings
    assert len(ones(quick, "SELECT id FROM datasets")) == 2
    assert len(ones(quick, "SELECT position FROM transport_shipments")) == 8


def test_what_is_not_corrected_is_decided_about_again(quick, arrive, aws, working, settled, waiting, workbook, each):
    with working(*LOADING):
        upload = waiting()
        half = workbook(upload, {3: MENDED[3], 5: {"dest_zip": "02139"}}, naming=False)
        arrival = announced(quick, aws, half, upload.id)
        receive(arrival)
        first = settled()
        between = each(upload.id)
        receive(arrival)  # also of a workbook that does not say itself whose rows it holds
        assert in_bucket(aws, "input", arrival.key)
        # A later correction of a row counts, and the row that is corrected already may be corrected otherwise.
        second_rows = workbook(between, {4: MENDED[4], 5: {}})
        receive(arrive(second_rows, "second.xlsx"))
        second = settled()
        last = each(upload.id)
        decided(quick, last)
        done = until(lambda: each(upload.id), "loaded")
    assert (first.status, first.dataset_id, first.corrected_rows) == ("loaded", None, 1)
    assert first.warnings == ["freight.csv has 1 corrected row of this workbook and waits on, for 2 rows."]
    assert (between.status, between.corrected_rows, between.problem_count) == ("needs_decision", 1, 2)
    assert between.bad_rows == {"rows": 2, "cents": 2000, "units": 7.0, "uncharged": 0}
    assert "1 row beside them is corrected. Send them corrected, go on" in str(between.reason)
    assert (second.corrected_rows, last.corrected_rows, last.problem_count) == (1, 2, 1)
    assert (done.counts, done.corrected_rows) == ({"shipments": 3}, 2)
    assert [warning for warning in done.warnings if "CSV" in warning] == [
        "CSV: 1 row that could not be read is as rows.xlsx corrects it, $7.00.",
        "CSV: 1 row that could not be read is as second.xlsx corrects it, $9.00.",
        "CSV: 1 row left out, for a cell that cannot be read, as a person decided, $11.00.",
    ]
    assert ones(quick, "SELECT dest_zip FROM transport_shipments ORDER BY position") == ["02139", "10001", "10001"]


def decided(quick: Record, upload: Upload) -> None:
    """Go on without the bad rows, as the API asks for it."""
    with pool.tenant(quick.tenant_id) as connection:
        params = {"upload_id": str(upload.id), "domain": "transport", "without": upload.bad_rows}
        job = store.submit(connection, tenant_id=quick.tenant_id, kind="file-load", params=params)
        assert records.goes_on(connection, upload.id, job.id)
    relay.send_soon()


def until(look: Callable[[], Upload], status: str) -> Upload:
    deadline = time.monotonic() + 40
    while True:
        try:
            if (seen := look()).status == status:
                return seen
            assert time.monotonic() < deadline, (seen.status, seen.reason)
        except DatabaseUnavailable:
            assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_row_that_is_corrected_otherwise_is_told(quick, arrive, working, settled, waiting, workbook, each):
    with working(*LOADING):
        upload = waiting()
        whole = workbook(upload, MENDED | {3: {"dest_zip": "10002"}})
        receive(arrive(workbook(upload, {3: MENDED[3], 4: MENDED[4]}), "first.xlsx"))
        assert settled().corrected_rows == 2
        receive(arrive(whole, "second.xlsx"))
        second = settled()
    assert second.warnings == [
        "freight.csv is loaded with 3 corrected rows of this workbook.",
        "Row 3 of CSV had been corrected otherwise before; what stands here counts.",
    ]
    zips = ones(quick, "SELECT dest_zip FROM transport_shipments ORDER BY position")
    assert zips == ["02139", "10002", "10001", "10001"]


def test_a_correction_that_cannot_be_taken_leaves_the_file_as_it_was(
    quick, arrive, aws, working, settled, waiting, workbook, each
):
    problems: list[tuple[str | None, str | None, int | None]] = []

    def refused(content: bytes) -> Upload:
        arrival = arrive(content, "rows.xlsx", key=f"uploads/{quick.slug}/{uuid4()}/rows.xlsx")
        receive(arrival)
        correction = settled()
        assert correction.status == "rejected", correction.warnings
        while in_bucket(aws, "input", arrival.key):  # it is moved right after the commit
            time.sleep(0.05)
        with pool.tenant(quick.tenant_id) as connection:
            page = Page(problem_records.ORDERS["position"], 10)
            found = [one.problem for one in problem_records.list_problems(connection, correction.id, page=page)]
        problems[:] = [(one.rule, one.sheet, one.row) for one in found]
        return correction

    def line_of(number: int, content: bytes) -> bytes:
        """The workbook with its first line said to be another row of the file."""
        book = openpyxl.load_workbook(io.BytesIO(content))
        book["Bad rows"].cell(2, 2, number)
        written = io.BytesIO()
        book.save(written)
        return written.getvalue()

    with working(*LOADING):
        upload = waiting()
        good = refused(line_of(2, workbook(upload, MENDED)))
        assert problems == [("not_bad", "Bad rows", 2)]
        assert "Row 2 of CSV is not among the rows that can be corrected" in str(good.reason)
        still = refused(workbook(upload, {3: {"dest_zip": "elsewhere"}}))
        assert [where[1:] for where in problems] == [("CSV", 3)]
        assert str(still.reason).startswith("The correction changes nothing, and freight.csv waits as it did. CSV, row")
    assert each(upload.id) == upload
    assert ones(quick, "SELECT sheet FROM upload_corrections") == ones(quick, "SELECT id FROM datasets") == []


def test_a_correction_of_a_file_that_is_not_here_or_waits_no_more_is_refused(
    quick, arrive, aws, working, settled, waiting, workbook, each
):
    with pool.system() as connection:
        slug = f"other-{uuid4().hex[:8]}"
        row = connection.execute("INSERT INTO tenants (slug, name) VALUES (%s, 'O') RETURNING id", (slug,)).fetchone()
    assert row is not None
    with working(*LOADING):
        upload = waiting()
        mended = workbook(upload, MENDED)
        # Another tenant's, who has no such file.
        receive(arrive(mended, key=f"uploads/{slug}/rows.xlsx"))
        with pool.tenant(row[0]) as connection:
            (foreign,) = records.list_uploads(connection)
        assert (foreign.status, foreign.reason_code, foreign.corrects) == ("rejected", "NOTHING_TO_CORRECT", None)
        # Announced for one file, and holding the rows of another.
        receive(arrive(FREIGHT.replace(b"\nA,", b"\nZ,"), "other.csv"))
        other = settled()
        receive(announced(quick, aws, mended, other.id))
        assert (settled().reason_code, settled().corrects) == ("OTHER_FILE", other.id)
        # A file that is no workbook.
        receive(announced(quick, aws, SOUND, other.id, "sound.csv"))
        assert settled().reason_code == "NOT_A_WORKBOOK"
        # Decided meanwhile.
        decided(quick, upload)
        without = until(lambda: each(upload.id), "loaded")
        receive(arrive(mended, "late.xlsx"))
        late = settled()
        # The file itself is gone.
        aws.s3.delete_object(Bucket=other.bucket, Key=other.key, VersionId=other.version_id)
        receive(announced(quick, aws, workbook(other, MENDED), other.id))
        lost = settled()
    assert (late.status, late.reason_code, late.dataset_id) == ("rejected", "NOTHING_TO_CORRECT", None)
    assert "freight.csv does not wait for its bad rows any more: it is loaded." in str(late.reason)
    assert without.counts == {"shipments": 1}
    assert (lost.reason_code, each(other.id).status) == ("FILE_GONE", "needs_decision")


def test_the_same_file_without_its_bad_rows_and_corrected_are_two_datasets(
    quick, arrive, working, settled, waiting, workbook, each
):
    with working(*LOADING):
        several = [waiting() for _ in range(3)]
        contents = [workbook(several[0], MENDED) for _ in range(2)]
        decided(quick, several[0])
        without = until(lambda: each(several[0].id), "loaded")
        # They say whose rows they hold by the file's content: each is of the newest that waits.
        for number, content in enumerate(contents):
            receive(arrive(content, f"rows-{number}.xlsx"))
            assert settled().status == "loaded"
        corrected = [each(upload.id) for upload in several[1:]]
    assert without.counts == {"shipments": 1}
    assert [(one.status, one.counts) for one in corrected] == [("loaded", {"shipments": 4})] * 2
    assert len({one.dataset_id for one in corrected}) == 1
    assert len(ones(quick, "SELECT id FROM datasets")) == 2


def test_two_corrections_at_once_are_taken_one_after_the_other(
    quick, arrive, working, settled, waiting, workbook, each, monkeypatch
):
    both_there = threading.Barrier(2, timeout=20)
    lock = correction_records.one_at_a_time
    met = []

    def lock_together(*asked: Any) -> bool:
        if len(met) < 2:
            met.append(asked)
            both_there.wait()
        return lock(*asked)

    with working(*LOADING):
        upload = waiting()
        monkeypatch.setattr(correction_records, "one_at_a_time", lock_together)
        receive(arrive(workbook(upload, {3: MENDED[3], 4: MENDED[4]}), "first.xlsx"))
        receive(arrive(workbook(upload, {5: MENDED[5]}), "second.xlsx"))
        done = until(lambda: each(upload.id), "loaded")
    assert (done.counts, done.corrected_rows) == ({"shipments": 4}, 3)
    assert sum(" corrects " in warning for warning in done.warnings) == 2
    assert len(ones(quick, "SELECT id FROM datasets")) == 1


def test_a_decision_that_comes_while_it_is_read_counts(
    quick, arrive, working, settled, waiting, workbook, each, monkeypatch
):
    known = load_correction.known_dataset

    def known_and_refused(*asked: Any, **named: Any) -> Any:
        with pool.tenant(quick.tenant_id) as connection:
            assert records.given_up(connection, upload.id, code="BAD_ROWS", reason="Refused by a test.")
        return known(*asked, **named)

    with working(*LOADING):
        upload = waiting()
        mended = workbook(upload, MENDED)
        monkeypatch.setattr(load_correction, "known_dataset", known_and_refused)
        receive(arrive(mended, "rows.xlsx"))
        correction = settled()
    assert (correction.status, correction.reason_code) == ("rejected", "NOTHING_TO_CORRECT")
    assert "freight.csv does not wait for its bad rows any more: it was refused." in str(correction.reason)
    assert (each(upload.id).status, each(upload.id).dataset_id) == ("rejected", None)
    left = [f"SELECT tenant_id FROM {table}" for table in ("datasets", "transport_shipments", "upload_corrections")]
    assert [ones(quick, question) for question in left] == [[], [], []]


def test_a_database_that_restarts_before_the_end_leaves_nothing_half_done(
    quick, machine, arrive, working, settled, waiting, workbook, each, monkeypatch
):
    restarted = []
    end = load_correction._end

    def end_after_a_restart(*asked: Any) -> None:
        if not restarted:
            server = machine.supervisor.process("postgres")
            server.send_signal(signal.SIGINT)
            restarted.append(server.wait(20))
        end(*asked)

    with working(*LOADING):
        upload = waiting()
        mended = workbook(upload, MENDED)
        monkeypatch.setattr(load_correction, "_end", end_after_a_restart)
        receive(arrive(mended, "rows.xlsx"))
        done = until(lambda: each(upload.id), "loaded")
    assert restarted == [0]
    assert done.counts == {"shipments": 4}
    assert len(ones(quick, "SELECT id FROM datasets")) == 1
    assert len(ones(quick, "SELECT position FROM transport_shipments")) == 4


def test_a_worker_that_dies_before_the_end_leaves_nothing_half_done(
    quick, arrive, working, settled, waiting, workbook, each, monkeypatch
):
    seen = []
    end = load_correction._end

    def end_at_the_second_try(*asked: Any) -> None:
        end(*asked)
        if not seen:
            seen.append(each(upload.id))
            raise MemoryError

    with working(*LOADING):
        upload = waiting()
        mended = workbook(upload, MENDED)
        monkeypatch.setattr(load_correction, "_end", end_at_the_second_try)
        receive(arrive(mended, "rows.xlsx"))
        done = until(lambda: each(upload.id), "loaded")
    assert seen == [upload]  # nobody saw anything of the first attempt
    assert done.counts == {"shipments": 4}
    assert len(ones(quick, "SELECT position FROM transport_shipments")) == 4
    assert ones(quick, "SELECT row_number FROM upload_corrections ORDER BY row_number") == [3, 4, 5]


def test_rows_of_one_content_are_one_whoever_corrected_them(record: Record) -> None:
    rows = {("CSV", 3): Mended([("mode", "tl"), ("units", 1.0)], "a.xlsx")}
    again = {("CSV", 3): Mended([("units", 1.0), ("mode", "tl")], "b.xlsx")}
    assert correction_records.content_of(rows) == correction_records.content_of(again) != ""
    assert correction_records.content_of({}) == ""
