"""What is wrong with a file is said, with its place and its cure, and nothing of the file stays."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.acceptance.client import Client
from tests.acceptance.record import Record
from tests.acceptance.store import INPUT, QUARANTINE, Store
from tests.acceptance.workbooks import Sheets, three_towns, workbook

pytestmark = pytest.mark.platform


@dataclass(frozen=True)
class Bad:
    """A file, the word it is refused with, what its reason says, and the place and value of its fault."""

    content: bytes
    code: str
    says: str
    place: tuple[str | None, int | None, str | None] = (None, None, None)
    value: str | None = None


def spoiled(change: Callable[[Sheets], Any]) -> bytes:
    sheets = three_towns()
    change(sheets)
    return workbook(sheets)


def cell(sheet: str, row: int, column: int, value: Any) -> bytes:
    """The three towns with one cell changed; rows count from 1 as in the sheet, columns from 0."""

    def change(sheets: Sheets) -> None:
        sheets[sheet][row - 1][column] = value

    return spoiled(change)


BAD: dict[str, Bad] = {
    "not a workbook": Bad(b"%PDF-1.7 a report\n" * 50, "NOT_A_WORKBOOK", "a PDF document, not an Excel workbook"),
    "empty": Bad(b"", "EMPTY_FILE", "The file is empty (0 bytes)"),
    "cut off": Bad(workbook(three_towns())[:4000], "DAMAGED_FILE", "cut off"),
    "a sheet missing": Bad(
        spoiled(lambda sheets: sheets.pop("Destinations")),
        "MISSING_SHEET",
        "The sheet Destinations is missing",
        ("Destinations", None, None),
    ),
    "a required column missing": Bad(
        spoiled(lambda sheets: [row.pop(2) for row in sheets["Facilities"]]),
        "INVALID_INPUT",
        "capacity_units",
        ("Facilities", 1, "capacity_units"),
    ),
    "text where a number belongs": Bad(
        cell("Lanes", 3, 2, "about three"),
        "INVALID_INPUT",
        "cost_per_unit is not a number",
        ("Lanes", 3, "cost_per_unit"),
        "about three",
    ),
    "negative demand": Bad(
        cell("Destinations", 4, 1, -30),
        "INVALID_INPUT",
        "demand_units is negative",
        ("Destinations", 4, "demand_units"),
        "-30",
    ),
    "a name twice": Bad(
        cell("Facilities", 3, 0, "Harbor"),
        "INVALID_INPUT",
        "name is the same as in row 2",
        ("Facilities", 3, "name"),
        "Harbor",
    ),
    "a lane to nowhere": Bad(
        cell("Lanes", 5, 1, "Atlantis"),
        "INVALID_INPUT",
        "destination is not a name in the sheet Destinations",
        ("Lanes", 5, "destination"),
        "Atlantis",
    ),
    "an unknown ZIP": Bad(
        cell("Facilities", 2, 1, "00000"),
        "INVALID_INPUT",
        "zip is not among the ZIP codes",
        ("Facilities", 2, "zip"),
        "00000",
    ),
    "a parameter that is none": Bad(
        cell("Parameters", 3, 0, "servce_level"),
        "INVALID_INPUT",
        "servce_level",
        ("Parameters", 3, "name"),
        "servce_level",
    ),
}


@dataclass(frozen=True)
class Refused:
    """What became of the bad files: each one's upload and key, and the clients' data before and after them all."""

    uploads: dict[str, dict[str, Any]]
    keys: dict[str, str]
    data_before: dict[str, int]
    data_after: dict[str, int]


@pytest.fixture(scope="module")
def refused(client: Client, store: Store, record: Record) -> Refused:
    """Every bad file, put into the bucket at once."""
    before = record.data_counts()
    keys = {name: store.put(f"{name}.xlsx", bad.content)[0] for name, bad in BAD.items()}
    uploads = {name: client.upload_named(f"{name}.xlsx", seconds=60) for name in BAD}
    return Refused(uploads, keys, before, record.data_counts())


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_reason(name: str, refused: Refused, client: Client):
    bad, upload = BAD[name], refused.uploads[name]
    assert (upload["status"], upload["reason_code"]) == ("rejected", bad.code), upload
    assert bad.says in upload["reason"]
    assert (upload["dataset_id"], upload["counts"]) == (None, {})
    said = client.get(f"/api/uploads/{upload['upload_id']}/problems")
    assert said["total"] == upload["problem_count"] >= 1
    faults = [(problem["sheet"], problem["row"], problem["column"], problem["value"]) for problem in said["problems"]]
    assert (*bad.place, bad.value) in faults
    assert all(problem["message"] and problem["rule"] for problem in said["problems"])


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_moved_to_quarantine_with_its_reason(name: str, refused: Refused, store: Store):
    key = refused.keys[name]
    deadline = time.monotonic() + 30  # it is moved right after it was refused
    while store.versions(INPUT, key):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert store.tags(QUARANTINE, key) == {"networx:refused": BAD[name].code}
    assert store.content(QUARANTINE, key) == BAD[name].content


def test_nothing_of_a_bad_file_stays(refused: Refused, record: Record):
    assert refused.data_after == refused.data_before
    ids = [upload["upload_id"] for upload in refused.uploads.values()]
    assert record.rows("SELECT id FROM datasets WHERE upload_id = ANY(%s::uuid[])", ids) == []


def test_no_job_of_a_bad_file_is_called_a_failure(refused: Refused, client: Client):
    for upload in refused.uploads.values():
        if upload["job_id"] is not None:
            job = client.job_ended(upload["job_id"])
            assert (job["status"], job["attempt"], job["result"]["status"]) == ("succeeded", 1, "rejected")


def test_problems_can_be_downloaded_as_a_table(refused: Refused, client: Client):
    upload = refused.uploads["a lane to nowhere"]
    text = client.file(f"/api/uploads/{upload['upload_id']}/problems?format=csv").decode("utf-8-sig")
    (header, line) = text.strip().splitlines()
    assert header == "sheet,row,column,value,rule,problem"
    assert line.startswith("Lanes,5,destination,Atlantis,unknown_name,")


def test_a_refused_file_may_be_mended_and_sent_again(refused: Refused, client: Client, store: Store):
    mended = three_towns()
    mended["Destinations"][3][1] = 31
    key, version = store.put("negative demand.xlsx", workbook(mended))
    deadline = time.monotonic() + 30
    while (newest := client.upload_named("negative demand.xlsx"))["status"] != "loaded":
        assert newest["upload_id"] == refused.uploads["negative demand"]["upload_id"], newest
        assert time.monotonic() < deadline
    assert store.versions(INPUT, key) == [version]


@pytest.mark.parametrize("key", ["uploads/nobody/network.xlsx", "uploads/network.xlsx", "uploads/dev"])
def test_a_file_of_no_tenant_is_nobodys_and_goes_to_quarantine(key: str, store: Store, record: Record):
    store.put_at(key, workbook(three_towns()))
    deadline = time.monotonic() + 20
    while not store.versions(QUARANTINE, key) or store.versions(INPUT, key):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert store.tags(QUARANTINE, key) == {"networx:refused": "UNKNOWN_TENANT"}
    assert record.one("SELECT count(*) FROM uploads WHERE key = %s", key) == 0


def infeasible(client: Client, store: Store, name: str, sheets: Sheets, **parameters: Any) -> dict[str, Any]:
    """The ended job of a network that cannot work; it must have succeeded, with a checked reason and no plan."""
    store.put(name, workbook(sheets))
    upload = client.upload_named(name)
    assert upload["status"] == "loaded", upload
    job = client.solved(upload["dataset_id"], **parameters)
    result = job["result"]
    assert (job["status"], job["error"], result["status"]) == ("succeeded", None, "infeasible"), job
    assert (result["objective"], result["kpis"]) == (None, None)
    assert result["certificate"]["valid"] is True
    assert result["infeasibility"]["evidence"] == "closed_form"
    nobody = client.ask("GET", f"/api/jobs/{job['id']}/assignments")
    assert (nobody.status, nobody.body["code"]) == (404, "RESULT_NOT_FOUND")
    return job


def test_demand_above_all_capacity_is_a_result_with_its_shortfall(client: Client, store: Store):
    sheets = three_towns()
    # Without Field, Harbor and Hill hold 140 of 80 + 50 + 30 = 160 units.
    del sheets["Facilities"][3]
    sheets["Lanes"] = [row for row in sheets["Lanes"] if row[0] != "Field"]
    sheets["Destinations"][1][1] = 80
    job = infeasible(client, store, "short.xlsx", sheets, service_level=None, max_distance_miles=None)
    (clash,) = job["result"]["infeasibility"]["clashes"]
    assert (clash["requirement"], clash["unit"]) == ("capacity", "units")
    assert clash["short_by"] == pytest.approx(20)
    assert "20 units" in clash["cure"]
    for page in ("report.html", "result.xlsx"):
        assert len(client.file(f"/api/jobs/{job['id']}/{page}")) > 1000
    assert "20 units" in client.file(f"/api/jobs/{job['id']}/report.html").decode()


def test_fewer_open_than_mandatory_is_a_result_with_its_cure(client: Client, store: Store):
    sheets = three_towns()
    for row in (1, 2, 3):
        sheets["Facilities"][row][4] = "mandatory"
    job = infeasible(client, store, "too few.xlsx", sheets, max_facilities=2)
    clash = next(clash for clash in job["result"]["infeasibility"]["clashes"])
    assert (clash["requirement"], clash["short_by"], clash["unit"]) == ("max_facilities", 1, "facilities")
    assert "Raise max_facilities to 3" in clash["cure"]
