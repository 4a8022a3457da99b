"""Plans of space and stock from their dataset to their published result, with the real workers, solver and store."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import orjson
import pytest

from cli.replaying import CHECKS
from networx import settings
from networx.domain.network import Assignments
from networx.domain.storage import StatedValues
from networx.domain.sweep import exactly
from networx.jobs.job import JobStatus
from networx.resilience import objects
from networx.work import evidence, plan_integrated, plan_inventory, plan_warehouse
from networx.work.plan_integrated import IntegratedPlan
from networx.work.plan_inventory import InventoryPlan
from networx.work.plan_warehouse import WarehousePlan
from tests.core.models.small_networks import two_sites
from tests.core.models.small_warehouses import stocked, stored
from tests.core.work.steps import ended, files_of, load, result_of, submit

FREE = {"single_sourcing": None, "lease_years": None}
OPTIMIZING = ("optimization", {"warehouse": WarehousePlan(), "integrated": IntegratedPlan()})


def read(aws: Any, result: dict[str, Any]) -> dict[str, Any]:
    body = aws.s3.get_object(Bucket=settings.current().buckets["results"], Key=result["files"]["result_json"])["Body"]
    found: dict[str, Any] = orjson.loads(body.read())
    return found


def names_of(aws: Any, job: Any) -> set[str]:
    return {name.rsplit("/", 1)[1] for name in files_of(aws, job)}


def test_a_warehouse_is_planned_checked_and_published(quick, working, aws):
    tables = stored()
    one_site = replace(
        tables.warehouse,
        name=(*tables.warehouse.name, "days_on_hand"),
        value=(*tables.warehouse.value, "5"),
        facility=(*tables.warehouse.facility, "North"),
    )
    dataset = load(quick.tenant_id, replace(tables, warehouse=one_site))
    job = submit(quick, dataset, kind="warehouse", thirdparty_cost_per_sqft=6, **FREE)
    with working(*OPTIMIZING):
        done = ended(job)
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    assert (result["status"], result["objective"]) == ("optimal", pytest.approx(62_500))
    assert (result["certificate"]["valid"], result["bound_source"]) == (True, "recomputed")
    assert names_of(aws, job) == {"result.json", "result.xlsx", "report.html"}
    whole = read(aws, result)
    assert [year["gross_area"] for year in whole["warehouses"][0]["years"]] == pytest.approx([3416.6666667, 5000])
    (note,) = whole["notes"]
    assert note.startswith("What the sheet Warehouse says of single facilities (1 row) is for")


def test_a_network_its_warehouses_and_its_stock_are_planned_in_one_run(quick, working, aws):
    dataset = load(quick.tenant_id, stocked())
    holding = {"inventory.holding_cost_per_unit_per_year": 3}
    job = submit(quick, dataset, kind="integrated", **holding)
    alone = submit(quick, dataset, exactly(1), kind="integrated", **holding)
    with working(*OPTIMIZING):
        done, of_one = ended(job), ended(alone)
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    assert (result["certificate"]["valid"], result["bound"]) == (True, pytest.approx(490))
    assert names_of(aws, job) == {"result.json", "result.xlsx", "report.html", "assignments.parquet"}
    whole = read(aws, result)
    assert [one["facility"] for one in whole["warehouses"]] == ["North", "South"]
    years = [year["network_cost"] + year["warehouse_cost"] + year["inventory_cost"] for year in whole["years"]]
    assert [year["total_cost"] for year in whole["years"]] == pytest.approx(years)
    assert whole["objective"] == pytest.approx(sum(years)) == pytest.approx(whole["kpis"]["total_cost"])
    assert whole["steps"]["network"]["status"] == "optimal"
    # A member of a sweep has its own number of facilities, each with its warehouse and its stock.
    assert of_one.status is JobStatus.SUCCEEDED, of_one.error
    member = result_of(alone)
    assert member is not None
    assert (member["kpis"]["facilities_open"], member["bound"]) == (1, pytest.approx(600))
    assert [one["facility"] for one in read(aws, member)["warehouses"]] == ["North"]
    assert member["objective"] == pytest.approx(member["kpis"]["total_cost"])
    assert member["kpis"]["total_cost"] > member["kpis"]["network_cost"]

    # Its plan says who serves whom, and so does the plan of any finished network.
    stock = submit(
        quick, dataset, kind="inventory", assignment=f"job {job.id}", holding_cost_per_unit_per_year=3, **FREE
    )
    unknown = submit(quick, dataset, kind="inventory", assignment=f"job {dataset}", **FREE)
    with working("capacity", {"inventory": InventoryPlan()}):
        done, refused = ended(stock), ended(unknown)
    assert done.status is JobStatus.SUCCEEDED, done.error
    found = result_of(stock)
    assert found is not None
    assert found["objective"] == pytest.approx(whole["kpis"]["inventory_cost"])
    assert read(aws, found)["stock"]["facilities"][0]["facility"] == "North"
    assert refused.error is not None
    assert (refused.error["code"], "is not known" in refused.error["message"]) == ("INVALID_INPUT", True)


def test_what_a_single_facility_lacks_is_refused_before_the_network_is_solved(quick, working):
    tables = stocked()
    values = {name: value for name, value in tables.inventory.of(None).items() if name != "lead_time_days"}
    alone = StatedValues((*values, "lead_time_days"), (*values.values(), "4"), (*(None for _ in values), "North"))
    job = submit(quick, load(quick.tenant_id, replace(tables, inventory=alone)), kind="integrated")
    with working(*OPTIMIZING):
        done = ended(job)
    assert (done.status, result_of(job)) == (JobStatus.FAILED, None)
    assert done.error is not None
    assert "lead_time_days is missing: state it in the sheet Inventory." in done.error["message"]


def test_a_network_that_cannot_be_is_said_without_warehouses(quick, working):
    small = two_sites(facilities=[("North", 10, 100), ("South", 10, 50)])
    job = submit(quick, load(quick.tenant_id, stocked(small)), kind="integrated")
    with working(*OPTIMIZING):
        done = ended(job)
    result = result_of(job)
    assert done.status is JobStatus.SUCCEEDED, done.error
    assert result is not None
    assert (result["status"], result["kpis"]) == ("infeasible", None)


def lied(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on plans of this type claim a dollar less than they cost, for space or for stock."""
    if kind == "integrated":
        read = plan_integrated.read_stores

        def told(path: Any) -> Any:
            stores = read(path)
            return replace(stores, inventory=cheaper(stores.inventory))

        monkeypatch.setattr(plan_integrated, "read_stores", told)
    else:
        module = plan_warehouse if kind == "warehouse" else plan_inventory
        name = "_planned" if kind == "warehouse" else "plan_inventory"
        plan = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *asked: cheaper(plan(*asked)))


def cheaper(outcome: Any) -> Any:
    return replace(outcome, objective=outcome.objective - 1)


@pytest.mark.parametrize("kind", ["warehouse", "inventory", "integrated"])
def test_all_parts_of_a_refused_answer_are_kept_and_fail_the_same_checks_again(
    kind, quick, working, monkeypatch, tmp_path
):
    tables = stocked()
    both = Assignments(np.zeros(2, dtype=np.int32), np.arange(2, dtype=np.int32), ("fixed", "fixed"))
    if kind == "inventory":
        tables = replace(tables, assignments=both)
    stated = {"inventory": {**FREE, "assignment": "fixed", "compare_with": "fixed"}, "warehouse": FREE}.get(kind, {})
    job = submit(quick, load(quick.tenant_id, tables), kind=kind, **stated)
    lied(kind, monkeypatch)
    with working(*(("capacity", {"inventory": InventoryPlan()}) if kind == "inventory" else OPTIMIZING)):
        done = ended(job)
    assert done.error is not None
    assert done.error["code"] == "CERTIFICATE_FAILED"
    objects.get_result(f"refused/{job.tenant_id}/{job.id}/{done.fence}.zip", tmp_path / "evidence.zip")
    told, arrays = evidence.read(tmp_path / "evidence.zip")
    again = CHECKS[kind](tables, told["question"], told["claim"], arrays)
    assert [asdict(check) for check in again.checks if not check.passed] == told["failed"]
    assert told["failed"]
    honest = {**told["claim"], "objective": told["claim"]["objective"] + 1}
    if kind == "integrated":
        stores = told["claim"]["stores"]
        stock = {**stores["inventory"], "objective": stores["inventory"]["objective"] + 1}
        honest = {**told["claim"], "stores": {**stores, "inventory": stock}}
    assert CHECKS[kind](tables, told["question"], honest, arrays).valid
