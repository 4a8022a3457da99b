"""Tiers and inbound units in every form of a result; the plans were worked out by hand where the networks stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from networx.domain.plan import Outcome, ResultStatus, TransportPlan
from networx.errors import SolverFault
from networx.models.transport import solve_transport
from networx.results.charts import cost_chart
from networx.results.inbound import iter_inbound, write_inbound
from networx.results.kpis import transport_result
from networx.results.report import render_report
from networx.results.wording import tiers_words
from networx.results.workbook import write_result_workbook
from tests.core.models.small_networks import NOT_STATED, with_suppliers
from tests.core.models.test_transport_inbound_lanes import three_ways
from tests.core.models.test_transport_suppliers import two_mills
from tests.core.models.test_transport_tiers import growing_town
from tests.core.verify.test_inbound_certificate import COST as SUPPLIED_COST
from tests.core.verify.test_inbound_certificate import supplied
from tests.core.verify.test_tier_certificate import COST as GROWN_COST
from tests.core.verify.test_tier_certificate import grown


def result_of(case: Any, plan: TransportPlan, cost: float) -> dict[str, Any]:
    tables, given = case
    outcome = Outcome(ResultStatus.OPTIMAL, "HiGHS", 0.1, objective=cost, bound=cost, gap=0.0, plan=plan)
    return transport_result(tables, given, outcome, None, identity={})


@pytest.fixture
def of_tiers() -> dict[str, Any]:
    return result_of(growing_town(lease_years=1), grown(), GROWN_COST)


@pytest.fixture
def of_suppliers() -> dict[str, Any]:
    return result_of(two_mills(), supplied(), SUPPLIED_COST)


def test_tiers_have_a_line_of_their_own_and_count_for_capacity(of_tiers):
    kpis, base = of_tiers["kpis"], of_tiers["facilities"][0]

    assert kpis["total_cost"] == pytest.approx(GROWN_COST)
    assert (kpis["expansion_cost"], kpis["facility_cost"], kpis["transport_cost"]) == (35 + 50, 35 + 50, 270)
    assert [year["expansion_cost"] for year in of_tiers["years"]] == [0, 35, 50]
    assert [(year["tiers"], year["capacity_units"], year["expansion_cost"]) for year in base["years"]] == [
        (0, 70, 0),
        (1, 100, 35),
        (2, 140, 50),
    ]
    assert base["years"][1]["utilization"] == pytest.approx(0.9)
    assert of_tiers["suppliers"] == []
    assert kpis["inbound_cost"] == 0


def test_what_comes_in_has_a_line_of_its_own_and_its_suppliers(of_suppliers):
    kpis, (mill, port) = of_suppliers["kpis"], of_suppliers["suppliers"]

    # Mill's units cost 1 + 2, Port's 6; West sends them on at 1.
    assert kpis["total_cost"] == pytest.approx(SUPPLIED_COST)
    assert (kpis["inbound_cost"], kpis["transport_cost"], kpis["facility_cost"]) == (840, 250, 100)
    assert [year["inbound_cost"] for year in of_suppliers["years"]] == [300, 540]
    assert [site["inbound_cost"] for site in of_suppliers["facilities"]] == [840, 0]
    assert (mill["supply_units"], mill["units"], mill["inbound_cost"]) == (120, 220, 660)
    assert [(year["year"], year["units"], year["utilization"]) for year in mill["years"]] == [
        (2026, 100, pytest.approx(100 / 120)),
        (2027, 120, 1),
    ]
    assert (port["supply_units"], port["years"]) == (
        None,
        [{"year": 2027, "units": 30, "utilization": None, "inbound_cost": 180}],
    )


def test_the_file_of_what_comes_in_has_a_row_a_flow(tmp_path):
    tables, given = two_mills()
    path = tmp_path / "inbound.parquet"

    assert write_inbound(path, tables, given, supplied()) == 3

    rows = list(iter_inbound(path))
    assert rows[2] == {
        "year": 2027,
        "supplier": "Port",
        "facility": "West",
        "units": 30,
        "cost_per_unit": 6,
        "cost": 180,
        "distance_miles": None,
    }
    assert pq.read_table(path).num_rows == 3


def test_the_file_and_the_workbook_say_by_which_mode_units_came_in(tmp_path):
    tables, given = three_ways()
    outcome = solve_transport(tables, given)
    assert outcome.plan is not None
    result = transport_result(tables, given, outcome, None, identity={})

    write_inbound(tmp_path / "inbound.parquet", tables, given, outcome.plan)

    sheets = sheets_of(tmp_path / "inbound.xlsx", result, iter_inbound(tmp_path / "inbound.parquet"))
    assert sheets["Inbound"][0][:5] == ("Year", "Supplier", "Facility", "Mode", "Units")
    assert [row[3:7] for row in sheets["Inbound"][1:]] == [
        ("ltl", pytest.approx(40), 6, pytest.approx(240)),
        ("rail", pytest.approx(60), 5, pytest.approx(300)),
        ("ltl", pytest.approx(90), 5.5, pytest.approx(495)),
        ("rail", pytest.approx(60), 5, pytest.approx(300)),
    ]
    assert ("Suppliers' lanes priced by Rates", 1) in {row[:2] for row in sheets["Summary"]}
    assert result["inbound_pricing"] == {"own_price": 3, "rates": 1, "fitted_rates": 0, "cost_per_unit_mile": 0}


def test_a_lane_that_nothing_prices_is_a_fault(tmp_path):
    _, given = two_mills()
    tables = with_suppliers(two_mills()[0], [("Mill", 120), ("Port", NOT_STATED)], [(0, 0, 1)])

    with pytest.raises(SolverFault, match="Port -> West, which has no price"):
        write_inbound(tmp_path / "inbound.parquet", tables, given, supplied())


def sheets_of(path: Path, result: dict[str, Any], inbound: Any = ()) -> dict[str, list[tuple[Any, ...]]]:
    write_result_workbook(path, result, (), inbound)
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_workbook_shows_tiers_and_what_comes_in(tmp_path, of_tiers, of_suppliers):
    sheets = sheets_of(tmp_path / "tiers.xlsx", of_tiers)
    assert "Inbound" not in sheets
    header, *rows = sheets["Facilities"]
    tiers, cost = header.index("Tiers in use"), header.index("Expansions")
    assert [(row[tiers], row[cost]) for row in rows[:3]] == [(0, 0), (1, 35), (2, 50)]
    assert [row[sheets["Years"][0].index("Expansions")] for row in sheets["Years"][1:]] == [0, 35, 50]

    tables, given = two_mills()
    write_inbound(tmp_path / "inbound.parquet", tables, given, supplied())
    sheets = sheets_of(tmp_path / "inbound.xlsx", of_suppliers, iter_inbound(tmp_path / "inbound.parquet"))
    assert sheets["Inbound"][1:] == [
        (2026, "Mill", "West", 100, 3, 300, None),
        (2027, "Mill", "West", 120, 3, 360, None),
        (2027, "Port", "West", 30, 6, 180, None),
    ]
    assert [row[sheets["Years"][0].index("Inbound cost")] for row in sheets["Years"][1:]] == [300, 540]


def test_the_report_says_when_a_tier_is_in_use_and_where_units_come_from(of_tiers, of_suppliers):
    assert "1 from 2027, 2 from 2028" in render_report(of_tiers, [])
    page = render_report(of_suppliers, [])
    assert "Where the units come from" in page
    assert "Mill" in page
    assert "Where the units come from" not in render_report(of_tiers, [])


def test_tiers_are_told_by_the_years_in_which_their_number_changes():
    years = [{"year": 2026 + at, "tiers": tiers} for at, tiers in enumerate([1, 1, 2, 0])]
    assert tiers_words(years) == "1 from 2026, 2 from 2028, none from 2029"


def test_the_bars_of_a_year_add_up_to_its_cost(of_suppliers):
    chart = cost_chart(of_suppliers["years"])
    heights = [sum(height for _, _, _, height, _, _ in bar.parts) for bar in chart.bars]
    assert heights[0] / heights[1] == pytest.approx(chart.bars[0].value / chart.bars[1].value)
