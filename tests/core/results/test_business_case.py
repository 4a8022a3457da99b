"""Baseline, calibration, savings and business case, against the worked example of docs/models/business-case.md."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.answer import print_answer
from networx.domain.business import Baseline
from networx.domain.business_parameters import BusinessParameters
from networx.domain.network import Assignments, CostLines, NetworkTables, OperatingCosts
from networx.domain.parameters import business_parameters, capacity_parameters, transport_parameters
from networx.domain.plan import ResultStatus
from networx.errors import RefusedInput
from networx.models.baseline import price_today
from networx.models.transport import solve_transport
from networx.results.baseline import Compared, with_baseline
from networx.results.cash_flow import payback, present_value, return_on
from networx.results.kpis import transport_result
from networx.results.report import render_report
from networx.results.workbook import write_result_workbook
from networx.verify.baseline import certify_today
from tests.core.models.small_networks import parameters, two_sites
from tests.core.results.test_schema import IDENTITY, faults

ASKED = BusinessParameters(baseline_flows="cheapest", discount_rate=0.1)


def lines(*rows: tuple[int, str, float]) -> CostLines:
    year, line, amount = zip(*rows, strict=True) if rows else ((), (), ())
    return CostLines(np.array(year, dtype=np.int64), tuple(line), np.array(amount, dtype=np.float64))


def paid(*rows: tuple[int, str, float]) -> OperatingCosts:
    stated = lines(*rows)
    return OperatingCosts(np.zeros(len(rows), dtype=np.int32), stated.year, stated.line, stated.amount)


PAID = ((2026, "transport", 158.0), (2026, "fixed: rent", 60.0), (2026, "fixed: labour", 40.0), (2026, "tax", 7.0))


def example(**changes: Any) -> NetworkTables:
    """North is there today; South costs $30 to open, and its racks $20 the year before; a truck is sold for $5."""
    plain = two_sites()
    sites = replace(plain.facilities, existing=("yes", None), opening_cost=np.array([np.nan, 30.0]))
    told = {
        "facilities": sites,
        "operating_costs": paid(*PAID),
        "control_totals": lines((2026, "total", 265.0)),
        "one_time_costs": lines((2025, "Racks", 20.0), (2026, "Sale of a truck", -5.0)),
    }
    return replace(plain, **{**told, **changes})


def told(tables: NetworkTables, asked: BusinessParameters = ASKED, **stated: Any) -> dict[str, Any]:
    given_to_all = parameters(**stated)
    outcome = solve_transport(tables, given_to_all)
    baseline = certificate = None
    if asked.baseline_flows is not None:
        baseline = price_today(tables, given_to_all, asked.baseline_flows)
        if baseline.outcome is not None:
            certificate = certify_today(tables, given_to_all, baseline, tables.sha256())
            assert certificate.valid, certificate.checks
    network = transport_result(tables, given_to_all, outcome, None, identity={})
    return with_baseline(network, tables, given_to_all, Compared(asked, baseline, certificate))


def test_the_worked_example() -> None:
    result = told(example())

    assert result["objective"] == pytest.approx(520)
    assert [year["total_cost"] for year in result["baseline"]["years"]] == pytest.approx([260, 340])
    assert (result["savings"]["total"], result["savings"]["share"]) == pytest.approx((80, 80 / 600))
    assert [year["saving"] for year in result["savings"]["years"]] == pytest.approx([10, 70])
    assert (result["kpis"]["savings"], result["kpis"]["savings_share"]) == pytest.approx((80, 80 / 600))
    case = result["business_case"]
    assert [year["year"] for year in case["years"]] == [2025, 2026, 2027]
    assert [year["operating_saving"] for year in case["years"]] == pytest.approx([0, 40, 70])
    assert [year["opening_and_closing"] for year in case["years"]] == pytest.approx([0, 30, 0])
    assert [year["cash_flow"] for year in case["years"]] == pytest.approx([-20, 15, 70])
    assert [year["cumulative"] for year in case["years"]] == pytest.approx([-20, -5, 65])
    assert case["npv"] == pytest.approx(-20 + 15 / 1.1 + 70 / 1.21)
    assert case["payback_years"] == pytest.approx(2 + 5 / 70)
    assert (case["investment"], case["roi"], case["discounted_to"]) == pytest.approx((45, 65 / 45, 2025))
    fixed = next(line for line in case["profit_and_loss"][0]["lines"] if line["line"] == "fixed_cost")
    assert (fixed["baseline"], fixed["scenario"], fixed["saving"]) == (100, 150, -50)


def test_what_was_paid_stands_beside_what_is_modelled_and_booked() -> None:
    result = told(example())
    rows = {(row["year"], row["line"]): row for row in result["baseline"]["lines"]}

    assert list(rows) == [(2026, "transport"), (2026, "fixed"), (2026, "tax"), (2026, "total")]
    transport, fixed, total = (rows[2026, line] for line in ("transport", "fixed", "total"))
    assert (transport["modelled"], transport["paid"], transport["control"]) == (160, 158, None)
    assert transport["difference_share"] == pytest.approx(2 / 158)
    assert (fixed["paid"], fixed["difference"]) == (100, 0)
    assert (total["modelled"], total["paid"], total["control"]) == (260, 265, 265)
    # Of the total, $7 of tax are in no model.
    assert (total["not_modelled"], total["difference"], total["reconciled"]) == (7, 2, True)
    assert (rows[2026, "tax"]["modelled"], rows[2026, "tax"]["difference"]) == (None, None)
    assert result["baseline"]["calibration"] == "calibrated"
    assert "within the tolerance" in result["savings"]["note"]


@pytest.mark.parametrize(
    ("changes", "asked", "calibration"),
    [
        ({"operating_costs": paid((2026, "transport", 150.0))}, ASKED, "uncalibrated"),
        (
            {"operating_costs": paid((2026, "transport", 150.0))},
            replace(ASKED, calibration_tolerance=0.07),
            "calibrated",
        ),
        # What the sheet adds up to is not what the books say.
        ({"control_totals": lines((2026, "total", 262.0), (2026, "fixed", 120.0))}, ASKED, "uncalibrated"),
        ({"operating_costs": paid((2025, "transport", 150.0)), "control_totals": lines()}, ASKED, "not_compared"),
        ({"operating_costs": paid(), "control_totals": lines()}, ASKED, "not_compared"),
    ],
)
def test_every_saving_says_how_far_the_baseline_is_from_what_was_paid(changes, asked, calibration) -> None:
    result = told(example(**changes), asked)
    assert result["baseline"]["calibration"] == calibration
    assert ("Uncalibrated" in result["savings"]["note"]) is (calibration == "uncalibrated")
    assert result["savings"]["total"] == pytest.approx(80)


@pytest.mark.parametrize(
    ("tables", "asked", "why"),
    [
        (example(), BusinessParameters(), "baseline_flows is not stated"),
        (two_sites(), ASKED, "no facility of the sheet Facilities is marked as existing"),
        (
            replace(example(), facilities=replace(example().facilities, existing=(None, "yes"))),
            ASKED,
            "today's sites cannot do it: ",
        ),
        (example(), replace(ASKED, baseline_flows="assignments"), "do not fix Elm and 1 more destination to exactly"),
    ],
)
def test_a_saving_that_is_not_known_says_why_and_has_no_figure(tables, asked, why) -> None:
    result = told(tables, asked)
    assert (result["baseline"], result["business_case"]) == (None, None)
    assert (result["savings"]["known"], result["savings"]["total"]) == (False, None)
    assert why in result["savings"]["why"]
    assert "savings" not in result["kpis"]


def test_flows_of_today_may_be_stated_one_by_one() -> None:
    fixed = Assignments(np.array([0, 0], dtype=np.int32), np.array([0, 1], dtype=np.int32), ("fixed", "fixed"))
    result = told(example(assignments=fixed), replace(ASKED, baseline_flows="assignments"))
    # The same rows bind the plan, so that it stays what today is.
    assert (result["baseline"]["total_cost"], result["savings"]["total"]) == pytest.approx((600, 0))


def test_a_baseline_is_the_cheapest_even_where_the_plan_may_keep_a_gap() -> None:
    tables = example()
    baseline = price_today(tables, parameters(gap=0.5, service_level=1.0, max_distance_miles=1.0), "cheapest")
    assert baseline.outcome is not None
    assert (baseline.outcome.status, baseline.outcome.objective) == (ResultStatus.OPTIMAL, pytest.approx(600))


def test_the_certificate_of_a_baseline_refuses_other_sites_and_figures() -> None:
    tables, asked = example(), parameters()
    baseline = price_today(tables, asked, "cheapest")
    assert baseline.outcome is not None
    assert baseline.outcome.plan is not None
    dearer = replace(baseline.outcome, objective=601.0)
    opened = replace(baseline.outcome.plan, opened=np.ones((2, 2), dtype=bool))

    def failed(outcome: Any, sha256: str = tables.sha256()) -> set[str]:
        made = certify_today(tables, asked, Baseline("cheapest", outcome), sha256)
        return {check.name for check in made.checks if not check.passed}

    assert failed(baseline.outcome) == set()
    assert failed(dearer) >= {"cost"}
    assert "today's sites are open, and no others" in failed(replace(baseline.outcome, plan=opened))
    assert failed(baseline.outcome, "0" * 64) == {"dataset"}


def test_costs_outside_the_plans_years_leave_the_case_unknown() -> None:
    late = told(example(one_time_costs=lines((2030, "Racks", 20.0))))["business_case"]
    assert (late["known"], late["npv"], late["years"]) == (False, None, [])
    assert "after the last year 2027" in late["why"]
    assert len(late["profit_and_loss"]) == 2


def test_a_present_value_needs_the_clients_own_rate() -> None:
    case = told(example(), replace(ASKED, discount_rate=None))["business_case"]
    assert (case["npv"], case["npv_why"]) == (None, "discount_rate is not stated.")
    assert case["payback_years"] == pytest.approx(2 + 5 / 70)


def test_parameters_go_where_they_are_read() -> None:
    sheet = {"baseline_flows": "cheapest", "discount_rate": "0.08", "single_sourcing": "no"}
    assert transport_parameters(sheet).single_sourcing is False
    assert business_parameters(sheet, {"discount_rate": 0.1}).discount_rate == 0.1
    assert business_parameters({}).calibration_tolerance == 0.02
    assert capacity_parameters(sheet)[0].single_sourcing is False
    with pytest.raises(RefusedInput, match="belongs to a transport scenario"):
        capacity_parameters({}, {"discount_rate": 0.1})
    with pytest.raises(RefusedInput, match="cheapest or assignments"):
        business_parameters({"baseline_flows": "guess"})


amounts = st.lists(st.integers(-(10**9), 10**9).map(lambda cents: cents / 100), min_size=1, max_size=12)


@given(amounts, st.integers(0, 100).map(lambda percent: percent / 100))
def test_a_present_value_is_the_plain_sum(flows: list[float], rate: float) -> None:
    exact = sum(Fraction(repr(flow)) / (1 + Fraction(repr(rate))) ** at for at, flow in enumerate(flows))
    size = sum(abs(flow) for flow in flows) or 1.0
    assert abs(present_value(flows, rate) - float(exact)) <= 1e-12 * size


@given(amounts)
def test_after_the_payback_nothing_is_out_of_pocket_again(flows: list[float]) -> None:
    cents = [round(flow * 100) for flow in flows]
    totals = [sum(cents[: at + 1]) for at in range(len(cents))]
    years = payback([float(amount) for amount in cents])
    assert (years is None) is (totals[-1] < 0)
    if years is not None:
        assert 0 <= years <= len(flows)
        assert all(total >= 0 for at, total in enumerate(totals) if at + 1 > years)
        assert years == 0 or totals[int(np.ceil(years)) - 2] < 0


def test_a_return_needs_an_investment() -> None:
    assert return_on([40, 70], 45) == pytest.approx(65 / 45)
    assert return_on([40, 70], 0) is None


def test_it_stands_in_the_workbook_the_report_and_the_terminal(tmp_path: Path, capsys: Any) -> None:
    result = told(example()) | IDENTITY
    write_result_workbook(tmp_path / "r.xlsx", result, ())
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert {"Costs", "Baseline", "Cash flow", "Profit and loss"} <= set(book.sheetnames)
    summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows(min_row=5) if row[0].value}
    assert summary["Savings"] == pytest.approx(80)
    assert summary["Pays back after"] == pytest.approx(2 + 5 / 70)
    assert [cell.value for cell in book["Cash flow"]["E"]][1:] == pytest.approx([-20, 15, 70])
    costs = {row[0].value: row[7].value for row in book["Costs"].iter_rows(min_row=2)}
    assert sum(costs.values()) == pytest.approx(520)
    assert (book["Costs"].freeze_panes, book["Costs"].auto_filter.ref) == ("A2", "A1:H3")

    report = render_report(result, [])
    assert "the plan saves $80 (13.3 %)" in report
    assert "Its net present value at 10.0 % a year is $51" in report

    print_answer(result)
    said = " ".join(capsys.readouterr().out.split())
    assert "the plan saves $80 (13.3 %). The modelled baseline is within the tolerance" in said


def test_a_saving_that_is_not_known_is_said_so_everywhere(tmp_path: Path, capsys: Any) -> None:
    result = told(two_sites(), BusinessParameters()) | IDENTITY
    write_result_workbook(tmp_path / "r.xlsx", result, ())
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert "Baseline" not in book.sheetnames
    summary = {row[0].value: [cell.value for cell in row[1:3]] for row in book["Summary"].iter_rows(min_row=5)}
    assert summary["Savings"] == ["not known", "baseline_flows is not stated, so that today's network was not priced."]
    print_answer(result)
    for said in (render_report(result, []), capsys.readouterr().out):
        assert "Savings are not known: baseline_flows is not stated" in " ".join(said.split())


def test_the_published_schema_has_all_of_it() -> None:
    for result in (told(example()), told(example(), replace(ASKED, discount_rate=None)), told(two_sites())):
        assert faults(result | IDENTITY) == []


def test_what_is_charged_for_missing_a_service_target_is_no_cost() -> None:
    result = told(example(), service_level=1.0, max_distance_miles=100.0, service_penalty_per_unit=0.1)
    assert result["kpis"]["service_penalty_cost"] > 0
    spent = result["kpis"]["total_cost"] - result["kpis"]["service_penalty_cost"]
    assert [year["service_penalty_cost"] for year in result["baseline"]["years"]] == [0, 0]
    assert result["savings"]["total"] == pytest.approx(600 - spent)
    assert result["savings"]["note"].endswith("leaves out missed service, which nobody pays.")
    assert "missed service" not in told(example())["savings"]["note"]


def test_the_terminal_has_a_column_for_what_is_charged_so_that_the_total_adds_up(capsys: Any) -> None:
    print_answer(told(example(), service_level=1.0, max_distance_miles=100.0, service_penalty_per_unit=0.1))
    shown = capsys.readouterr().out
    assert "Missed" in shown
    assert "…" not in shown, "everything stands within eighty characters"
    print_answer(told(example()))
    assert "Missed" not in capsys.readouterr().out
