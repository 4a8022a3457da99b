"""Lanes priced by functions fitted to shipments: in their order, within what was fitted, accepted, and told as such."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest

from networx.domain.network import FittedRates, NetworkTables, Rates
from networx.domain.parameters import TransportParameters
from networx.errors import RefusedInput
from networx.models.transport import solve_transport
from networx.results.assignments import write_assignments
from networx.results.inbound import write_inbound
from networx.results.kpis import transport_result
from networx.results.report import render_report
from networx.results.workbook import write_result_workbook
from networx.verify.transport.exact import beyond_exact, check_exactly
from tests.core.models.lane_networks import with_lanes, with_lanes_in
from tests.core.models.small_networks import NOT_STATED, UNLIMITED, network, parameters, with_suppliers
from tests.core.models.test_transport_plans import assert_certified
from tests.core.verify import claims as claimed


def fitted(**columns: Any) -> FittedRates:
    """$80 + $0.30 a mile + $0.04 a cwt-mile, of ltl shipments of 500 to 1,000 lb over 20 to 900 miles."""
    told = {
        "weight_from": 500.0, "weight_to": 1_000.0, "fixed": 80.0, "per_mile": 0.3, "per_cwt_mile": 0.04,
        "miles_from": 20.0, "miles_to": 900.0, "pounds_from": 510.0, "pounds_to": 990.0, "shipments": 1_234.0,
        "median_error_percent": 8.24, "mean_error_percent": 11.5, "r_squared": 0.91, "mode": "ltl",
        "first_month": "2025-01", "last_month": "2025-12", "accepted_by": "Ana Diaz", "accepted_on": "2026-11-22",
        **columns,
    }  # fmt: skip
    return FittedRates(
        **{name: (one,) if isinstance(one, str) else np.array([one], dtype=np.float64) for name, one in told.items()}
    )


def one_way(**stated: Any) -> tuple[NetworkTables, TransportParameters]:
    """Worked out by hand. 100 units, 10 to a shipment of 750 lb, 400 miles by ltl from North to Elm.

    A shipment costs 80 + (0.3 + 0.04 x 7.5) x 400 = $320, a unit $32. Mill's units come 100 miles by ltl: 80 + 0.6 x
    100 = $140 a shipment, $14 a unit. 3,200 + 1,400 + North's 50 = 4,650.
    """
    tables = network([("North", 200, 50)], [("Elm", 100)])
    tables = with_lanes(tables, [{"at": (0, 0), "cost": NOT_STATED, "mode": "ltl", "miles": 400}])
    tables = with_lanes_in(
        with_suppliers(tables, [("Mill", UNLIMITED)]), [{"at": (0, 0), "cost": NOT_STATED, "mode": "ltl", "miles": 100}]
    )
    given = parameters(**{"units_per_shipment": 10.0, "pounds_per_unit": 75.0, **stated})
    return replace(tables, fitted_rates=fitted()), given


def test_lanes_are_priced_by_a_fit_and_the_answer_says_so(tmp_path: Path):
    tables, given = one_way()

    outcome = solve_transport(tables, given)

    assert outcome.objective == pytest.approx(4650)
    assert_certified(tables, given, outcome)
    assert outcome.plan is not None
    assert beyond_exact(tables, given) == []
    exactly = check_exactly(tables, given, outcome.plan, 4650)
    assert ({check.passed for check in exactly.checks}, exactly.from_miles) == ({True}, 2)
    result = transport_result(tables, given, outcome, None, identity={})
    counts = {"own_price": 0, "rates": 0, "fitted_rates": 1, "cost_per_unit_mile": 0}
    assert (result["pricing"], result["inbound_pricing"]) == (counts, counts)
    (fit,) = result["fitted_rates"]
    assert (fit["lanes"], fit["inbound_lanes"], fit["shipments"], fit["accepted_by"]) == (1, 1, 1234, "Ana Diaz")
    words = "priced by a function fitted to 1,234 of your shipments, error 8.2 %"
    assert f"2 lanes by ltl {words} in the median" in render_report(result, [])

    write_assignments(tmp_path / "out.parquet", tables, given, outcome.plan)
    write_inbound(tmp_path / "in.parquet", tables, given, outcome.plan)
    rows = [pq.read_table(tmp_path / name).to_pylist() for name in ("out.parquet", "in.parquet")]
    assert [[row["price_fitted"] for row in part] for part in rows] == [[words], [words]]
    write_result_workbook(tmp_path / "result.xlsx", result, rows[0], rows[1])
    book = openpyxl.load_workbook(tmp_path / "result.xlsx")
    assert [cell.value for cell in book["Fitted rates"][2]][:6] == ["ltl", 500, 1000, 1, 1, 1234]
    assert [book[name][2][-1].value for name in ("Assignments", "Inbound")] == [words, words]


def test_a_price_of_its_own_comes_first_then_rates_then_a_fit_then_the_mile():
    tables, given = one_way(cost_per_unit_mile=0.5, circuity=1.0)

    def cost(changed: NetworkTables) -> float | None:
        outcome = solve_transport(changed, given)
        assert_certified(changed, given, outcome)
        return outcome.objective

    assert cost(tables) == pytest.approx(4650)
    by_rate = replace(tables, rates=Rates(mode=("ltl",), basis=("unit",), rate=np.array([3.0])))
    assert cost(by_rate) == pytest.approx(50 + 300 + 300)
    own = replace(by_rate, lanes=replace(tables.lanes, cost_per_unit=np.array([2.0])))
    assert cost(own) == pytest.approx(50 + 200 + 300)
    # No fit is for rail: half a dollar a mile.
    rail = replace(tables, fitted_rates=fitted(mode="rail"))
    assert cost(rail) == pytest.approx(50 + 100 * 200 + 100 * 50)


@pytest.mark.parametrize(
    ("fit", "stated", "words"),
    [
        (
            {"miles_to": 399.0},
            {},
            "Lane from North to Elm by ltl (400 miles, 750 lb a shipment) is beyond the shipments",
        ),
        ({"miles_from": 101.0}, {}, "Lane from Mill to North by ltl (100 miles, 750 lb a shipment) is beyond"),
        ({"pounds_to": 749.0}, {}, "20 to 900 miles, 510 to 749 lb"),
        ({"weight_from": 751.0}, {}, "no row of FittedRates is for that weight"),
        ({}, {"units_per_shipment": 13.4}, "no row of FittedRates is for that weight"),
        ({}, {"units_per_shipment": None}, "units_per_shipment is missing: FittedRates speak of shipments"),
        ({}, {"pounds_per_unit": None}, "pounds_per_unit is missing"),
        ({"accepted_by": ""}, {}, "The row of fittedrates for ltl is accepted by nobody"),
        ({"fixed": -1.0}, {}, "fixed of the row of FittedRates for ltl must be a number"),
    ],
)
def test_nothing_is_priced_beyond_what_was_fitted_and_accepted(fit: dict[str, Any], stated: dict[str, Any], words: str):
    tables, given = one_way(**stated)

    with pytest.raises(RefusedInput) as refused:
        solve_transport(replace(tables, fitted_rates=fitted(**fit)), given)

    assert words.casefold() in str(refused.value).casefold()


def test_two_fits_for_one_weight_are_refused():
    tables, given = one_way()
    both = FittedRates(
        **{
            name: (*one, *one) if isinstance(one, tuple) else np.append(one, one)
            for name in FittedRates.__dataclass_fields__
            for one in [getattr(tables.fitted_rates, name)]
        }
    )

    with pytest.raises(RefusedInput, match="several rows of FittedRates are for that weight"):
        solve_transport(replace(tables, fitted_rates=both), given)


@pytest.mark.parametrize(
    "change", [{"miles_to": 399.0}, {"pounds_from": 751.0}, {"accepted_on": ""}, {"per_mile": 0.29}]
)
def test_a_certificate_fails_where_a_fit_does_not_reach_or_says_otherwise(change: dict[str, Any]):
    tables, given = one_way()
    plan = solve_transport(tables, given).plan
    assert plan is not None

    assert "cost" in claimed.failed(
        claimed.certificate_at(4650, replace(tables, fitted_rates=fitted(**change)), given, plan)
    )


def test_a_demand_in_other_measures_pays_for_the_shipments_it_is():
    tables, given = one_way(demand_basis="cwt")

    outcome = solve_transport(tables, given)

    # A shipment is 7.5 cwt: 320 / 7.5 and 140 / 7.5 a cwt.
    assert outcome.objective == pytest.approx(50 + 100 * 460 / 7.5)
    assert_certified(tables, given, outcome)
