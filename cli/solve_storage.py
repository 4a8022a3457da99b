"""`networx solve FILE --type warehouse`, `inventory`, `integrated`: planned and certified with no service running."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from cli.answer import print_answer, print_result
from cli.passed import identity_of, passed
from cli.reading import read_to_solve
from cli.solve_network import SolvedNetwork, solve_network
from cli.storage_answer import print_storage
from cli.terminal import CommandFailed, Exit
from cli.watching import Watching
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters, transport_parameters
from networx.domain.plan import Progress
from networx.domain.storage_questions import assignments_asked, parameters_by_facility, warehouse_parameters_of
from networx.errors import RefusedInput
from networx.results.proof import inside, integrated_proof, space_proof, stock_proof


def solve_storage(file: Path, kind: str, *, as_json: bool) -> None:
    """Plan what the workbook asks and print the answer. Raises CommandFailed, RefusedInput, typer.Exit."""
    tables = read_to_solve(file)
    identity = identity_of(file, tables.sha256())
    if kind == "integrated":
        result = integrated_answer(tables, identity)
    else:
        result = _warehouse(tables, identity) if kind == "warehouse" else _inventory(tables, identity)
    if as_json:
        print_result(result)
    elif result.get("type") == kind:
        print_storage(result)
    else:  # there is no network to plan for
        print_answer(result)
    if result["infeasibility"] is not None:
        raise typer.Exit(Exit.REFUSED)
    if result["kpis"] is None:
        raise typer.Exit(Exit.FAILED)


def _warehouse(tables: NetworkTables, identity: dict[str, Any]) -> dict[str, Any]:
    from networx.models.warehouse import network_units, plan_warehouse
    from networx.results.storage_wording import notes_on
    from networx.results.warehouse import warehouse_result
    from networx.verify.warehouse import certify_warehouse

    parameters = warehouse_parameters_of(tables.warehouse, {})
    years, units = network_units(tables)
    outcome = plan_warehouse(tables, parameters, years, units.tolist())
    certificate = passed(certify_warehouse(tables, parameters, outcome, tables.sha256()))
    return warehouse_result(
        parameters,
        outcome,
        certificate,
        identity=identity,
        notes=notes_on(tables.warehouse),
        proof=inside(space_proof(outcome)),
    )


def _inventory(tables: NetworkTables, identity: dict[str, Any]) -> dict[str, Any]:
    from networx.models.inventory import fixed_service, plan_inventory
    from networx.models.readiness import readiness
    from networx.results.inventory import inventory_result
    from networx.verify.inventory import certify_inventory

    missing = readiness(tables, "inventory").problems
    if missing:
        raise RefusedInput(missing)
    served, compared = assignments_asked(tables.inventory, {})
    if served.job is not None or (compared is not None and compared.job is not None):
        raise CommandFailed("The plan of a job is known to a platform only; state fixed.", Exit.WRONG_USE)
    service = fixed_service(tables, "assignment")
    # Without a platform there is one assignment to compare with: the same fixed rows.
    beside = None if compared is None else service
    stated = {"assignment": str(served), **({} if compared is None else {"compare_with": str(compared)})}
    sites = sorted(set(service.facility.tolist()))
    parameters = parameters_by_facility(tables.inventory, {}, tables.warehouse, sites, tables.facilities.name)
    outcome = plan_inventory(parameters, service, beside)
    certificate = passed(
        certify_inventory(tables, parameters, outcome, tables.sha256(), service=service, compared=beside)
    )
    return inventory_result(
        tables,
        parameters,
        stated,
        outcome,
        certificate,
        identity=identity,
        proof=inside(stock_proof(outcome, service, beside)),
    )


def integrated_answer(tables: NetworkTables, identity: dict[str, Any]) -> dict[str, Any]:
    """The result of a network with its warehouses and stock, solved here. Raises CommandFailed, RefusedInput."""
    from networx.models.integrated import require_stores

    require_stores(tables, {})
    parameters = transport_parameters(tables.parameters)
    solved = solve_network(tables, parameters)
    with Watching() as watching:
        return with_stores(tables, identity, parameters, solved, watching)


def with_stores(
    tables: NetworkTables,
    identity: dict[str, Any],
    parameters: TransportParameters,
    solved: SolvedNetwork,
    watching: Watching,
) -> dict[str, Any]:
    """The same of a network that is solved; of one without a plan the transport model's. Raises CommandFailed."""
    from networx.models.integrated import plan_stores
    from networx.results.integrated import integrated_result
    from networx.results.kpis import transport_result
    from networx.verify.integrated import certify_integrated

    outcome, network = solved.outcome, solved.certificate
    figures = transport_result(tables, parameters, outcome, network, identity=identity, partial=solved.stopped)
    if outcome.plan is None or network is None:
        return figures
    watching.job({"progress": Progress("planning warehouses and stock").as_dict(), "status": "solving"})
    stores = plan_stores(tables, outcome.plan, {})
    asked = {
        str(one.facility): warehouse_parameters_of(tables.warehouse, {}, one.facility) for one in stores.warehouses
    }
    sites = sorted({stock.facility for stock in stores.inventory.stocks})
    of_stock = parameters_by_facility(tables.inventory, {}, tables.warehouse, sites, tables.facilities.name)
    planned = [(asked[str(one.facility)], one) for one in stores.warehouses]
    total = integrated_result(tables, figures, planned, (of_stock, stores.inventory), network)["objective"]
    certificate = passed(
        certify_integrated(network, tables, outcome.plan, stores, warehouses=asked, inventory=of_stock, objective=total)
    )
    figures |= {"proof": inside(integrated_proof(outcome, stores))}
    return integrated_result(tables, figures, planned, (of_stock, stores.inventory), certificate)
