"""`networx solve FILE --type warehouse`, `inventory`, `integrated`: planned and certified with no service running."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import typer

from cli.answer import print_answer, print_result
from cli.passed import identity_of, passed
from cli.reading import read_to_solve
from cli.solve_network import LONGEST, SolvedNetwork, ended_words, interrupted, solve_network
from cli.storage_answer import print_storage
from cli.terminal import CommandFailed, Exit, say
from cli.watching import Watching
from networx.domain.network import NetworkTables
from networx.domain.parameters import DEFAULT_TIME_LIMIT_SECONDS, TransportParameters, transport_parameters
from networx.domain.plan import Progress, TransportPlan
from networx.domain.storage_questions import assignments_asked, parameters_by_facility, warehouse_parameters_of
from networx.domain.stores import Stores
from networx.domain.warehouse import WarehouseOutcome
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.errors import RefusedInput
from networx.resilience.confine import Child, Confinement, Stopped
from networx.results.proof import inside, integrated_proof, space_proof, stock_proof
from networx.topology import TOPOLOGY
from networx.work.on_time import OnTime

WAREHOUSE = Confinement("networx.work.storage_child:run", memory_mib=TOPOLOGY.kind("warehouse").child_memory_mib)
STORES = Confinement("networx.work.storage_child:run_stores", memory_mib=TOPOLOGY.kind("integrated").child_memory_mib)


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
    else:  # there is no network to plan for, or no plan of what is in it
        print_answer(result)
    if result["infeasibility"] is not None:
        raise typer.Exit(Exit.REFUSED)
    if result["kpis"] is None:
        raise typer.Exit(Exit.FAILED)


def _warehouse(tables: NetworkTables, identity: dict[str, Any]) -> dict[str, Any]:
    from networx.models.warehouse import require_plannable
    from networx.results.storage_wording import notes_on
    from networx.results.warehouse import warehouse_result
    from networx.verify.warehouse import certify_warehouse

    parameters = warehouse_parameters_of(tables.warehouse, {})
    require_plannable(tables, parameters)
    outcome, stopped = planned_space(tables, parameters)
    certificate = passed(certify_warehouse(tables, parameters, outcome, tables.sha256()))
    return warehouse_result(
        parameters,
        outcome,
        certificate,
        identity=identity,
        notes=notes_on(tables.warehouse),
        proof=inside(space_proof(outcome)),
        partial=stopped,
    )


def planned_space(
    tables: NetworkTables, parameters: WarehouseParameters, confinement: Confinement = WAREHOUSE
) -> tuple[WarehouseOutcome, bool]:
    """The space for the whole volume, planned in a child that is ended at its limit, and whether it was stopped.

    After Ctrl-C it is the best plan by then. Raises what the child raised, and LimitExceeded for its memory.
    """
    from networx.work.storage_run import WarehouseRun

    with tempfile.TemporaryDirectory() as scratch, Watching() as watching, interrupted() as stopped:
        watching.show("planning", "planning the space")
        stop_file = Path(scratch) / "stop"
        on_time = OnTime(DEFAULT_TIME_LIMIT_SECONDS, stopped.is_set, most=LONGEST, stop_file=stop_file)
        run = WarehouseRun(tables, parameters, Path(scratch), on_time, stop_file)
        try:
            outcome = run.outcome(Child(confinement))
        except Stopped:
            outcome = run.best()
        watching.done("planning", f"planned: {outcome.status.value}{ended_words(on_time.ended_by)}")
        return outcome, stopped.is_set()


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


def planned_stores(tables: NetworkTables, plan: TransportPlan, confinement: Confinement = STORES) -> Stores | None:
    """The warehouses and the stock of a plan, planned in a child; None, and said, where it was late or stopped.

    Raises what the child raised, and LimitExceeded for its memory.
    """
    from networx.work.storage_child import STORES_SECONDS
    from networx.work.storage_run import plan_stores_on_time

    with tempfile.TemporaryDirectory() as scratch, interrupted() as stopped:
        on_time = OnTime(STORES_SECONDS, stopped.is_set, most=LONGEST)
        try:
            stores = plan_stores_on_time(Child(confinement), Path(scratch), (tables, plan, {}), on_time)
        except Stopped:
            stores = None
    if stores is None:
        say(f"Warehouses and stock were not planned{ended_words(on_time.ended_by)}: what follows is the network alone.")
    return stores


def with_stores(
    tables: NetworkTables,
    identity: dict[str, Any],
    parameters: TransportParameters,
    solved: SolvedNetwork,
    watching: Watching,
) -> dict[str, Any]:
    """The same of a network that is solved; the network's own where it has no plan, or its warehouses had no time.

    Raises CommandFailed.
    """
    from networx.results.integrated import integrated_result
    from networx.results.kpis import transport_result
    from networx.verify.integrated import certify_integrated

    outcome, network = solved.outcome, solved.certificate
    figures = transport_result(tables, parameters, outcome, network, identity=identity, partial=solved.stopped)
    if outcome.plan is None or network is None:
        return figures
    watching.job({"progress": Progress("planning warehouses and stock").as_dict(), "status": "solving"})
    stores = planned_stores(tables, outcome.plan)
    if stores is None:
        return figures
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
