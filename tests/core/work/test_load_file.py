"""A file on its way from the bucket into the record, with the real worker, queue and store."""

from __future__ import annotations

import hashlib
import io
import random
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl

from networx import settings
from networx.db import pool
from networx.db.keyset import Page
from networx.domain.network_digest import DIGEST_COLUMNS
from networx.domain.shipment_record import ShipmentDigest
from networx.errors import DatabaseUnavailable, ObjectStoreUnavailable
from networx.ingest import datasets, problem_records, records
from networx.ingest.freight_datasets import iter_shipments, shipments_of
from networx.ingest.loading import DatasetLoad, table_name
from networx.jobs import relay, store
from networx.jobs.job import Job
from networx.jobs.queue import Hint
from networx.jobs.sqs import SqsQueue
from networx.resilience import aws as aws_clients
from networx.resilience import objects
from networx.resilience.confine import Confinement
from networx.work.load_file import FileLoad
from networx.work.receive_upload import receive

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "us_network.xlsx"
LOADING = ("file", {"file-load": FileLoad()})


class Small(FileLoad):
    """The handler with a child that has little memory."""

    confinement = Confinement("networx.ingest.child:run", memory_mib=256, cpu_seconds=60)


def changed(**cells: Any) -> bytes:
    """The example with some cells of Destinations changed: demand_units of row 3 as `row_3=...`."""
    book = openpyxl.load_workbook(EXAMPLE)
    sheet = book["Destinations"]
    column = next(cell.column for cell in sheet[1] if cell.value == "demand_units")
    for row, value in cells.items():
        sheet.cell(int(row.removeprefix("row_")), column, value)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def rows_kept(record) -> int:
    """Rows of clients' data in the record."""
    tables = ["datasets", "transport_shipments", *(table_name(table) for table in DIGEST_COLUMNS)]
    with pool.tenant(record.tenant_id) as connection:
        counted = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables]
    return sum(row[0] for row in counted if row is not None)


def job_of(upload: records.Upload) -> Job:
    assert upload.job_id is not None
    with pool.system() as connection:
        return store.get_job(connection, upload.job_id)


def result_of(upload: records.Upload) -> dict[str, Any] | None:
    assert upload.job_id is not None
    with pool.system() as connection:
        return store.get_result(connection, upload.job_id)


def upload_of(tenant_id: UUID) -> records.Upload:
    with pool.tenant(tenant_id) as connection:
        (upload,) = records.list_uploads(connection)
    return upload


def in_bucket(aws, name: str, key: str) -> bool:
    listed = aws.s3.list_object_versions(Bucket=settings.current().buckets[name], Prefix=key)
    return bool(listed.get("Versions"))


def test_the_example_becomes_a_dataset(quick, arrive, working, settled):
    receive(arrive(EXAMPLE.read_bytes()))
    with working(*LOADING):
        upload = settled()
    assert upload.status == "loaded"
    with pool.tenant(quick.tenant_id) as connection:
        dataset = datasets.get_dataset(connection, upload.dataset_id)
        tables = datasets.read_network(connection, upload.dataset_id)
        assert datasets.read_parameters(connection, dataset.id) == tables.parameters
        assert datasets.read_years(connection, dataset.id) == len(tables.forecast)
    assert len(tables.destinations) == dataset.counts["destinations"] == upload.counts["destinations"] == 300
    assert dataset.source_sha256 == upload.sha256 == hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    # What the record gives back is, to the bit, what was read from the file.
    assert tables.sha256() == dataset.sha256
    assert result_of(upload) == {"status": "loaded", "dataset_id": str(dataset.id), "counts": dataset.counts}


def test_one_bad_row_refuses_the_file_and_nothing_is_kept(quick, arrive, working, settled, aws):
    arrival = arrive(changed(row_3=-5, row_7="many"))
    receive(arrival)
    with working(*LOADING):
        upload = settled()
    assert (upload.status, upload.reason_code, upload.problem_count) == ("rejected", "INVALID_INPUT", 2)
    assert str(upload.reason).startswith("Destinations, row 3, column demand_units: demand_units is negative")
    assert str(upload.reason).endswith("(and 1 more)")
    with pool.tenant(quick.tenant_id) as connection:
        found = problem_records.list_problems(connection, upload.id, page=Page(problem_records.ORDERS["position"], 10))
    assert [(placed.problem.row, placed.problem.column, placed.problem.value) for placed in found] == [
        (3, "demand_units", "-5"),
        (7, "demand_units", "many"),
    ]
    assert rows_kept(quick) == 0
    # Refused is an answer: the job itself has succeeded, at its first attempt.
    job = job_of(upload)
    assert (job.status, job.attempt) == ("succeeded", 1)
    assert result_of(upload) == {"status": "rejected", "code": "INVALID_INPUT", "reason": upload.reason}
    assert not in_bucket(aws, "input", arrival.key)
    assert in_bucket(aws, "quarantine", arrival.key)


def test_many_problems_are_all_counted(quick, arrive, working, settled):
    receive(arrive(changed(**{f"row_{row}": "x" for row in range(2, 302)})))
    with working(*LOADING):
        upload = settled()
    assert (upload.status, upload.problem_count) == ("rejected", 300)
    assert upload.reason.endswith("(and 299 more)")


def test_the_same_content_again_is_recognised_and_not_loaded(quick, arrive, working, settled, uploads):
    receive(arrive(EXAMPLE.read_bytes(), "one.xlsx"))
    with working(*LOADING):
        first = settled()
        kept = rows_kept(quick)
        receive(arrive(EXAMPLE.read_bytes(), "two.xlsx"))
        second = settled()
    assert len(uploads()) == 2
    assert (second.filename, second.status, second.dataset_id) == ("two.xlsx", "loaded", first.dataset_id)
    assert second.counts == first.counts
    assert second.warnings[-1] == "The same file was loaded before; its dataset is used again."
    assert rows_kept(quick) == kept


def test_the_same_content_of_another_tenant_is_not_recognised(quick, arrive, working, settled):
    receive(arrive(EXAMPLE.read_bytes()))
    with working(*LOADING):
        mine = settled()
        with pool.system() as connection:
            row = connection.execute(
                "INSERT INTO tenants (slug, name) VALUES ('another', 'Another') RETURNING id"
            ).fetchone()
        assert row is not None
        receive(arrive(EXAMPLE.read_bytes(), key="uploads/another/network.xlsx"))
        deadline = time.monotonic() + 20
        while (theirs := upload_of(row[0])).status == "loading":
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert theirs.status == "loaded"
    assert theirs.dataset_id != mine.dataset_id


def test_a_file_deleted_before_it_was_loaded_is_refused_by_that_name(quick, arrive, working, settled, aws):
    arrival = arrive(EXAMPLE.read_bytes())
    receive(arrival)
    aws.s3.delete_object(Bucket=arrival.bucket, Key=arrival.key, VersionId=arrival.version)
    with working(*LOADING):
        upload = settled()
    assert (upload.status, upload.reason_code) == ("rejected", "FILE_GONE")
    assert "Upload it again" in str(upload.reason)
    assert job_of(upload).status == "succeeded"
    assert not in_bucket(aws, "quarantine", arrival.key)


def test_a_file_that_needs_too_much_memory_is_refused_and_the_worker_lives(quick, arrive, working, settled, aws):
    # Honest sizes, no odd ratio: a shared string of 90 MB is only found out by reading it.
    bomb = arrive(one_huge_text())
    receive(bomb)
    with working("file", {"file-load": Small()}):
        upload = settled()
        assert (upload.status, upload.reason_code) == ("rejected", "FILE_TOO_COMPLEX")
        assert "256 MiB of memory" in str(upload.reason)
        assert job_of(upload).attempt == 1
        receive(arrive(EXAMPLE.read_bytes(), "good.xlsx"))
        assert settled().status == "loaded"
    assert in_bucket(aws, "quarantine", bomb.key)


def one_huge_text() -> bytes:
    source = zipfile.ZipFile(EXAMPLE)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "xl/sharedStrings.xml":
                # Text of little repetition: packed as tightly as any honest workbook.
                text = random.Random(1).randbytes(45_000_000).hex()
                content = content.replace(b"</sst>", f"<si><t>{text}</t></si></sst>".encode())
            archive.writestr(member.filename, content)
    return written.getvalue()


def test_a_database_that_restarts_in_the_middle_of_a_load_costs_no_attempt(
    quick, machine, arrive, working, settled, monkeypatch
):
    restarted = []
    write = DatasetLoad.write

    def write_after_a_restart(self: DatasetLoad, table: str, rows: Any) -> None:
        if not restarted:
            server = machine.supervisor.process("postgres")
            server.send_signal(signal.SIGINT)
            restarted.append(server.wait(20))
        write(self, table, rows)

    monkeypatch.setattr(DatasetLoad, "write", write_after_a_restart)
    receive(arrive(EXAMPLE.read_bytes()))
    with working(*LOADING):
        upload = patiently(settled)
    assert restarted == [0]
    assert upload.status == "loaded"
    assert job_of(upload).attempt == 1
    with pool.system() as connection:
        told = [event["event"] for event in store.events(connection, job_of(upload).id)]
    assert told == ["submitted", "claimed", "released", "claimed", "finished"]
    with pool.tenant(quick.tenant_id) as connection:
        assert connection.execute("SELECT count(*) FROM datasets").fetchone() == (1,)


def patiently(look: Callable[[], records.Upload]) -> records.Upload:
    """What is seen once the database answers again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return look()
        except DatabaseUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_file_store_that_is_away_for_a_moment_costs_no_attempt(quick, arrive, working, settled, monkeypatch):
    refused = []
    download = objects.download

    def download_at_the_third_try(*where: Any) -> str:
        if len(refused) < 2:
            refused.append(where)
            raise ObjectStoreUnavailable
        return download(*where)

    monkeypatch.setattr(objects, "download", download_at_the_third_try)
    receive(arrive(EXAMPLE.read_bytes()))
    with working(*LOADING):
        upload = settled()
    assert (upload.status, job_of(upload).attempt, len(refused)) == ("loaded", 1, 2)


def test_the_same_hint_many_times_loads_the_file_once(quick, arrive, working, settled):
    receive(arrive(EXAMPLE.read_bytes()))
    with working(*LOADING):
        upload = settled()
        kept = rows_kept(quick)
        queue = SqsQueue("file-processing.fifo")
        queue.send([Hint(job_of(upload).id, fence) for fence in range(100, 105)])
        deadline = time.monotonic() + 40
        while waiting(queue.url):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert rows_kept(quick) == kept
    assert job_of(upload).attempt == 1
    with pool.system() as connection:
        assert [event["event"] for event in store.events(connection, job_of(upload).id)].count("finished") == 1


def waiting(url: str) -> int:
    """Messages of a queue that wait or are being worked on."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    held = aws_clients.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(held[name]) for name in names)


def renamed_header() -> bytes:
    """The example with a header that means nothing to us."""
    book = openpyxl.load_workbook(EXAMPLE)
    sheet = book["Destinations"]
    next(cell for cell in sheet[1] if cell.value == "city").value = "Ortschaft 12"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_an_unknown_column_is_kept_by_its_header_and_patterns_alone(quick, arrive, working, settled):
    receive(arrive(renamed_header()))
    with working(*LOADING):
        upload = settled()
    assert upload.status == "rejected"
    with pool.tenant(quick.tenant_id) as connection:
        ((tab, header, patterns, fields),) = connection.execute(
            "SELECT tab, header, patterns, fields FROM upload_columns WHERE upload_id = %s", (upload.id,)
        ).fetchall()
    assert (tab, header) == ("Destinations", "Ortschaft 99")
    assert "city" in fields
    assert patterns
    assert {letter for pattern in patterns for letter in pattern if letter.isalnum()} <= {"A", "a", "9"}


FREIGHT = (
    b"order_id,ship_date,origin_zip,dest_zip,mode,weight_lb,net_charge,tracking_number\n"
    b"A,2025-03-01,60601,02139,LTL,500,100.10,T1\n"
    b"A,2025-03-01,60601,02139,LTL,500,-0.10,T1\n"
    b"B,2025-03-02,60601,10001,parcel,5,7,T2\n"
    b"B,2025-03-02,60601,10001,parcel,5,7,T2\n"
)


def test_shipments_become_a_dataset_with_every_cent_accounted_for(quick, arrive, working, settled):
    receive(arrive(FREIGHT, "freight.csv"))
    with working(*LOADING):
        upload = settled()
        # The same file again is known, and its dataset used again.
        receive(arrive(FREIGHT, "again.csv"))
        again = settled()
    assert (upload.status, upload.kind, upload.counts) == ("loaded", "shipments", {"shipments": 2})
    assert again.dataset_id == upload.dataset_id
    with pool.tenant(quick.tenant_id) as connection:
        dataset = datasets.get_dataset(connection, upload.dataset_id)
        rows = [row for batch in iter_shipments(connection, dataset.id) for row in batch]
    assert (dataset.domain, dataset.counts) == ("transport", {"shipments": 2})
    digest = ShipmentDigest()
    digest.update_rows("shipments", rows)
    assert digest.hexdigest() == dataset.sha256
    assert shipments_of([rows]).charge_cents.tolist() == [10_000, 700]
    assert dataset.account == [
        {
            "tab": "CSV",
            "read": {"rows": 4, "cents": 11_400},
            "kept": {"rows": 3, "cents": 10_700},
            "left_out": {"repeated": {"rows": 1, "cents": 700}},
            "shipments": 2,
        }
    ]


def test_shipments_that_cannot_be_read_leave_nothing(quick, arrive, working, settled):
    receive(arrive(FREIGHT.replace(b"60601,10001", b"60601,nowhere").replace(b",8,", b",heavy,"), "freight.csv"))
    receive(arrive(FREIGHT.replace(b",T2", b",T2,more"), "freight.csv"))
    with working(*LOADING):
        upload = settled()
    assert (upload.status, upload.kind, upload.bad_rows) == ("rejected", "shipments", None)
    assert rows_kept(quick) == 0


def decided(quick: Any, upload: records.Upload, without: dict[str, Any]) -> None:
    """Read the upload again without its bad rows, as the API asks for it."""
    with pool.tenant(quick.tenant_id) as connection:
        params = {"upload_id": str(upload.id), "domain": "transport", "without": without}
        job = store.submit(connection, tenant_id=quick.tenant_id, kind="file-load", params=params)
        assert records.goes_on(connection, upload.id, job.id)
    relay.send_soon()


def test_shipments_with_bad_rows_wait_and_go_on_without_those_that_were_shown(quick, arrive, working, settled):
    receive(arrive(FREIGHT.replace(b"60601,10001", b"60601,nowhere", 1), "freight.csv"))
    with working(*LOADING):
        upload = settled()
        assert (upload.status, upload.problem_count, upload.reason_code) == ("needs_decision", 1, None)
        bad = {"rows": 1, "cents": 700, "units": 0.0, "uncharged": 0}
        assert upload.bad_rows == bad
        assert str(upload.reason).startswith("1 row with a cell that cannot be read: $7.00 and 0 units")
        assert rows_kept(quick) == 0
        with pool.tenant(quick.tenant_id) as connection:
            ((where, cells),) = problem_records.cells_of_rows(connection, upload.id).items()
        assert (where[0], dict(cells)["dest_zip"]) == ("CSV", "nowhere")
        # Rows that nobody was shown are not left out: it waits again.
        decided(quick, upload, bad | {"rows": 2})
        waiting = settled()
        assert (waiting.status, waiting.bad_rows, waiting.problem_count) == ("needs_decision", bad, 1)
        decided(quick, waiting, bad)
        done = settled()
    assert (done.status, done.reason, done.problem_count) == ("loaded", None, 1)
    assert "CSV: 1 row left out, for a cell that cannot be read, as a person decided, $7.00." in done.warnings
    with pool.tenant(quick.tenant_id) as connection:
        dataset = datasets.get_dataset(connection, done.dataset_id)
    assert list(dataset.warnings) == list(done.warnings)
    assert (dataset.account or [{}])[0]["left_out"]["bad"] == {"rows": 1, "cents": 700}
