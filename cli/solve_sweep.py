"""`networx solve FILE --nodes 3:8`: one run for every number of open facilities, in turn, with no service running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from cli.answer import print_result
from cli.network_result import network_result
from cli.passed import identity_of
from cli.reading import read_to_solve
from cli.scenario_type import ScenarioType
from cli.solve_network import solve_network
from cli.solve_storage import integrated_answer
from cli.sweep import exit_of, print_sweep
from cli.terminal import CommandFailed, say
from networx.domain.business import Baseline
from networx.domain.network import NetworkTables
from networx.domain.parameters import business_parameters, transport_parameters
from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep, exactly, parse_sweep, require_baseline, require_measured, require_within
from networx.errors import LimitExceeded
from networx.results.frontier import Member, whole_network
from networx.results.sweep_result import sweep_result
from networx.solver.location.lesson import Lesson
from networx.topology import TOPOLOGY


def solve_sweep(file: Path, kind: ScenarioType, asked: Mapping[str, Any], *, as_json: bool) -> None:
    """Solve every number and print the frontier. Ctrl-C keeps what is solved; the numbers that are left are cancelled.

    Raises RefusedInput for what no number could run, and typer.Exit as `networx run` with a sweep ends.
    """
    tables = read_to_solve(file)
    sweep = parse_sweep(asked, most_members=TOPOLOGY.limits.batch_members)
    _require_sweepable(tables, sweep, whole=kind is ScenarioType.INTEGRATED)
    runs = _Runs(tables, kind, identity_of(file, tables.sha256()))
    members = [runs.member(nodes) for nodes in sweep.nodes]
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


class _Runs:
    """One run after another; each begins with what the one before taught, and today's network is priced once."""

    def __init__(self, tables: NetworkTables, kind: ScenarioType, identity: dict[str, Any]) -> None:
        self._tables, self._kind, self._identity = tables, kind, identity
        self._stopped = False
        self._lesson: Lesson | None = None
        self._baseline: Baseline | None = None

    def member(self, nodes: int) -> Member:
        """The run of a number, whatever becomes of it: one that fails is said and stays in the frontier."""
        if self._stopped:
            return Member(None, nodes, "cancelled", ended=True)
        say(f"{nodes} open:")
        try:
            result = self._whole(nodes) if self._kind is ScenarioType.INTEGRATED else self._network(nodes)
        except (CommandFailed, LimitExceeded) as failed:
            say(f"{nodes} open: {failed}")
            return Member(None, nodes, "failed", ended=True)
        self._stopped = self._stopped or bool(result["partial"])
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

    def _network(self, nodes: int) -> dict[str, Any]:
        parameters = transport_parameters(self._tables.parameters, exactly(nodes))
        business = business_parameters(self._tables.parameters)
        flows = business.baseline_flows if self._baseline is None else None
        solved = solve_network(self._tables, parameters, flows, lesson=self._lesson)
        self._lesson = solved.lesson or self._lesson
        self._baseline = solved.baseline or self._baseline
        return network_result(
            self._tables, parameters, business, replace(solved, baseline=self._baseline), self._identity
        )

    def _whole(self, nodes: int) -> Mapping[str, Any]:
        return whole_network(integrated_answer(self._tables, self._identity, exactly(nodes)))
