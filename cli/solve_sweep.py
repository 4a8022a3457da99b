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
from cli.terminal import CommandFailed, Exit, say
from cli.watching import Watching
from networx.domain.network import NetworkTables
from networx.domain.parameters import business_parameters, transport_parameters
from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep, parse_sweep, require_baseline, require_measured, require_within, with_exactly
from networx.errors import LimitExceeded, NetworxError
from networx.results.frontier import Member, whole_network
from networx.results.proof import result_bytes
from networx.results.sweep_result import sweep_result
from networx.results.sweep_runs import Run, read_run, run_without
from networx.topology import TOPOLOGY

RUN = "result.json"


def solve_sweep(
    file: Path, kind: ScenarioType, asked: Mapping[str, Any], *, output: Path | None = None, as_json: bool
) -> None:
    """Solve every number and print the frontier. Ctrl-C keeps what is solved; the numbers that are left are cancelled.

    `output` is a new folder: the sweep's result, workbook and report, and in a folder for each number its own result,
    there as soon as it is solved. Raises RefusedInput for what no number could run, and typer.Exit as `networx run`
    with a sweep ends.
    """
    if output is not None and output.exists():
        raise CommandFailed(f"{output} is there already; name another folder.", Exit.WRONG_USE)
    tables = read_to_solve(file)
    sweep = parse_sweep(asked, most_members=TOPOLOGY.limits.batch_members)
    _require_sweepable(tables, sweep, whole=kind is ScenarioType.INTEGRATED)
    keeper = None if output is None else _Keeper(output)
    identity = identity_of(file, tables.sha256())
    members = _members(tables, kind, sweep, identity, keeper)
    result = sweep_result(sweep, members)
    if keeper is not None:
        keeper.write(result, sweep, identity)
    if as_json:
        print_result(result)
    else:
        print_sweep(result)
    if keeper is not None:
        say(f"{output} holds result.json, result.xlsx and report.html, and each number's own result.json.")
    raise typer.Exit(exit_of(result))


class _Keeper:
    """The folder that a sweep is written to; of each number only what the files of the whole need stays in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._results: dict[int, Path] = {}
        self._why: dict[int, str] = {}
        folder.mkdir(parents=True)

    def solved(self, nodes: int, result: Mapping[str, Any]) -> None:
        path = self._folder / str(nodes) / RUN
        path.parent.mkdir()
        path.write_bytes(result_bytes(result))
        self._results[nodes] = path

    def failed(self, nodes: int, why: str) -> None:
        self._why[nodes] = why

    def write(self, result: Mapping[str, Any], sweep: Sweep, identity: Mapping[str, Any]) -> None:
        from networx.results.report import write_sweep_report
        from networx.results.sweep_workbook import write_sweep_workbook

        runs = [self._run(row) for row in result["frontier"]]
        (self._folder / "result.json").write_bytes(result_bytes(result))
        write_sweep_workbook(self._folder / "result.xlsx", result, sweep, runs, identity)
        write_sweep_report(self._folder / "report.html", result, sweep, runs, identity)

    def _run(self, row: Mapping[str, Any]) -> Run:
        path = self._results.get(row["nodes"])
        return run_without(row, self._why.get(row["nodes"])) if path is None else read_run(row, path)


def _require_sweepable(tables: NetworkTables, sweep: Sweep, *, whole: bool) -> None:
    status = tables.facilities.status
    require_within(sweep, usable=sum(word != "forbidden" for word in status), mandatory=status.count("mandatory"))
    parameters = transport_parameters(tables.parameters)
    require_measured(sweep, parameters)
    priced = tables.service_years.service_penalty_per_unit
    penalty = parameters.service_penalty_per_unit is not None or bool((priced == priced).any())  # NaN is not stated
    require_baseline(sweep, business_parameters(tables.parameters).baseline_flows, whole=whole, penalty=penalty)


def _members(
    tables: NetworkTables, kind: ScenarioType, sweep: Sweep, identity: dict[str, Any], keeper: _Keeper | None
) -> list[Member]:
    """The run of every number, whatever becomes of it: one that fails is said and stays in the frontier."""
    parameters, business = transport_parameters(tables.parameters), business_parameters(tables.parameters)
    whole = kind is ScenarioType.INTEGRATED
    if whole:
        from networx.models.integrated import require_stores

        require_stores(tables, {})

    def result(nodes: int, solved: SolvedNetwork) -> Mapping[str, Any]:
        asked = with_exactly(parameters, nodes)
        if whole:
            return with_stores(tables, identity, asked, solved, watching)
        return network_result(tables, asked, business, solved, identity)

    def member(nodes: int, solved: Solved) -> Member:
        failed: CommandFailed | NetworxError
        if isinstance(solved, SolvedNetwork):
            try:
                found = result(nodes, solved)
            except (CommandFailed, LimitExceeded) as fault:
                say(f"{nodes} open: {fault}")
                failed = fault
            else:
                if keeper is not None:
                    keeper.solved(nodes, found)
                return _member(nodes, whole_network(found) if whole else found)
        else:
            failed = solved
        if keeper is not None:
            keeper.failed(nodes, str(failed))
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
