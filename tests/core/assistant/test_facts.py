"""What a model is told of real results: figures with their meaning, sums and shares that add up, and no name."""

from __future__ import annotations

import json

import pytest
import typer

from networx.assistant.fact import Unit
from networx.assistant.facts import MOST_FACILITIES, MOST_YEARS, facts_of
from networx.assistant.figures import check
from tests.core.results.conftest import (  # noqa: F401  # fixtures
    HOSTILE,
    certificate,
    infeasible_result,
    outcome,
    parameters,
    plan,
    result,
    tables,
)
from tests.core.results.test_storage import solved


def test_figures_are_those_of_the_result(result):  # noqa: F811
    facts = facts_of(result)
    said = {fact.label: fact for fact in facts.figures}
    assert said["total cost, all years"].value == pytest.approx(result["kpis"]["total_cost"], rel=1e-11)
    assert said["open facilities"].written == "2 facilities"
    assert said["facilities to choose from"].value == 3
    assert said["facilities that stay closed"].value == 1
    assert said["total cost in 2027"].value == result["years"][1]["total_cost"]
    shares = [said[f"share of {part} in the total cost"].value for part in ("transport", "facilities")]
    assert sum(shares) == pytest.approx(1)
    assert facts.status == "optimal"


def test_no_name_is_told(result):  # noqa: F811
    facts = facts_of(result)
    told = "\n".join(facts.lines())
    for name in ("North", HOSTILE, "Closed", "Gamma", "Alpha", "Northtown"):
        assert name not in told
    assert set(facts.names.values()) == {"North", HOSTILE}
    assert "transport cost of [F1], all years: $" in told


def test_without_a_plan_the_clash_is_told_in_our_words_alone(infeasible_result):  # noqa: F811
    facts = facts_of(json.loads(json.dumps(infeasible_result)))
    assert (facts.status, facts.clashing) == ("infeasible", ("capacity",))
    assert "capacity in 2027 is short by: 80 units" in facts.lines()


def test_much_is_told_in_part(result):  # noqa: F811
    site = next(each for each in result["facilities"] if each["open"])
    many = dict(result, facilities=[dict(site, name=f"Site {number}") for number in range(40)])
    many["years"] = [dict(result["years"][0], year=2026 + number) for number in range(40)]
    facts = facts_of(many)
    assert len(facts.names) == MOST_FACILITIES
    assert len([fact for fact in facts.figures if fact.label.startswith("total cost in")]) == MOST_YEARS
    assert "years planned: 40 years" in facts.lines()
    assert len("\n".join(facts.lines())) < 12_000


def test_every_figure_that_is_told_may_be_written(result):  # noqa: F811
    facts = facts_of(result)
    for fact in facts.figures:
        assert check(f"It is {fact.written}.", facts)[1] == [], fact
        if fact.unit is Unit.DOLLARS:
            assert check(f"It is ${fact.value:,.0f}.", facts)[1] == [], fact


@pytest.mark.parametrize("kind", ["warehouse", "inventory", "integrated"])
def test_plans_of_space_and_of_stock_are_told_without_names_and_every_figure_may_be_written(kind, tmp_path, capsys):
    planned = solved(tmp_path, kind, capsys)
    facts = facts_of(planned)
    told = "\n".join(facts.lines())
    assert not [name for name in ("North", "South", "Elm", "Oak", "Soap") if name in told]
    for fact in facts.figures:
        assert check(f"It is {fact.written}.", facts)[1] == [], fact
    said = {fact.label: fact.value for fact in facts.figures}
    assert said["cost of this plan"] == pytest.approx(planned["objective"], rel=1e-11)
    if kind == "warehouse":
        assert said["space needed in 2027"] == said["space needed in the year that needs most"] == 5_000
        assert check("It needs 5,000 square feet and hires 2,000 square feet.", facts)[1] == []
        assert check("It needs 6,000 square feet.", facts)[1] != []
        assert check("It needs 5,000 pallets.", facts)[1] != []
    else:
        assert said["cost of holding stock, all years"] == pytest.approx(planned["kpis"]["inventory_cost"], rel=1e-11)
        assert said["average stock in 2027"] == pytest.approx(planned["stock"]["years"][1]["average"], rel=1e-11)
    if kind == "integrated":
        shares = ("transport", "facilities", "warehouses", "stock")
        assert sum(said[f"share of {part} in the total cost"] for part in shares) == pytest.approx(1)
        assert "space needed at [F1] in the year that needs most" in said


def test_a_space_that_cannot_suffice_is_told_by_what_it_lacks(tmp_path, capsys):
    with pytest.raises(typer.Exit):
        solved(tmp_path, "warehouse", capsys, max_outbound_doors=1)
    facts = facts_of(json.loads(capsys.readouterr().out))
    assert (facts.status, facts.clashing) == ("infeasible", ("max outbound doors",))
    assert "max outbound doors in 2027 is short by: 4 doors" in facts.lines()


def test_a_greenfield_study_is_told_without_its_places():
    rows = [
        {
            "count": count,
            "weighted_distance_miles": 1_000 / count,
            "transport_cost": price,
            "places": [{"zip": "10001"}],
        }
        for count, price in ((1, None), (2, 250_000.0))
    ]
    study = {"status": "feasible", "candidates": {"count": 896}, "demand_units": 5_000.0, "frontier": rows}
    facts = facts_of(study)
    assert facts.status == "feasible"
    assert "10001" not in "\n".join(facts.lines())
    assert check("Of 896 candidates, the best 2 places are 500 miles away on average.", facts)[1] == []
    assert check("From the best 2 places transport costs $250,000.", facts)[1] == []
    assert check("The best 4 places are 500 miles away.", facts)[1] != []
    assert check("The best 2 places are 400 miles away.", facts)[1] != []


def test_what_sums_of_floats_leave_is_no_figure(result):  # noqa: F811
    site = next(each for each in result["facilities"] if each["open"])
    years = [dict(site["years"][0], units=1_875_000.0000000002, utilization=0.9999999999999998)]
    noisy = dict(result, gap=6.7e-16, facilities=[dict(site, years=years)])
    facts = facts_of(noisy)
    assert "units through [F1], all years: 1,875,000 units" in facts.lines()
    assert "highest use of the capacity of [F1] in a year: 100 %" in facts.lines()
    assert check("It passes 1,875,000 units and uses 100 % of it.", facts)[1] == []
    assert not [line for line in facts.lines() if "gap" in line or "e-" in line]
