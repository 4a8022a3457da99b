"""Sweeps on the whole platform: every number of facilities against a brute force over all choices of sites."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import pytest
from scipy.optimize import linprog

from local.platform import Platform
from tests.acceptance.client import Client
from tests.acceptance.workbooks import three_towns, workbook

pytestmark = pytest.mark.platform

RUN = "/api/optimize/run-batch"


@dataclass(frozen=True)
class Instance:
    """Prices and miles are of shape (sites, places), demand of (years, places); costs are those of a year."""

    prices: np.ndarray
    miles: np.ndarray
    capacity: np.ndarray
    fixed: np.ndarray
    demand: np.ndarray
    reach: float
    level: float
    mandatory: frozenset[int] = frozenset()

    def cheapest(self, nodes: int) -> float | None:
        """The least cost with exactly so many sites, over all choices of them; None where none can do it."""
        costs = [
            cost
            for chosen in itertools.combinations(range(len(self.fixed)), nodes)
            if self.mandatory <= set(chosen) and (cost := self._cost(list(chosen))) is not None
        ]
        return min(costs, default=None)

    def _cost(self, chosen: list[int]) -> float | None:
        total = float(self.fixed[chosen].sum()) * len(self.demand)
        for demand in self.demand:
            shape = (len(chosen), len(demand))
            met = np.tile(np.eye(shape[1]), (1, shape[0]))
            held = np.kron(np.eye(shape[0]), np.ones((1, shape[1])))
            near = -(self.miles[chosen] <= self.reach).astype(float).reshape(1, -1)
            solved = linprog(
                self.prices[chosen].ravel(),
                A_eq=met,
                b_eq=demand,
                A_ub=np.vstack([held, near]),
                b_ub=[*np.minimum(self.capacity[chosen], 1e9), -self.level * demand.sum()],
            )
            if solved.status == 2:
                return None
            assert solved.status == 0, solved.message
            total += solved.fun
        return total


THREE_TOWNS = Instance(
    prices=np.array([[2, 3, 8], [6, 4, 1], [1, 1, 1]], dtype=float),
    miles=np.array([[10, 30, 80], [60, 40, 5], [20, 20, 20]], dtype=float),
    capacity=np.array([80, 60, np.inf]),
    fixed=np.array([1000.0, 300.0, 5000.0]),
    demand=np.array([[40.0, 50.0, 30.0]]),
    reach=35,
    level=0.9,
)


def followed(platform: Platform, job_id: str) -> list[dict[str, Any]]:
    """What the stream of a job told, until it ended."""
    headers = {"X-API-Key": platform.dev_key}
    with httpx.stream("GET", f"{platform.url}/api/jobs/{job_id}/events", headers=headers, timeout=60) as stream:
        said = [line.removeprefix("data: ") for line in stream.iter_lines() if line.startswith("data: ")]
    return [json.loads(job) for job in said]


def test_every_number_of_a_sweep_is_the_best_of_all_choices(client: Client, platform: Platform):
    upload = client.upload_settled(client.upload_by_parts("towns to sweep.xlsx", workbook(three_towns())))
    scenario = client.new_scenario(upload["dataset_id"])
    asked = {"scenario_id": scenario["scenario_id"], "scenario": {"minNodes": 1, "maxNodes": 3}}
    submitted = client.post(RUN, asked)
    told = followed(platform, submitted["job_id"])
    assert (told[-1]["status"], told[-1]["result"]["partial"]) == ("succeeded", False)
    assert told[-1]["progress"] == {"stage": "3 of 3 done", "percent": 100.0}
    result = told[-1]["result"]
    assert client.get(f"{RUN}?job_id={submitted['job_id']}")["result"] == result
    by_brute_force = {nodes: THREE_TOWNS.cheapest(nodes) for nodes in (1, 2, 3)}
    assert {row["nodes"]: row["cost"] for row in result["frontier"]} == pytest.approx(by_brute_force, rel=1e-9)
    assert [row["status"] for row in result["frontier"]] == ["optimal"] * 3
    assert all(row["certified"] for row in result["frontier"])
    assert (result["best"]["nodes"], result["proven"], result["status"]) == (2, True, "optimal")
    assert result["objective"] == pytest.approx(1570, rel=1e-9)
    assert result["best"]["kpis"]["weighted_service_level"] == pytest.approx(110 / 120)
    # One facility serves all within reach and costs more, three serve no better than one and cost still more.
    assert [row["efficient"] for row in result["frontier"]] == [True, True, False]
    for row in result["frontier"]:
        full = client.get(f"/api/jobs/{row['job_id']}/result")
        assert sum(site["open"] for site in full["facilities"]) == row["nodes"]
        assert full["certificate"]["valid"] is True


# Prices, miles, capacities and yearly costs made up for the test; one site is mandatory, and one alone is too small.
ROWS, COLS = ["St. Louis, MO", "Reno, NV", "Atlanta, GA", "Dallas, TX"], ["Seattle, WA", "Chicago, IL", "Miami, FL"]
NETWORK = Instance(
    prices=np.array([[6.2, 2.0, 4.8], [2.7, 5.7, 7.9], [6.5, 1.8, 2.1], [5.5, 3.4, 3.9]]),
    miles=np.array([[2100.0, 300, 1200], [700, 1900, 3000], [2600, 720, 660], [2200, 930, 1300]]),
    capacity=np.array([300.0, 250, 260, 400]),
    fixed=np.array([150.0, 150, 150, 150]),
    demand=np.array([[100.0, 150, 50], [120, 180, 60]]),
    reach=1000,
    level=0.5,
    mandatory=frozenset({1}),
)
BODY = {
    "scenario": {"minNodes": 1, "maxNodes": 4, "criterion": "total_cost"},
    "config": {
        "transportation": {
            "fixed_cost_per_facility": 150,
            "mandatory_facilities": ["Reno, NV"],
            "lease_years": 7,
            "single_sourcing": "no",
            "service_level_requirement": 0.5,
            "max_distance_miles": 1000,
        }
    },
    "forecast": [{"year": 2026, "annual_units": 300}, {"year": 2027, "annual_units": 360}],
    "costMatrix": {"rows": ROWS, "cols": COLS, "cost": NETWORK.prices.tolist(), "distance": NETWORK.miles.tolist()},
    "demand": dict(zip(COLS, NETWORK.demand[0].tolist(), strict=True)),
    "capacity": dict(zip(ROWS, NETWORK.capacity.tolist(), strict=True)),
}


def test_a_network_in_the_body_is_swept_and_answered_in_the_names_it_came_with(client: Client):
    submitted = client.post(RUN, BODY)
    ended = client.job_ended(submitted["job_id"])
    assert ended["status"] == "succeeded", ended
    result = ended["result"]
    by_brute_force = {nodes: NETWORK.cheapest(nodes) for nodes in range(1, 5)}
    assert by_brute_force[1] is None  # Reno alone holds 250 of 300
    best = min((nodes for nodes in range(2, 5)), key=lambda nodes: by_brute_force[nodes] or 0.0)
    assert [row["status"] for row in result["frontier"]] == ["infeasible", *["optimal"] * 3]
    costs = {scenario["nodes"]: scenario["kpis"]["total_network_cost_all_years"] for scenario in result["scenarios"]}
    assert costs == pytest.approx({nodes: by_brute_force[nodes] for nodes in range(2, 5)}, rel=1e-9)
    assert (result["best"]["nodes"], result["proven"]) == (best, True)
    kpis = result["best"]["kpis"]
    assert kpis["total_facility_cost_all_years"] == best * 150 * 2
    assert kpis["total_transport_cost_all_years"] == pytest.approx(costs[best] - best * 300, rel=1e-9)
    assert 0.5 - 1e-9 <= kpis["weighted_service_level"] <= 1
    assert "transport_savings_percent" not in kpis
    summary = result["batch_summary"]
    assert (summary["scenarios_run"], summary["successful_scenarios"], summary["infeasible_scenarios"]) == (4, 3, 1)
    assert summary["best_scenario_cost"] == pytest.approx(costs[best])
    assert summary["cost_range"] == pytest.approx({"min": min(costs.values()), "max": max(costs.values())})
    sha256 = client.get(f"/api/datasets/{submitted['dataset_id']}")["sha256"]
    full = client.get(f"/api/jobs/{result['best']['job_id']}/result")
    assert (full["certificate"]["dataset_sha256"], full["dataset_id"]) == (sha256, submitted["dataset_id"])
    why = client.get(f"/api/jobs/{result['frontier'][0]['job_id']}")["result"]["infeasibility"]
    assert why["clashes"]
