"""Whatever figure of a plan or a contradiction is changed, the check notices; a sentence may be put otherwise."""

from __future__ import annotations

from typing import Any

from cli.network_result import network_result
from cli.reading import read_workbook
from cli.solve_network import SolvedNetwork, certificate_of
from cli.verifying.figures import figure_checks
from cli.verifying.sentences import say_the_same
from cli.verifying.transport import recheck_transport
from networx.domain.business_parameters import BusinessParameters
from networx.domain.parameters import business_parameters, transport_parameters
from networx.models.baseline import price_today
from networx.models.transport import solve_transport
from tests.entrypoints.leaves import nowhere, places_taken
from tests.entrypoints.verified import SITES, workbook


def test_a_sentence_may_be_put_otherwise_but_its_figures_stay():
    again = {"savings": {"why": "Elm, 40 units, has no lane from 2 of the sites.", "note": None, "name": "Elm 1"}}

    def holds(**shown: Any) -> bool:
        (found,) = figure_checks({"savings": {**again["savings"], **shown}}, again, ["savings"], {"Elm", "Oak"})
        return found.passed

    assert holds()
    assert holds(why="There is no lane to Elm (40 units) from 2 sites.")
    assert not holds(why="There is no lane to Elm (41 units) from 2 sites.")
    assert not holds(why="There is no lane to Oak (40 units) from 2 sites.")
    assert not holds(why="There is a lane to Elm (40 units) from 2 sites.")
    assert not holds(why="There is no lane to Elm (40 units) from 2 mandatory sites.")
    assert not holds(why="There is no lane to Elm (40 units) from 2 sites: see max_facilities.")
    assert not holds(why=None)
    assert not say_the_same("Open Elm, 3 more units.", "Close Elm, 3 more units.", ())
    assert say_the_same("Demand of 9 units in 1 is above it.", "Demand of 9 units is above it.", ())
    assert not say_the_same("Demand of 9 units in 2 is above it.", "Demand of 9 units is above it.", ())
    assert not say_the_same("Demand of 9 units of 1 unit.", "Demand of 9 units.", ())
    assert not say_the_same("It costs $3 more.", "It costs $3 less.", ())
    assert not holds(note="A note.")
    assert not holds(name="Oak 1")


def test_no_figure_of_a_plan_is_changed_unnoticed(tmp_path):
    """With a baseline, savings and a business case, tiers, suppliers, and a service level at a price."""
    data = workbook(
        tmp_path / "network.xlsx",
        parameters=[
            *(["single_sourcing", "no"], ["lease_years", 1], ["baseline_flows", "cheapest"], ["discount_rate", 0.1]),
            *(["service_level", 0.9], ["max_distance_miles", 90], ["service_penalty_per_unit", 0.5]),
        ],
        Facilities=[
            ["name", "capacity_units", "fixed_cost_per_year", "status", "existing", "opening_cost"],
            ["North", 80, 100.1, "mandatory", "yes", 5],
            ["South", 60, 50, "candidate", "no", 7],
            ["Hut", 30, 90, "candidate", "yes", None],
        ],
        Expansions=[["facility", "tier", "capacity_units", "fixed_cost_per_year"], ["North", 1, 30.5, 7.1]],
        Suppliers=[["name", "latitude", "longitude", "supply_units", "cost_per_unit"], ["Mill", 40, -90, 200, 0.3]],
        Lanes=[
            ["origin", "destination", "cost_per_unit", "distance_miles"],
            *([site, place, 1.1, 50 + 40 * (site == "Hut")] for site in SITES for place in ("Elm", "Oak", "Ash")),
            *(["Mill", site, 0.7, None] for site in SITES),
        ],
        OneTimeCosts=[["year", "line", "amount"], [2026, "moving", 12.5]],
        ControlTotals=[["year", "line", "amount"], [2026, "total", 400]],
    )
    tables = read_workbook(data)[0]
    parameters, asked = transport_parameters(tables.parameters), business_parameters(tables.parameters)
    outcome, baseline = solve_transport(tables, parameters), price_today(tables, parameters, "cheapest")
    solved_network = SolvedNetwork(outcome, certificate_of(tables, parameters, outcome), False, baseline)
    result = network_result(tables, parameters, asked, solved_network, {"dataset_sha256": tables.sha256()})
    assert result["savings"]["known"]

    assert places_taken(result, recheck_transport, nowhere(), data, None) == set()


def test_no_figure_of_a_contradiction_is_changed_unnoticed(tmp_path):
    data = workbook(tmp_path / "network.xlsx", Forecast=[["year", "annual_units"], [2026, 100], [2027, 250]])
    tables = read_workbook(data)[0]
    parameters = transport_parameters(tables.parameters)
    outcome = solve_transport(tables, parameters)
    solved_network = SolvedNetwork(outcome, certificate_of(tables, parameters, outcome), False)
    identity = {"dataset_sha256": tables.sha256()}
    result = network_result(tables, parameters, BusinessParameters(), solved_network, identity)

    assert places_taken(result, recheck_transport, nowhere(), data, None) == set()
