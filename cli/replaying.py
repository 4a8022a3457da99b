"""What was claimed in a refused answer, checked against the dataset again by the checker as it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from networx.domain.bound_proofs import bound_proof
from networx.domain.business import Baseline
from networx.domain.capacity import CapacityOutcome
from networx.domain.greenfield import CandidateRule, Places
from networx.domain.inventory import InventoryOutcome, Service
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.location_proof import LocationProof
from networx.domain.network import NetworkTables
from networx.domain.paid import Paid
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Infeasibility, Outcome, ResultStatus, TransportPlan
from networx.domain.sensitivity import Kind, Question
from networx.domain.stores import Stores
from networx.domain.warehouse import WarehouseOutcome
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.ingest.freight_datasets import Rows
from networx.results.integrated import integrated_result
from networx.results.kpis import transport_result
from networx.verify.baseline import certify_paid, certify_today
from networx.verify.capacity import certify_capacity
from networx.verify.greenfield import certify_greenfield
from networx.verify.integrated import certify_integrated
from networx.verify.inventory import certify_inventory
from networx.verify.sensitivity import otherwise
from networx.verify.transport import certify, certify_infeasible
from networx.verify.warehouse import certify_warehouse
from networx.work.evidence import COMPARED, PLAN, PROOF, SERVICE

Arrays = Mapping[str, Mapping[str, Any]]


def _transport(
    tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], arrays: Arrays
) -> Certificate:
    parameters, sha256 = TransportParameters(**question["parameters"]), question["dataset_sha256"]
    if PLAN not in arrays:
        return certify_infeasible(tables, parameters, Infeasibility.from_dict(claim["infeasibility"]), sha256)
    return certify(
        tables,
        parameters,
        TransportPlan.from_arrays(arrays[PLAN]),
        **{name: claim[name] for name in ("objective", "bound", "gap", "bound_source")},
        status=ResultStatus(claim["status"]),
        dataset_sha256=sha256,
        proof=bound_proof(arrays[PROOF]) if PROOF in arrays else None,
    )


def _capacity(tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], _: Arrays) -> Certificate:
    return certify_capacity(
        tables,
        TransportParameters(**question["parameters"]),
        np.array(question["sites"], dtype=bool),
        CapacityOutcome.from_dict(dict(claim)),
        question["dataset_sha256"],
    )


def _warehouse(tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], _: Arrays) -> Certificate:
    outcome = WarehouseOutcome.from_dict(dict(claim))
    return certify_warehouse(tables, WarehouseParameters(**question["own"]), outcome, question["dataset_sha256"])


def _inventory(
    tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], arrays: Arrays
) -> Certificate:
    return certify_inventory(
        tables,
        _stock_asked(question["own"]),
        InventoryOutcome.from_dict(dict(claim)),
        question["dataset_sha256"],
        service=Service.from_arrays(arrays[SERVICE]),
        compared=Service.from_arrays(arrays[COMPARED]) if COMPARED in arrays else None,
    )


def _integrated(
    tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], arrays: Arrays
) -> Certificate:
    network = _transport(tables, question, claim, arrays)
    if "stores" not in claim:
        return network  # there was none to plan warehouses and stock for
    plan, stores = TransportPlan.from_arrays(arrays[PLAN]), Stores.from_dict(claim["stores"])
    warehouses = {name: WarehouseParameters(**own) for name, own in question["own"]["warehouses"].items()}
    inventory = _stock_asked(question["own"]["inventory"])
    parameters = TransportParameters(**question["parameters"])
    outcome = Outcome(
        ResultStatus(claim["status"]),
        plan=plan,
        **{name: claim[name] for name in ("engine", "seconds", "objective", "bound", "gap", "bound_source")},
    )
    figures = transport_result(tables, parameters, outcome, network, identity={})
    planned = [(warehouses[str(one.facility)], one) for one in stores.warehouses]
    total = integrated_result(tables, figures, planned, (inventory, stores.inventory), network)["objective"]
    return certify_integrated(
        network, tables, plan, stores, warehouses=warehouses, inventory=inventory, objective=total
    )


def _stock_asked(own: Mapping[str, Mapping[str, Any]]) -> dict[int, InventoryParameters]:
    """Who serves whom is claimed beside them, and not read of them."""
    taken = {"assignment": None, "compare_with": None}
    return {int(site): InventoryParameters(**{**values, **taken}) for site, values in own.items()}


def _greenfield(
    tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], arrays: Arrays
) -> Certificate:
    own = question["own"]
    places = Places(
        **{
            **claim,
            "status": ResultStatus(claim["status"]),
            "zips": tuple(claim["zips"]),
            "serves": np.array(claim["serves"], dtype=np.intp),
            "proof": LocationProof.from_arrays(arrays[PROOF]) if PROOF in arrays else None,
        }
    )
    return certify_greenfield(tables, CandidateRule(own["candidates"]), own["circuity"], own["gap"], places)


def _sensitivity(
    tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], arrays: Arrays
) -> Certificate:
    """The base plan, or an answer against the data that its question changes."""
    if "asked" not in question:
        return _transport(tables, question, claim, arrays)
    asked = Question(**{**question["asked"], "kind": Kind(question["asked"]["kind"])})
    opened = np.array(question["opened"], dtype=bool)
    changed = otherwise(tables, TransportParameters(**question["parameters"]), opened, asked)
    answered = {"parameters": asdict(changed.parameters), "dataset_sha256": changed.tables.sha256()}
    return _transport(changed.tables, answered, claim, arrays)


def _today(tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], arrays: Arrays) -> Certificate:
    """Today's network, beside shipments or a plan."""
    outcome = Outcome(
        ResultStatus(claim["status"]),
        plan=TransportPlan.from_arrays(arrays[PLAN]),
        proof=bound_proof(arrays[PROOF]) if PROOF in arrays else None,
        **{name: claim[name] for name in ("engine", "seconds", "objective", "bound", "gap", "bound_source")},
    )
    parameters = TransportParameters(**question["parameters"])
    return certify_today(tables, parameters, Baseline(question["baseline_flows"], outcome), question["dataset_sha256"])


def _network(
    tables: NetworkTables, question: Mapping[str, Any], claim: Mapping[str, Any], arrays: Arrays
) -> Certificate:
    """A plan, or what it was compared with."""
    return (_today if "baseline_flows" in question else _transport)(tables, question, claim, arrays)


def check_sums(
    rows: Iterable[Rows], tables: NetworkTables | None, question: Mapping[str, Any], claim: Mapping[str, Any]
) -> Certificate:
    """Sums of shipments against their rows, and against the network that they were set beside.

    Raises KeyError for what an earlier version kept, which left parts of the claim out.
    """
    books = claim["operating_costs"]
    return certify_paid(
        rows,
        question["dataset_sha256"],
        Paid.from_dict(claim["paid"]),
        account=claim["account"],
        network=tables,
        network_sha256=None if tables is None else question["network"]["dataset_sha256"],
        operating_costs=None if books is None else {(year, line): amount for year, line, amount in books},
    )


Check = Callable[[NetworkTables, Mapping[str, Any], Mapping[str, Any], Arrays], Certificate]
CHECKS: Mapping[str, Check] = {
    "transport": _network,
    "capacity": _capacity,
    "warehouse": _warehouse,
    "inventory": _inventory,
    "integrated": _integrated,
    "greenfield": _greenfield,
    "sensitivity": _sensitivity,
    "baseline": _today,
}
