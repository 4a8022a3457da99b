"""The result object, workbook, report and words of capacity analyses whose figures are known by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import orjson
import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import CapacityParameters, SitesAsked, TransportParameters
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.results.capacity import capacity_result
from networx.results.capacity_wording import bottleneck_words, held_back_words, price_words, relief_words, units
from networx.results.capacity_workbook import write_capacity_workbook
from networx.results.report import write_capacity_report
from networx.verify.capacity import certify_capacity
from tests.core.models.lane_networks import with_lanes, with_lanes_in
from tests.core.models.small_networks import (
    UNLIMITED,
    expansions,
    growing,
    network,
    parameters,
    priced,
    with_suppliers,
)

GIVEN = parameters(lease_years=None)


def result_of(tables: NetworkTables, stated: TransportParameters = GIVEN, *, partial: bool = False) -> dict[str, Any]:
    sites = chosen_sites(tables, stated, None)
    outcome = analyse_capacity(tables, stated, CapacityParameters(SitesAsked()), sites)
    certificate = certify_capacity(tables, stated, sites, outcome, tables.sha256())
    return capacity_result(
        tables, stated, outcome, certificate, asked="mandatory", identity={"job_id": "J"}, partial=partial
    )


@pytest.fixture(scope="module")
def short() -> dict[str, Any]:
    return result_of(growing())


def test_the_key_figures(short: dict[str, Any]):
    assert short["kpis"] == pytest.approx(
        {
            "first_year_of_shortage": 2027,
            "units_short": 70,
            "total_units": 380,
            "demand_units": 450,
            "transport_cost": 380,
            "handling_cost": 0,
            "inbound_cost": 0,
            "service_penalty": 0,
            "fixed_cost": 450,
            "one_time_cost": 0,
            "total_cost": 830,
            "cost_per_unit": 830 / 380,
            "facilities_open": 2,
            "highest_utilisation": 1.0,
            "bottlenecks": 4,
        }
    )
    assert (short["status"], short["objective"], short["sites"]) == ("optimal", pytest.approx(1650), ["North", "South"])


def test_use_by_facility_and_year(short: dict[str, Any]):
    used = {(row["facility"], row["year"]): row for row in short["utilisation"]}
    assert used["North", 2026] == {
        "facility": "North",
        "year": 2026,
        "capacity": 80,
        "throughput": pytest.approx(60),
        "utilisation": pytest.approx(0.75),
        "spare": pytest.approx(20),
    }
    assert used["South", 2028]["utilisation"] == pytest.approx(1)
    assert [year["utilisation"] for year in short["years"]] == pytest.approx([100 / 140, 1, 1])


def test_the_shortage_by_year(short: dict[str, Any]):
    shortage = short["shortage"]
    assert (shortage["first_year"], shortage["units"]) == (2027, pytest.approx(70))
    first, second = shortage["by_year"]
    assert (first["units"], first["share_of_demand"]) == (pytest.approx(10), pytest.approx(10 / 150))
    assert sum(place["units"] for place in second["destinations"]) == pytest.approx(60)
    assert second["facilities"] == ["North", "South"]


def test_the_relief_with_its_costs(short: dict[str, Any]):
    relief = short["relief"]
    changes = [(one["facility"], one["from_year"], one["capacity"], one["fixed_cost"]) for one in relief["changes"]]
    assert changes == [("Hut", 2027, 30, 180), ("West", 2028, 100, 500)]
    assert (relief["added_fixed_cost"], relief["fixed_cost"]) == (680, 1130)
    assert relief["transport_cost"] == pytest.approx(520)
    assert [year["units_short"] for year in relief["years"]] == [0, 0, 0]


def test_a_bottleneck_with_its_range_and_the_difference_solved_again():
    (one,) = result_of(priced(58))["bottlenecks"]
    assert one["shadow_price"] == pytest.approx(3)
    assert (one["valid_from"], one["valid_to"]) == (58, pytest.approx(60))
    assert one["tenth_more"] == {"capacity": pytest.approx(63.8), "saves": pytest.approx(6), "unit": "USD per year"}
    assert price_words(one) == "$3.00 a year"
    assert bottleneck_words(one) == "10 % more (63.80 units) saves $6 a year"


def test_the_words_of_a_shortage(short: dict[str, Any]):
    assert short["headline"] == "Capacity runs out in 2027: 10 units cannot be served"
    assert relief_words(short["relief"]) == "open Hut in 2027 and West in 2028"
    assert "The cheapest relief is to open Hut in 2027 and West in 2028" in short["verdict"]
    assert price_words(short["bottlenecks"][0]) == "1 unit served"


def test_the_words_where_nothing_is_short():
    result = result_of(priced(40), partial=True)
    assert result["verdict"].startswith(
        "Stopped early. The capacity suffices in the one year planned. Serving all demand costs $270"
    )


def test_many_openings_of_one_year_are_counted_in_that_year():
    changes = [{"facility": name, "tier": None, "from_year": 2027} for name in "ABCDE"]
    assert relief_words({"changes": changes}) == "open 5 facilities in 2027"
    changes[0]["from_year"] = 2026
    assert relief_words({"changes": changes}) == "open 5 facilities between 2026 and 2027"


def test_the_words_without_a_relief_and_without_time():
    small = [("North", 80, 100, "mandatory"), ("South", 60, 50, "mandatory"), ("West", 20, 500), ("Hut", 30, 90)]
    impossible = result_of(growing(facilities=small))
    assert "Opening what the data offers does not remove the shortage." in impossible["verdict"]
    nothing = result_of(growing(), replace(GIVEN, time_limit_seconds=1e-9))
    assert (nothing["kpis"], nothing["headline"]) == (None, "The years could not be solved in time")


@pytest.mark.parametrize(
    ("near", "far", "said", "held"),
    [
        (0, UNLIMITED, "What has capacity is too far away for the service level in the one year planned: 80 units", ""),
        (
            40,
            UNLIMITED,
            "Capacity near enough for the service level runs out in the one year planned: 40 units",
            "South, ",
        ),
        (40, 10, "Capacity runs out in the one year planned: 50 units", None),
    ],
)
def test_the_headline_says_whether_capacity_or_the_service_level_lacks(near, far, said, held):
    """80 of Elm's 100 have to come from near. South is near and holds `near`, North is far and holds `far`."""
    tables = network(
        [("North", far, 0, "mandatory"), ("South", near, 0, "mandatory")],
        [("Elm", 100)],
        [(0, 0, 2, 300), (1, 0, 1, 9)],
    )
    result = result_of(tables, replace(GIVEN, service_level=0.8, max_distance_miles=50.0))
    assert result["headline"] == f"{said} cannot be served"
    (year,) = result["shortage"]["by_year"]
    told = f"Held back by {held}the service level." if held is not None else "Held back by North, South."
    assert held_back_words(year) == told


@pytest.mark.parametrize(("number", "said"), [(1, "1 unit"), (10.000000000000004, "10 units"), (63.8, "63.80 units")])
def test_units_are_written_without_dust(number: float, said: str):
    assert units(number) == said


def cases() -> dict[str, NetworkTables]:
    small = [("North", 80, 100, "mandatory"), ("South", 60, 50, "mandatory"), ("West", 20, 500), ("Hut", 30, 90)]
    unlimited = [("North", UNLIMITED, 100, "mandatory"), ("<b>&", 60, 50, "mandatory"), ("W", 1, 5), ("H", 3, 9)]
    return {
        "relief": growing(),
        "enough": priced(40),
        "no relief": growing(facilities=small),
        "unlimited": growing(facilities=unlimited),
        "tiers": replace(growing(), expansions=expansions([(0, 1, 30, 20, 5), (0, 2, 30, 20, 5)])),
        "supplied": supplied(),
        "leased": leased(),
        "minima": too_little(),
    }


def supplied() -> NetworkTables:
    """North sends 100 to Elm: 60 by rail at $1 and 40 by road at $4. Mill sends it 70 at $1, Forge the rest at $3."""
    rail = {"at": (0, 0), "mode": "rail", "cost": 1.0, "most": 60.0}
    lanes = [rail, {"at": (0, 0), "mode": "road", "cost": 4.0}]
    tables = with_lanes(network([("North", 200, 100, "mandatory")], [("Elm", 100)]), lanes)
    return with_suppliers(tables, [("Mill", 70), ("Forge", UNLIMITED)], [(0, 0, 1), (1, 0, 3)])


def test_lanes_and_suppliers_are_named_and_what_comes_in_has_a_line_of_its_own():
    result = result_of(supplied())
    (year,) = result["years"]
    costs = {name: year[name] for name in ("transport_cost", "inbound_cost", "service_penalty", "total_cost")}
    assert costs == pytest.approx({"transport_cost": 220, "inbound_cost": 160, "service_penalty": 0, "total_cost": 480})
    shown = [(one["kind"], one["name"], one["shadow_price"], one["valid_from"]) for one in result["bottlenecks"]]
    assert sorted(shown) == [
        ("lane", "North to Elm by rail", pytest.approx(3), pytest.approx(60)),
        ("supplier", "Mill", pytest.approx(2), 70),
    ]


def test_handling_has_a_line_of_its_own():
    own = np.array([2.0, np.nan])
    tables = priced(40)
    tables = replace(tables, facilities=replace(tables.facilities, variable_cost_per_unit=own))
    result = result_of(tables)
    (year,) = result["years"]
    assert (year["transport_cost"], year["handling_cost"]) == (pytest.approx(40 + 80), pytest.approx(80))
    assert year["total_cost"] == pytest.approx(result["objective"])


def test_a_lane_from_a_supplier_is_named_by_its_ends_and_its_mode():
    """Mill sends 60 by rail at $1, the rest by road at $4."""
    tables = with_suppliers(network([("North", 200, 100, "mandatory")], [("Elm", 100)], [(0, 0, 1)]), [("Mill", 500)])
    rows = [{"mode": "rail", "cost": 1.0, "most": 60.0}, {"mode": "road", "cost": 4.0}]
    result = result_of(with_lanes_in(tables, [{"at": (0, 0), **row} for row in rows]))
    (one,) = result["bottlenecks"]
    assert (one["kind"], one["name"]) == ("inbound lane", "Mill to North by rail")
    assert (one["valid_from"], one["shadow_price"]) == (pytest.approx(60), pytest.approx(3))
    short = result_of(with_lanes_in(tables, [{"at": (0, 0), **rows[0]}]))
    assert short["shortage"]["by_year"][0]["held_back_by"] == ["Mill to North by rail"]


def test_what_holds_back_a_short_year_is_named():
    tables = supplied()
    few = replace(tables, suppliers=replace(tables.suppliers, supply_units=np.array([20.0, 30.0])))
    (year,) = result_of(few)["shortage"]["by_year"]
    assert (year["units"], year["held_back_by"], year["facilities"]) == (pytest.approx(50), ["Mill", "Forge"], [])


def test_a_relief_by_tiers_says_which_when_and_at_what_cost():
    result = result_of(cases()["tiers"])
    relief = result["relief"]
    assert relief_words(relief) == "take North, tier 1 in 2027 and North, tier 2 in 2028"
    assert [(one["change"], one["tier"], one["capacity"], one["fixed_cost"]) for one in relief["changes"]] == [
        ("expand", 1, 30, 2 * 20 + 5),
        ("expand", 2, 30, 20 + 5),
    ]
    assert [year["fixed_cost"] for year in relief["years"]] == pytest.approx([150, 175, 195])
    assert sum(year["total_cost"] for year in relief["years"]) == pytest.approx(result["objective"])
    north = [row["capacity"] for row in relief["utilisation"] if row["facility"] == "North"]
    assert north == [80, 110, 140]


def leased() -> NetworkTables:
    """2027 and 2028 lack up to 60 units, 2029 lacks 20, since South's window closes. Hut is open before 2026: closing
    it then and opening it again in 2029 costs 1 + 30 + 90, keeping it 360."""
    tables = growing(forecast=[(2026, 100), (2027, 170), (2028, 200), (2029, 100)])
    rules = {
        "existing": ("no", "no", "no", "yes"),
        "lease_years": np.array([np.nan, np.nan, 2, 2]),
        "opening_cost": np.array([0.0, 0, 20, 30]),
        "closing_cost": np.array([0.0, 0, 10, 1]),
        "available_to_year": np.array([np.nan, 2028, np.nan, np.nan]),
    }
    return replace(tables, facilities=replace(tables.facilities, **rules))


def test_a_relief_that_closes_again_says_until_when_and_what_it_costs_once():
    result = result_of(leased())
    relief = result["relief"]
    west, hut = relief["changes"]
    assert (west["change"], west["from_year"], west["to_year"]) == ("open", 2027, 2028)
    assert (west["opening_cost"], west["closing_cost"], west["fixed_cost"]) == (20, 10, 2 * 500)
    assert (hut["to_year"], hut["opening_cost"], hut["closing_cost"], hut["fixed_cost"]) == (None, 30, 0, 90)
    assert (relief["added_fixed_cost"], relief["added_one_time_cost"]) == (1090, 60)
    assert relief_words(relief) == "open West from 2027 to 2028 and Hut in 2029"
    assert [year["one_time_cost"] for year in relief["years"]] == [1, 20, 0, 40]
    assert sum(year["total_cost"] for year in relief["years"]) == pytest.approx(result["objective"])
    assert [row["year"] for row in result["utilisation"] if row["facility"] == "South"] == [2026, 2027, 2028]


def too_little() -> NetworkTables:
    """North has to ship 70 and South 60 units in each year; 2026 asks for 100."""
    least = np.array([70.0, 60, np.nan, np.nan])
    tables = growing()
    return replace(tables, facilities=replace(tables.facilities, min_throughput_units=least))


def test_minima_that_cannot_be_met_are_the_answer():
    result = result_of(too_little())
    assert (result["status"], result["kpis"], result["years"]) == ("infeasible", None, [])
    assert result["headline"] == "The sites cannot ship their minimum throughput in 2026"
    (clash,) = result["infeasibility"]["clashes"]
    assert clash["short_by"] == pytest.approx(30)


def test_the_words_of_what_is_kept_and_of_what_closes_again():
    kept = {"change": "keep", "facility": "Hut", "tier": None, "from_year": 2026, "to_year": None}
    west = {"change": "open", "facility": "West", "tier": None, "from_year": 2027, "to_year": 2028}
    year = {"change": "open", "facility": "East", "tier": None, "from_year": 2029, "to_year": 2029}
    said = relief_words({"changes": [west, year, kept]})
    assert said == "keep open Hut in 2026 and open West from 2027 to 2028 and East in 2029 alone"


@pytest.mark.parametrize("case", list(cases()))
def test_report_and_workbook_are_written_for_every_outcome(tmp_path: Path, case: str):
    result = result_of(cases()[case])
    assert orjson.loads(orjson.dumps(result)) == result
    write_capacity_report(tmp_path / "report.html", result)
    page = (tmp_path / "report.html").read_text()
    assert result["headline"] in page
    assert "<b>&" not in page
    assert not re.search(r"(src|href)=", page)
    write_capacity_workbook(tmp_path / "result.xlsx", result)
    book = openpyxl.load_workbook(tmp_path / "result.xlsx", read_only=True)
    assert book.sheetnames[:5] == ["Summary", "Years", "Use of capacity", "Shortage", "Bottlenecks"]
    assert result["certificate"]["valid"]
    assert ("Relief" in book.sheetnames) == (result["relief"] is not None)
    used = list(book["Use of capacity"].iter_rows(min_row=2, values_only=True))
    assert len(used) == len(result["utilisation"])


def test_without_time_there_are_still_a_report_and_a_workbook(tmp_path: Path):
    result = result_of(growing(), replace(GIVEN, time_limit_seconds=1e-9))
    write_capacity_report(tmp_path / "report.html", result)
    write_capacity_workbook(tmp_path / "result.xlsx", result)
    assert "could not be solved in time" in (tmp_path / "report.html").read_text()
