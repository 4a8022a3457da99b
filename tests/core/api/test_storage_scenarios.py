"""Scenarios of type warehouse, inventory and integrated: queued on their queues, refused where something is missing."""

from __future__ import annotations

from typing import Any

import pytest

from networx.db import pool
from networx.db.pool import Role
from tests.core.models.small_warehouses import STATED, STOCK

RUN = "/api/optimize/run-batch"


@pytest.fixture
def stored(record, make_dataset):
    """A dataset with these values in its sheets Warehouse and Inventory, and something stored."""

    def made(warehouse: dict[str, Any], inventory: dict[str, Any]) -> Any:
        dataset = make_dataset({"single_sourcing": "no", "lease_years": "2"}, years=2)
        with pool.tenant(record.tenant_id, Role.LOADER) as connection:
            for table, values in (("network_warehouse", warehouse), ("network_inventory", inventory)):
                for at, (name, value) in enumerate(values.items()):
                    connection.execute(
                        f"INSERT INTO {table} VALUES (%s, %s, %s, %s, %s, NULL)",
                        (dataset, at, record.tenant_id, name, str(value)),
                    )
            if warehouse:
                connection.execute(
                    "INSERT INTO network_skus VALUES (%s, 0, %s, 'Soap', 480000, 12, 40)", (dataset, record.tenant_id)
                )
        return dataset

    return made


@pytest.mark.parametrize(
    ("kind", "parameters", "queue"),
    [
        ("warehouse", {"thirdparty_cost_per_sqft": 11}, "optimization.fifo"),
        ("inventory", {"assignment": "fixed"}, "capacity.fifo"),
        ("integrated", {"max_facilities": 2, "warehouse.max_facilities": 1}, "optimization.fifo"),
    ],
)
def test_what_is_complete_is_queued(client, stored, make_scenario, kind: str, parameters: dict[str, Any], queue: str):
    scenario = make_scenario(parameters, stored(STATED, STOCK), kind=kind)
    answer = client.post(RUN, json={"scenario_id": scenario})
    assert (answer.status_code, answer.json()["data"]["queue_id"]) == (202, queue)
    assert client.get(answer.headers["Location"]).json()["data"]["type"] == kind


@pytest.mark.parametrize(
    ("kind", "parameters", "columns"),
    [
        ("warehouse", {"aisle_factor": None}, ["aisle_factor"]),
        ("warehouse", {"aisle_factor": 0.5, "aisles": 2}, ["aisle_factor", "aisles"]),
        ("inventory", {}, ["assignment"]),
        ("inventory", {"assignment": "fixed", "service_level": 1}, ["service_level"]),
        ("integrated", {"service_level": 0.9}, ["max_distance_miles"]),
        ("integrated", {"inventory.service_level": 95}, ["service_level"]),
        ("integrated", {"warehouse.days_on_hand": None}, ["days_on_hand"]),
    ],
)
def test_what_is_missing_or_wrong_is_refused_by_name(
    client, stored, make_scenario, kind: str, parameters: dict[str, Any], columns: list[str]
):
    scenario = make_scenario(parameters, stored(STATED, STOCK), kind=kind)
    answer = client.post(RUN, json={"scenario_id": scenario})
    assert (answer.status_code, [one["column"] for one in answer.json()["problems"]]) == (422, columns)


def test_a_workbook_without_the_sheets_is_refused_with_what_it_misses(client, stored, make_scenario):
    empty = stored({}, {})
    for kind, sheet, rows in (("warehouse", "SKUs", 21), ("inventory", "Inventory", 8), ("integrated", "SKUs", 28)):
        answer = client.post(RUN, json={"scenario_id": make_scenario({}, empty, kind=kind)})
        problems = answer.json()["problems"]
        assert (answer.status_code, problems[0]["sheet"], len(problems)) == (422, sheet, rows)
