"""`networx solve FILE --nodes 3:8`: every number of open facilities, with no service running."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from cli.answer import print_result
from cli.network_result import network_result
from cli.passed import identity_of
from cli.reading import read_to_solve
from cli.scenario_type import ScenarioType
from cli.solve_network import SolvedNetwork
from cli.solve_numbers import Solved, solve_numbers
from cli.solve_storage import with_stores
from cli.sweep import exit_of, print_sweep
from cli.terminal import CommandFailed, say
from cli.watching import Watching
from networx.domain.network import NetworkTables
from networx.domain.parameters import business_parameters, transport_parameters
from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep, parse_sweep, require_baseline, require_measured, require_within, with_exactly
from networx.errors import LimitExceeded
from networx.results.frontier import Member, whole_network
from networx.results.sweep_result import sweep_result
from networx.topology import TOPOLOGY


def solve_sweep(file: Path, kind: ScenarioType, asked: Mapping[str, Any], *, as_json: bool) -> None:
    """Solve every number and print the frontier. Ctrl-C keeps what is solved; the numbers that are left are cancelled.

    Raises RefusedInput for what no number could run, and typer.Exit as `networx run` with a sweep ends.
    """
    tables = read_to_solve(file)
    sweep = parse_sweep(asked, most_members=TOPOLOGY.limits.batch_members)
    _require_sweepable(tables, sweep, whole=kind is ScenarioType.INTEGRATED)
    members = _members(tables, kind, sweep, identity_of(file, tables.sha256()))
    result = sweep_result(sweep, members)
    if as_json:
        print_result(result)
    else:
        print_sweep(result)
    raise typer.Exit(exit_of(result))


def _require_sweepable(tables: NetworkTables, sweep: Sweep, *, whole: bool) -> None:
    status = tables.facilities.status
    require_within(sweep, usable=sum(word != "forbidden" for word in status), mandatory=status.count("mandatory"))
    parameters = transport_parameters(tables.parameters)
    require_measured(sweep, parameters)
    priced = tables.service_years.service_penalty_per_unit
    penalty = parameters.service_penalty_per_unit is not None or bool((priced == priced).any())  # NaN is not stated
    require_baseline(sweep, business_parameters(tables.parameters).baseline_flows, whole=whole, penalty=penalty)


def _members(tables: NetworkTables, kind: ScenarioType, sweep: Sweep, identity: dict[str, Any]) -> list[Member]:
    """The run of every number, whatever becomes of it: one that fails is said and stays in the frontier."""
    parameters, business = transport_parameters(tables.parameters), business_parameters(tables.parameters)
    whole = kind is ScenarioType.INTEGRATED
    if whole:
        from networx.models.integrated import require_stores

        require_stores(tables, {})

    def result(nodes: int, solved: SolvedNetwork) -> Mapping[str, Any]:
        asked = with_exactly(parameters, nodes)
        if whole:
            return whole_network(with_stores(tables, identity, asked, solved, watching))
        return network_result(tables, asked, business, solved, identity)

    def member(nodes: int, solved: Solved) -> Member:
        if isinstance(solved, SolvedNetwork):
            try:
                return _member(nodes, result(nodes, solved))
            except (CommandFailed, LimitExceeded) as failed:
                say(f"{nodes} open: {failed}")
        return Member(None, nodes, "failed", ended=True)

    flows = None if whole else business.baseline_flows
    with Watching() as watching:
        answers = solve_numbers(tables, parameters, sweep.nodes, watching, baseline_flows=flows)
        found = {nodes: member(nodes, solved) for nodes, solved in answers}
    return [found.get(nodes) or Member(None, nodes, "cancelled", ended=True) for nodes in sweep.nodes]


def _member(nodes: int, result: Mapping[str, Any]) -> Member:
    return Member(
        None,
        nodes,
        "cancelled" if result["partial"] else "succeeded",
        ended=True,
        status=ResultStatus(result["status"]),
        objective=result["objective"],
        bound=result["bound"],
        gap=result["gap"],
        kpis=result["kpis"],
        partial=bool(result["partial"]),
        certified=bool((result["certificate"] or {}).get("valid")),
    )
