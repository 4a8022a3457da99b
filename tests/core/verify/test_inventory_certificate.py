"""The certificate of stock accepts what the model finds and refuses every planted wrong figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.models.inventory import fixed_service, plan_inventory
from networx.verify.inventory import certify_inventory
from tests.core.models.small_networks import network
from tests.core.models.test_inventory import asked, fixed


def failed(tables: Any, parameters: Any, outcome: Any, **services: Any) -> set[str]:
    certificate = certify_inventory(tables, parameters, outcome, tables.sha256(), **services)
    names = {line.name for line in certificate.checks if not line.passed}
    assert certificate.valid is (not names)
    return names


def solved() -> tuple[Any, Any, Any, Any]:
    tables = fixed((0, 0, "fixed"), (0, 1, "fixed"))
    parameters = {0: asked(), 1: asked(demand_cv=0.9)}
    service = fixed_service(tables, "assignment")
    return tables, parameters, service, plan_inventory(parameters, service)


@pytest.mark.parametrize("seed", range(10))
def test_what_the_model_finds_is_recomputed_by_another_quantile(seed: int):
    draw = np.random.default_rng(seed)
    tables = network(
        [(f"S{site}", 1e9, 0) for site in range(4)], [(f"D{place}", draw.uniform(0, 1e6)) for place in range(30)]
    )
    rules = replace(
        fixed((0, 0, "fixed")).assignments,
        facility=draw.integers(4, size=30).astype(np.int32),
        destination=np.arange(30, dtype=np.int32),
        rule=("fixed",) * 30,
    )
    tables = replace(tables, assignments=rules)
    parameters = {
        site: asked(service_level=draw.uniform(0.5, 0.9999), demand_cv=draw.uniform(0, 3), lead_time_std_days=site)
        for site in range(4)
    }
    service = fixed_service(tables, "assignment")
    outcome = plan_inventory(parameters, service, service)
    assert failed(tables, parameters, outcome, service=service, compared=service) == set()


@pytest.mark.parametrize(
    "figure",
    ["safety", "unpooled_safety", "cycle", "z", "holding_cost", "daily_mean", "daily_deviation", "annual_units"],
)
def test_a_figure_that_is_off_is_refused(figure: str):
    tables, parameters, service, outcome = solved()
    first = outcome.stocks[0]
    wrong = replace(first, **{figure: getattr(first, figure) * (1 + 1e-6)})
    names = failed(tables, parameters, replace(outcome, stocks=(wrong, *outcome.stocks[1:])), service=service)
    assert figure.replace("_", " ") in names


def test_another_total_a_missing_facility_and_unserved_demand_are_refused():
    tables, parameters, service, outcome = solved()
    assert failed(tables, parameters, outcome, service=service) == set()
    cheaper = replace(outcome, objective=outcome.objective - 1)
    assert failed(tables, parameters, cheaper, service=service) == {"holding cost"}
    fewer = replace(outcome, stocks=outcome.stocks[1:])
    assert "facilities and years" in failed(tables, parameters, fewer, service=service)
    less = replace(service, units=service.units * 0.99)
    assert "demand met" in failed(tables, parameters, outcome, service=less)
    assert failed(tables, parameters, outcome, service=service, compared=service) == {"comparison"}
    assert not certify_inventory(tables, parameters, outcome, "0" * 64, service=service).valid
