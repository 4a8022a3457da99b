"""`networx solve FILE`: a workbook or a model solved and certified here, with no service running."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.answer import print_answer, print_result
from cli.model_names import model_suffix
from cli.reading import read_workbook
from cli.scenario_type import Kind, ScenarioType, Sites, stated_sites
from cli.sensitivity import ask_sensitivity, names_asked, print_sensitivity, require_facilities
from cli.solve_capacity import solve_capacity
from cli.solve_model import solve_model
from cli.solve_network import solve_network
from cli.solve_storage import solve_storage
from cli.terminal import CommandFailed, Exit, out
from networx.domain.business import Baseline
from networx.domain.business_parameters import BusinessParameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters, business_parameters, transport_parameters
from networx.results.baseline import Compared, with_baseline
from networx.results.kpis import transport_result
from networx.results.proof import inside, transport_proof


def solve(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="A workbook, or a model: .json, .mps, .lp, .mps.gz or .lp.gz.",
        ),
    ],
    kind: Kind = ScenarioType.TRANSPORT,
    sites: Sites = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="For transport: what it would cost if one thing were otherwise.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result object.")] = False,
) -> None:
    """Solve a workbook or a model here and now. Ctrl-C stops the search and keeps the best answer found."""
    if sensitivity and (kind is not ScenarioType.TRANSPORT or model_suffix(file) is not None):
        raise CommandFailed("--sensitivity is asked of a workbook's transport plan alone.", Exit.WRONG_USE)
    names = names_asked(sites) if sensitivity else None
    overrides = {} if sensitivity else stated_sites(kind, sites)
    if model_suffix(file) is not None:
        if kind is not ScenarioType.TRANSPORT:
            raise CommandFailed(f"--type {kind.value} takes a workbook, not a model.", Exit.WRONG_USE)
        solve_model(file, as_json=as_json)
        return
    if kind is ScenarioType.CAPACITY:
        solve_capacity(file, overrides, as_json=as_json)
        return
    if kind is not ScenarioType.TRANSPORT:
        solve_storage(file, kind.value, as_json=as_json)
        return
    tables, _ = read_workbook(file)
    parameters = transport_parameters(tables.parameters)
    require_facilities(tables, names)
    business = business_parameters(tables.parameters)
    solved = solve_network(tables, parameters, business.baseline_flows)
    outcome = solved.outcome
    identity = {
        "dataset_file": file.name,
        "dataset_sha256": tables.sha256(),
        "solved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    compared = _compared(tables, parameters, business, solved.baseline)
    network: dict[str, Any] = transport_result(
        tables,
        parameters,
        outcome,
        solved.certificate,
        identity=identity,
        partial=solved.stopped,
        proof=inside(transport_proof(outcome, compared.baseline)),
    )
    result = with_baseline(network, tables, parameters, compared)
    if sensitivity and outcome.plan is not None:
        result["sensitivity"] = ask_sensitivity(tables, parameters, outcome, solved.lesson, names)
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


def _compared(
    tables: NetworkTables, parameters: TransportParameters, asked: BusinessParameters, baseline: Baseline | None
) -> Compared:
    """Today's network beside the plan, where the workbook asks for it. Raises CommandFailed."""
    from networx.verify.baseline import certify_today

    if baseline is None or baseline.outcome is None:
        return Compared(asked, baseline)
    certificate = certify_today(tables, parameters, baseline, tables.sha256())
    if not certificate.valid:
        failed = "; ".join(check.name for check in certificate.checks if not check.passed)
        raise CommandFailed(f"The baseline failed its independent check and is not shown: {failed}.")
    return Compared(asked, baseline, certificate)
