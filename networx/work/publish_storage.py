"""Plans of space and stock become results: checked against their dataset, written as files, told to the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from networx.domain.inventory import InventoryOutcome, Service
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.plan import Outcome
from networx.domain.stores import Stores
from networx.domain.warehouse import WarehouseOutcome
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.results.assignments import iter_assignments, write_assignments
from networx.results.inbound import iter_inbound, write_inbound
from networx.results.integrated import integrated_result
from networx.results.inventory import inventory_result
from networx.results.kpis import transport_result
from networx.results.proof import (
    inside,
    inside_or_beside,
    integrated_proof,
    result_bytes,
    space_proof,
    stock_proof,
)
from networx.results.report import write_storage_report
from networx.results.storage_workbook import write_storage_workbook
from networx.results.warehouse import warehouse_result
from networx.verify.integrated import certify_integrated
from networx.verify.inventory import certify_inventory
from networx.verify.warehouse import certify_warehouse
from networx.work.publish import Put, Solved, certificate_of, identity_of, passed, recorded

_FILES = ("result_json", "result_xlsx", "report_html")


@dataclass(frozen=True, slots=True)
class StockAsked:
    """Whose stock is planned: who serves whom, and what it is compared with; `stated` is how the client said it."""

    service: Service
    compared: Service | None
    stated: Mapping[str, str]


def publish_warehouse(
    solved: Solved,
    parameters: WarehouseParameters,
    outcome: WarehouseOutcome,
    folder: Path,
    *,
    notes: Sequence[str],
    place: str,
    put: Put,
) -> dict[str, Any]:
    """Check the plan, `put` its files under `place` in the results bucket, and return the result for the record.

    `folder` is scratch space. Raises CertificateRefused, and what `put` raises; so do all here.
    """
    certificate = passed(certify_warehouse(solved.tables, parameters, outcome, solved.dataset.sha256))
    result = warehouse_result(
        parameters,
        outcome,
        certificate,
        identity=identity_of(solved),
        notes=notes,
        proof=inside(space_proof(outcome)),
    )
    return _published(result, folder, place=place, put=put)


def publish_inventory(
    solved: Solved,
    parameters: Mapping[int, InventoryParameters],
    asked: StockAsked,
    outcome: InventoryOutcome,
    folder: Path,
    *,
    place: str,
    put: Put,
) -> dict[str, Any]:
    """The same of a plan of stock."""
    certificate = passed(
        certify_inventory(
            solved.tables,
            parameters,
            outcome,
            solved.dataset.sha256,
            service=asked.service,
            compared=asked.compared,
        )
    )
    folder.mkdir(exist_ok=True)
    proof, beside = inside_or_beside(stock_proof(outcome, asked.service, asked.compared), folder)
    result = inventory_result(
        solved.tables, parameters, asked.stated, outcome, certificate, identity=identity_of(solved), proof=proof
    )
    return _published(result, folder, ["proof"] * beside, place=place, put=put)


def publish_integrated(
    solved: Solved,
    outcome: Outcome,
    stores: Stores,
    warehouses: Mapping[str, WarehouseParameters],
    inventory: Mapping[int, InventoryParameters],
    folder: Path,
    *,
    place: str,
    put: Put,
) -> dict[str, Any]:
    """The same of a network with its warehouses and stock, and who serves whom in it."""
    assert outcome.plan is not None
    network = certificate_of(solved, outcome)
    assert network is not None
    folder.mkdir(exist_ok=True)
    proof, beside = inside_or_beside(integrated_proof(outcome, stores), folder)
    figures = transport_result(
        solved.tables, solved.parameters, outcome, network, identity=identity_of(solved), proof=proof
    )
    planned = [(warehouses[str(one.facility)], one) for one in stores.warehouses]
    # The sum is made once, and checked where it stands.
    total = integrated_result(solved.tables, figures, planned, (inventory, stores.inventory), network)["objective"]
    certificate = passed(
        certify_integrated(
            network,
            solved.tables,
            outcome.plan,
            stores,
            warehouses=warehouses,
            inventory=inventory,
            objective=total,
        )
    )
    result = integrated_result(solved.tables, figures, planned, (inventory, stores.inventory), certificate)
    names = ["assignments", *["proof"] * beside]
    write_assignments(folder / "assignments.parquet", solved.tables, solved.parameters, outcome.plan)
    if len(solved.tables.suppliers):
        write_inbound(folder / "inbound.parquet", solved.tables, solved.parameters, outcome.plan)
        names.append("inbound")
    return _published(result, folder, names, place=place, put=put)


def _published(
    result: Mapping[str, Any], folder: Path, beside: Sequence[str] = (), *, place: str, put: Put
) -> dict[str, Any]:
    """`beside` names the files that stand in the folder already."""
    folder.mkdir(exist_ok=True)
    (folder / "result.json").write_bytes(result_bytes(result))
    flows = iter_assignments(folder / "assignments.parquet") if "assignments" in beside else ()
    inbound = iter_inbound(folder / "inbound.parquet") if "inbound" in beside else ()
    write_storage_workbook(folder / "result.xlsx", result, flows, inbound)
    write_storage_report(folder / "report.html", result)
    return recorded(result, (*_FILES, *beside), folder, place=place, put=put)
