"""`networx solve FILE`: a workbook or a model solved and certified here, with no service running."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.answer import print_answer, print_result
from cli.books import ControlTotal, Tolerance, require_baseline, stated_books
from cli.corrected import Corrected
from cli.model_names import model_suffix
from cli.network_result import network_result
from cli.options import told_by_option
from cli.passed import identity_of
from cli.reading import read_to_solve
from cli.scenario_type import Kind, Network, ScenarioType, Sites, WithoutBadRows, stated_sites
from cli.sensitivity import ask_sensitivity, names_asked, print_sensitivity, require_facilities
from cli.solve_capacity import solve_capacity
from cli.solve_model import solve_model
from cli.solve_network import solve_network
from cli.solve_paid import solve_paid
from cli.solve_storage import solve_storage
from cli.solve_sweep import solve_sweep
from cli.sweep import CriterionAsked, Nodes, Output, require_swept, sweep_asked
from cli.terminal import CommandFailed, Exit, out
from networx.domain.parameters import business_parameters, transport_parameters
from networx.results.sensitivity_result import with_answers


def solve(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="A workbook, shipments, or a model: .json, .mps, .lp, .mps.gz or .lp.gz.",
        ),
    ],
    kind: Kind = ScenarioType.TRANSPORT,
    sites: Sites = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="For transport: what it would cost if one thing were otherwise.")
    ] = False,
    beside: Network = None,
    nodes: Nodes = None,
    criterion: CriterionAsked = None,
    output: Output = None,
    without_bad_rows: WithoutBadRows = False,
    corrected: Corrected = None,
    control_total: ControlTotal = None,
    tolerance: Tolerance = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result object.")] = False,
) -> None:
    """Solve a workbook or a model here and now. Ctrl-C stops the search and keeps the best answer found."""
    if sensitivity and (kind is not ScenarioType.TRANSPORT or model_suffix(file) is not None):
        raise CommandFailed("--sensitivity is asked of a workbook's transport plan alone.", Exit.WRONG_USE)
    books = stated_books(control_total, tolerance)
    require_baseline(kind, network=beside, without_bad_rows=without_bad_rows, corrected=bool(corrected), books=books)
    sweep = sweep_asked(nodes, criterion)
    if output is not None and sweep is None:
        raise CommandFailed("--output belongs to --nodes; of one plan --json prints the result.", Exit.WRONG_USE)
    require_swept(sweep, kind, is_model=model_suffix(file) is not None)
    if sweep is not None and sensitivity:
        raise CommandFailed("--sensitivity is asked of one plan: leave --nodes out.", Exit.WRONG_USE)
    names = names_asked(sites) if sensitivity else None
    overrides = {} if sensitivity else stated_sites(kind, sites)
    if model_suffix(file) is not None:
        if kind is not ScenarioType.TRANSPORT:
            raise CommandFailed(f"--type {kind.value} takes a workbook, not a model.", Exit.WRONG_USE)
        solve_model(file, as_json=as_json)
        return
    if sweep is not None:
        with told_by_option():
            solve_sweep(file, kind, sweep, output=output, as_json=as_json)
        return
    if kind is ScenarioType.CAPACITY:
        with told_by_option(sites="sites" in overrides):
            solve_capacity(file, overrides, as_json=as_json)
        return
    if kind is ScenarioType.BASELINE:
        with told_by_option(books=True):
            solve_paid(
                file,
                beside,
                books,
                without_bad_rows=without_bad_rows,
                corrected=corrected or (),
                as_json=as_json,
            )
        return
    if kind is not ScenarioType.TRANSPORT:
        solve_storage(file, kind.value, as_json=as_json)
        return
    tables = read_to_solve(file)
    parameters = transport_parameters(tables.parameters)
    with told_by_option(sites=True):
        require_facilities(tables, names)
    business = business_parameters(tables.parameters)
    solved = solve_network(tables, parameters, business.baseline_flows)
    outcome = solved.outcome
    result = network_result(tables, parameters, business, solved, identity_of(file, tables.sha256()))
    if sensitivity and outcome.plan is not None:
        result = with_answers(result, ask_sensitivity(tables, parameters, outcome, solved.lesson, names))
    if as_json:
        print_result(result)
    else:
        print_answer(result)
        if result.get("sensitivity") is not None:
            print_sensitivity(result["sensitivity"])
        elif sensitivity:
            out.print("No sensitivity: there is no plan to ask it of.")
    if outcome.infeasibility is not None:
        raise typer.Exit(Exit.REFUSED)
    if outcome.plan is None:
        raise typer.Exit(Exit.FAILED)
    if any(answer["failed"] for answer in result.get("sensitivity", {}).get("answers", [])):
        raise typer.Exit(Exit.FAILED)
