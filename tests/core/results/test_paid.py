"""The result on what was paid: calibrated or not, in its published shape, as workbook and report."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from networx.domain.baseline_questions import BaselineAsked
from networx.domain.business_parameters import BusinessParameters
from networx.domain.control_totals import ControlTotals
from networx.domain.network import NetworkTables
from networx.ingest.freight_datasets import shipments_of
from networx.models.baseline import price_today, sum_paid
from networx.results import paid as paid_results
from networx.results.paid import Beside, lane_rows, operating_costs, paid_result
from networx.results.paid_tables import SUMS, lane_table, paid_tables
from networx.results.paid_workbook import write_paid_workbook
from networx.results.report import write_paid_report
from networx.verify.baseline import Summed, certify_paid, certify_today
from tests.core.models.small_freight import digest_of, shipment
from tests.core.models.small_networks import parameters
from tests.core.results.test_business_case import example, lines, paid
from tests.core.results.test_schema import IDENTITY, faults

RENT = (2026, "fixed: rent", 100.0)


def of_transport(dollars: float) -> list[Any]:
    """A shipment each month of 2026, which come to so many dollars."""
    cents = round(dollars * 100)
    parts = [cents // 12] * 11
    return [
        shipment(f"2026-{month:02d}-01", charge=part, units=1.0)
        for month, part in enumerate([*parts, cents - sum(parts)], 1)
    ]


def told(
    rows: list[Any],
    tables: NetworkTables | None = None,
    flows: str | None = "cheapest",
    totals: ControlTotals | None = None,
    **stated: Any,
) -> dict[str, Any]:
    beside = None
    business = BusinessParameters(**stated) if tables is None else BusinessParameters(baseline_flows=flows, **stated)
    asked = BaselineAsked(business, parameters(), totals or {})
    if tables is not None:
        identity = {"dataset_file": "network.xlsx", "dataset_sha256": tables.sha256()}
        beside = Beside(tables, identity)
        if flows is not None:
            baseline = price_today(tables, parameters(), flows)
            certificate = None
            if baseline.outcome is not None:
                certificate = certify_today(tables, parameters(), baseline, tables.sha256())
            beside = replace(beside, baseline=baseline, certificate=certificate)
    summed = sum_paid(shipments_of([rows]), tables)
    certificate = certify_paid(
        [rows],
        digest_of(rows),
        summed,
        account=None,
        network=tables,
        network_sha256=None if tables is None else tables.sha256(),
        operating_costs=operating_costs(beside),
    )
    assert certificate.valid, certificate.checks
    return paid_result(
        summed, certificate, identity=IDENTITY, account=[], warnings=["A warning."], asked=asked, beside=beside
    )


def test_shipments_alone_are_compared_with_nothing_and_say_so() -> None:
    result = told([shipment(charge=150, units=3.0), shipment(charge=50)])
    assert (result["objective"], result["calibration"], result["network"]) == (2.0, "not_compared", None)
    assert result["kpis"]["cost_per_unit"] == 0.5
    assert (result["kpis"]["shipments_with_units"], result["kpis"]["weight_lb"]) == (1, None)
    assert "The shipments of 2026 are of 1 month, not of the whole year." in result["notes"]
    assert "A warning." in result["notes"]
    assert "1 of 2 shipments state their units" in result["verdict"]
    assert faults(result) == []


@pytest.mark.parametrize(
    ("dollars", "costs", "control", "calibration"),
    [
        (158.0, [RENT], [], "calibrated"),  # today's network is modelled at 160 of transport and 100 fixed
        (158.0, [RENT], [(2026, "total", 259.0)], "calibrated"),
        (150.0, [RENT], [], "uncalibrated"),
        (158.0, [RENT], [(2026, "total", 300.0)], "uncalibrated"),
        (158.0, [(2026, "fixed: rent", 90.0)], [], "uncalibrated"),
        (158.0, [RENT, (2026, "transport", 158.0)], [], "calibrated"),
        (158.0, [RENT, (2026, "transport", 120.0)], [], "uncalibrated"),  # stated twice, and not the same
    ],
)
def test_paid_beside_modelled_and_booked(dollars: float, costs: Any, control: Any, calibration: str) -> None:
    tables = example(operating_costs=paid(*costs), control_totals=lines(*control))
    result = told(of_transport(dollars), tables)
    rows = {(row["year"], row["line"]): row for row in result["lines"]}
    assert (rows[2026, "transport"]["paid"], rows[2026, "transport"]["modelled"]) == (dollars, 160)
    assert result["calibration"] == calibration
    assert result["modelled"]["certificate"]["valid"]
    assert result["kpis"]["modelled_cost"] == pytest.approx(600)
    assert result["operating_costs"] == [
        {"year": year, "line": line, "amount": amount} for year, line, amount in sorted(costs)
    ]
    assert faults(result) == []


def test_books_beside_a_network_that_is_not_priced_calibrate_what_was_paid() -> None:
    rows, costs = of_transport(158), paid((2026, "labour", 40.0))
    agreed = example(operating_costs=costs, control_totals=lines((2026, "total", 198.0)))
    result = told(rows, agreed, flows=None)
    assert (result["calibration"], result["modelled"]["years"]) == ("calibrated", None)
    assert result["notes"][0].startswith("Calibrated: what was paid meets the control totals")
    assert result["modelled"]["why"] == "baseline_flows is not stated, so that today's network was not priced."
    result = told(rows, replace(agreed, control_totals=lines((2026, "total", 150.0))), flows=None)
    assert result["calibration"] == "uncalibrated"
    assert faults(result) == []
    # What the scenario states stands over the sheet.
    result = told(rows, agreed, flows=None, totals={(2026, "Total"): 150.0})
    assert ({line["line"]: line["control"] for line in result["lines"]}["total"], result["calibration"]) == (
        150.0,
        "uncalibrated",
    )


def test_where_today_is_priced_the_books_alone_calibrate_nothing() -> None:
    """They are of a year that the plan has not: what is modelled was held against nothing."""
    rows = [(shipment("2024-05-01", charge=100_00))]
    result = told(rows, example(operating_costs=paid(), control_totals=lines((2024, "transport", 100.0))))
    assert (result["modelled"]["why"], result["calibration"]) == (None, "not_compared")


@pytest.mark.parametrize(
    ("totals", "tolerance", "calibration", "said"),
    [
        ({(2026, "transport"): 160.0}, 0.02, "calibrated", "$2.00 (1.3 %) less was paid than the books say, within"),
        ({(2026, "Transport"): 158.0}, 0.0, "calibrated", "Calibrated: for transport in 2026"),
        ({(2026, "transport"): 150.0}, 0.02, "uncalibrated", "$8.00 (5.3 %) more was paid than the books say, beyond"),
        ({(2026, "transport"): 150.0}, 0.06, "calibrated", "within the tolerance of 6.0 %"),
        ({(2026, "total"): 150.0}, 0.02, "uncalibrated", "for total in 2026"),
        ({(2026, "transport"): 0.0}, 0.02, "uncalibrated", "$158.00 more was paid"),
        # A part counts with what it is a part of.
        ({(2026, "transport: parcel"): 100.0, (2026, "transport: ltl"): 58.0}, 0.0, "calibrated", "to the cent"),
    ],
)
def test_shipments_alone_beside_their_control_totals(
    totals: ControlTotals, tolerance: float, calibration: str, said: str
) -> None:
    result = told(of_transport(158.0), totals=totals, calibration_tolerance=tolerance)
    assert result["calibration"] == calibration
    assert said in result["verdict"]
    assert result["notes"][0].lower().startswith(calibration)
    assert result["parameters"]["control_totals"]["source"] == "given"
    assert result["parameters"]["calibration_tolerance"]["value"] == tolerance
    assert faults(result) == []
    table = next(table for table in paid_tables(result) if table.title == "Paid beside control totals")
    rows = {row[:2]: row for row in table.rows}
    line = next(line for line in result["lines"] if line["control"] is not None)
    assert rows[2026, line["line"]][2:5] == (158.0, line["control"], 158.0 - line["control"])
    assert rows[2026, line["line"]][6] == ("yes" if calibration == "calibrated" else "NO")


def test_a_control_total_that_shipments_cannot_meet_is_said_to_be_held_against_nothing() -> None:
    totals = {(2026, "transport"): 158.0, (2026, "rent"): 40.0, (2026, "total"): 198.0, (2024, "transport"): 9.0}
    result = told(of_transport(158.0), totals=totals)
    rows = {(row["year"], row["line"]): row for row in result["lines"]}
    assert result["calibration"] == "calibrated"
    # A sum that leaves out what the books have in it is no total.
    assert (rows[2026, "total"]["paid"], rows[2026, "total"]["reconciled"]) == (None, None)
    why = [note for note in result["notes"] if "held against nothing" in note]
    assert [note.split(": ", 1)[1] for note in why] == [
        "no shipment is of 2024.",
        "shipments say what transport cost, and nothing else.",
        "rent of the books is in it, of which shipments say nothing.",
    ]
    assert told(of_transport(1.0), totals={(2024, "transport"): 9.0})["calibration"] == "not_compared"


def test_a_network_without_a_price_says_why() -> None:
    tables = example()
    tables = replace(tables, facilities=replace(tables.facilities, existing=(None, None)))
    result = told(of_transport(158), tables)
    assert "no facility of the sheet Facilities is marked as existing" in result["modelled"]["why"]
    assert result["modelled"]["why"] in result["notes"]
    assert faults(result) == []


def test_the_workbook_has_every_lane_and_the_report_stands_alone(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(paid_results, "LANES_LISTED", 2)
    rows = [shipment(dest_zip=f"{100 + at}01", charge=at * 100 + 1, order_id=f"={at}") for at in range(5)]
    summed = sum_paid(shipments_of([rows]))
    result = told(rows)
    assert len(result["paid"]["lanes"]) == 2
    assert result["paid"]["lanes_not_listed"] == {"lanes": 3, "shipments": 3, "paid_cost": 3.03}
    write_paid_workbook(tmp_path / "result.xlsx", result, lane_rows(summed))
    book = openpyxl.load_workbook(tmp_path / "result.xlsx")
    lanes = list(book["Paid by lane"].iter_rows(values_only=True))
    assert [row[5] for row in lanes[1:]] == [4.01, 3.01, 2.01, 1.01, 0.01]
    assert book["Paid by lane"].auto_filter.ref == "A1:L6"
    assert book["Paid by lane"]["F2"].number_format == "$#,##0.00"
    assert {"Summary", "Paid by year", "Paid by mode", "Certificate"} <= set(book.sheetnames)
    write_paid_report(tmp_path / "report.html", result)
    page = (tmp_path / "report.html").read_text()
    assert "what was paid" in page
    assert "3 more lanes, $3.03, are in the workbook." in page
    assert not re.search(r"(?:src|href)=[\"']http", page)


def test_a_lane_from_zips_says_that_they_are_zips():
    row = {"origin": "381", "origin_kind": "zip3", "destination": "Elm", "destination_kind": "destination"}
    cells = lane_table([row | dict.fromkeys(name for _, _, name in SUMS)])
    assert next(iter(cells))[:4] == ("ZIP 381", "ZIP codes that begin so", "Elm", "destination")


def test_who_stands_at_a_zip_is_looked_up_and_not_sought_among_all() -> None:
    class Zip(str):
        __slots__ = ()
        reads = 0

        def __getitem__(self, at: Any) -> str:
            Zip.reads += 1
            return str.__getitem__(self, at)

    tables = example()
    zips = tuple(Zip(f"{60601 + at}") for at in range(len(tables.destinations)))
    summed = Summed(replace(tables, destinations=replace(tables.destinations, zip=zips)))
    known = Zip.reads
    ends = ("60601", "60601-1234", "99999", *(f"7{at:04d}" for at in range(50)))
    summed.add([shipment(dest_zip=end, direction="outbound") for end in ends])
    assert Zip.reads == known
    first = ("destination", tables.destinations.name[0])
    assert {key[2:] for key in summed.groups["lane"]} == {first, ("zip3", "999"), ("zip3", "700")}
    assert sum(sums[0] for key, sums in summed.groups["lane"].items() if key[2:] == first) == 2
