"""Results on warehouse space, stock and networks with both checked again, from the dataset and what they were asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from cli.terminal import CommandFailed, Exit
from cli.verifying.figures import (
    every_member,
    figure_checks,
    names_of,
    stated_otherwise,
    stated_parameters,
    unknown_members,
)
from cli.verifying.opened import opened_network, opened_proof
from cli.verifying.rechecked import Rechecked
from cli.verifying.sheets import asked_otherwise
from networx.domain import inventory_parameters, warehouse_parameters
from networx.domain.facility_parameters import read_parameters, units_of
from networx.domain.inventory import InventoryOutcome, Service
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters, transport_parameters
from networx.domain.plan import RECOMPUTED, SOLVER, Certificate, Check, Outcome, ResultStatus
from networx.domain.storage import StatedValues
from networx.domain.storage_questions import INVENTORY, WAREHOUSE, split_overrides
from networx.domain.stores import Stores
from networx.domain.warehouse import WarehouseOutcome
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.errors import Problem, RefusedInput
from networx.results.integrated import integrated_result
from networx.results.inventory import inventory_result
from networx.results.kpis import transport_result
from networx.results.proof import read_transport_proof
from networx.results.storage_wording import notes_on
from networx.results.warehouse import warehouse_result
from networx.verify.integrated import certify_integrated
from networx.verify.inventory import certify_inventory, fixed_check
from networx.verify.transport import certify
from networx.verify.warehouse import certify_warehouse

Kind = TypeVar("Kind")
Read = TypeVar("Read")
_SHOWN = ("status", "objective", "bound", "gap", "kpis", "years", "infeasibility", "headline", "verdict")
_WHO_SERVES = ("assignment", "compare_with")
FIXED = "fixed"
_ASKED = "what was asked: the parameters are those that the result states"


def recheck_warehouse(
    result: Mapping[str, Any], file: Path, dataset: Path, beside: Path | None, *, exactly: bool
) -> Rechecked:
    """Raises CommandFailed and RefusedInput for what cannot be checked at all; so do all here."""
    _not_exactly(exactly)
    tables = opened_network(dataset, result.get("dataset_sha256"))
    outcome = _read(opened_proof(result, file, beside), lambda proof: WarehouseOutcome.from_dict(proof["outcome"]))
    parameters = _asked(WarehouseParameters, warehouse_parameters.SHEET, result)
    certificate = certify_warehouse(tables, parameters, outcome, tables.sha256())
    again = None
    if certificate.valid:
        again = warehouse_result(
            parameters,
            outcome,
            certificate,
            identity={},
            notes=notes_on(tables.warehouse),
            partial=result["partial"],
        )
    differs = asked_otherwise(WarehouseParameters, stated_parameters(result), tables.warehouse, "", outcome.facility)
    what = "pallets, doors, areas and costs of each year, and the least cost that any plan has, in exact fractions"
    return _found(tables, result, certificate, again, (*_SHOWN, "warehouses"), what, differs)


def recheck_inventory(
    result: Mapping[str, Any], file: Path, dataset: Path, beside: Path | None, *, exactly: bool
) -> Rechecked:
    """The same of stock."""
    _not_exactly(exactly)
    tables = opened_network(dataset, result.get("dataset_sha256"))
    proof = opened_proof(result, file, beside)
    outcome = _read(proof, lambda proof: InventoryOutcome.from_dict(proof["outcome"]))
    service, compared = (
        _read(proof, lambda proof, name=name: None if proof[name] is None else Service.from_arrays(proof[name]))  # type: ignore[misc]
        for name in ("service", "compared")
    )
    assert service is not None
    serving = {*service.facility.tolist(), *([] if compared is None else compared.facility.tolist())}
    parameters = _of_stock(tables, result, sorted(serving))
    certificate = certify_inventory(tables, parameters, outcome, tables.sha256(), service=service, compared=compared)
    said = stated_parameters(result)
    asked = {name: said[name] for name in _WHO_SERVES if name in said}
    again = None
    if certificate.valid:
        again = inventory_result(
            tables, parameters, asked, outcome, certificate, identity={}, partial=result["partial"]
        )
    what = "that each destination is sent its demand, and the stock of each facility and year"
    names = tables.facilities.name
    differs = dict.fromkeys(line for site in sorted(serving) for line in _stock_differs(tables, said, names[site], ""))
    found = _found(tables, result, certificate, again, (*_SHOWN, "stock"), what, differs)
    served = {name: one for name, one in zip(_WHO_SERVES, (service, compared), strict=True) if one is not None}
    if not found.holds:
        return found
    fixed = [fixed_check(tables, one, f"{name}: fixed") for name, one in served.items() if asked.get(name) == FIXED]
    words = [f"{name}: who serves whom in {asked.get(name)}" for name in served if asked.get(name) != FIXED]
    return replace(found, checks=(*found.checks, *fixed), believed=(*found.believed, *words))


def recheck_integrated(
    result: Mapping[str, Any], file: Path, dataset: Path, beside: Path | None, *, exactly: bool
) -> Rechecked:
    """The same of a network with both."""
    _not_exactly(exactly)
    tables = opened_network(dataset, result.get("dataset_sha256"))
    proof = opened_proof(result, file, beside)
    plan, of_bound = _read(proof, read_transport_proof)
    stores = _read(proof, lambda proof: Stores.from_dict(proof["stores"]))
    parameters = transport_parameters({}, split_overrides(stated_parameters(result)).network)
    step = result["steps"]["network"]
    claims: dict[str, Any] = {
        **{name: step[name] for name in ("objective", "bound", "gap")},
        "status": ResultStatus(step["status"]),
        "bound_source": RECOMPUTED if step["bound_source"] == RECOMPUTED else SOLVER,
        "proof": of_bound,
    }
    network = certify(tables, parameters, plan, **claims, dataset_sha256=tables.sha256())
    warehouses = {
        str(one.facility): _asked(WarehouseParameters, warehouse_parameters.SHEET, result, WAREHOUSE, one.facility)
        for one in stores.warehouses
    }
    of_stock = _of_stock(tables, result, sorted({stock.facility for stock in stores.inventory.stocks}), INVENTORY)
    certificate = certify_integrated(
        network,
        tables,
        plan,
        stores,
        warehouses=warehouses,
        inventory=of_stock,
        objective=result["objective"],
    )
    again = None
    if certificate.valid:
        outcome = Outcome(engine=step["engine"], seconds=0.0, plan=plan, **claims)
        figures = transport_result(tables, parameters, outcome, network, identity={}, partial=result["partial"])
        planned = [(warehouses[str(one.facility)], one) for one in stores.warehouses]
        again = integrated_result(tables, figures, planned, (of_stock, stores.inventory), certificate)
    what = "the network's plan and cost, the space of each warehouse, the stock, and the sum"
    said = stated_parameters(result)
    differs = dict.fromkeys(
        line
        for name in warehouses
        for line in (
            *asked_otherwise(WarehouseParameters, said, tables.warehouse, WAREHOUSE, name),
            *_stock_differs(tables, said, name, INVENTORY),
        )
    )
    of_network = stated_otherwise(tables, result, [spec.name for spec in fields(TransportParameters)])
    shown = (*_SHOWN, "warehouses", "stock", "facilities")
    found = _found(tables, result, certificate, again, shown, what, (*of_network, *differs))
    if claims["bound_source"] == RECOMPUTED or claims["bound"] is None:
        return found
    word = f"the bound {claims['bound']!r} of the network, and so the gap: the solver's own word"
    return replace(found, believed=(*found.believed, word))


def _found(
    tables: NetworkTables,
    result: Mapping[str, Any],
    certificate: Certificate,
    again: Mapping[str, Any] | None,
    members: Sequence[str],
    recomputed: str,
    differs: Iterable[str],
) -> Rechecked:
    checks: list[Check] = list(certificate.checks)
    unknown: tuple[str, ...] = ()
    if again is not None:
        checks += figure_checks(result, again, every_member(result, again, members), names_of(tables))
        unknown = unknown_members(result, again)
    return Rechecked(
        result["status"],
        certificate.dataset_sha256,
        tuple(checks),
        (recomputed,),
        (_ASKED, *unknown),
        tuple(differs),
    )


def _stock_differs(tables: NetworkTables, said: Mapping[str, Any], facility: str, prefix: str) -> Iterator[str]:
    # Days that only the sheet Warehouse states are taken from there.
    return asked_otherwise(
        InventoryParameters, said, tables.inventory, prefix, facility, "operating_days", *_WHO_SERVES
    )


def _asked(
    kind: type[Kind], sheet: str, result: Mapping[str, Any], prefix: str = "", facility: str | None = None
) -> Kind:
    """The parameters of a facility as the result states them: those of its own, else those for all."""
    stated = stated_parameters(result)
    found = {
        name: stated.get(f"{prefix}{name} of {facility}", stated.get(f"{prefix}{name}")) for name in units_of(kind)
    }
    return read_parameters(kind, sheet, StatedValues(), found)


def _of_stock(
    tables: NetworkTables, result: Mapping[str, Any], sites: Iterable[int], prefix: str = ""
) -> dict[int, InventoryParameters]:
    names = tables.facilities.name
    return {
        site: _asked(InventoryParameters, inventory_parameters.SHEET, result, prefix, names[site]) for site in sites
    }


def _read(proof: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Read]) -> Read:
    try:
        return read(proof)
    except (KeyError, TypeError, ValueError) as fault:
        raise RefusedInput([Problem(f"The result's proof cannot be read: {fault!r}.", "proof")]) from None


def _not_exactly(exactly: bool) -> None:
    if exactly:
        raise CommandFailed("--exact is for transport results; areas and space are exact already.", Exit.WRONG_USE)
