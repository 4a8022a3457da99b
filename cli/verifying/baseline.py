"""A baseline's result checked again: its sums against the file of shipments, today's network against its workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from cli.solve_paid import read_shipments
from cli.terminal import CommandFailed, Exit
from cli.verifying.figures import (
    every_member,
    figure_checks,
    names_of,
    stated_otherwise,
    stated_parameters,
    unknown_members,
)
from cli.verifying.opened import opened_network, opened_proof, require_same
from cli.verifying.rechecked import Rechecked
from networx.domain.baseline_questions import BaselineAsked, baseline_asked
from networx.domain.business import Baseline
from networx.domain.business_parameters import BusinessParameters
from networx.domain.control_totals import written_control_totals
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import counted
from networx.domain.plan import CLOSED_FORM, RECOMPUTED, Certificate, Check
from networx.errors import Problem, RefusedInput
from networx.results.baseline import CALIBRATED, NOT_COMPARED
from networx.results.paid import Beside, paid_result
from networx.results.paid_wording import NOTES
from networx.results.proof import MEMBER, read_baseline
from networx.verify import measure
from networx.verify.baseline import Summed, account_check, certify_today, costs_check, stated_checks

MEMBERS = (
    *("status", "objective", "bound", "gap", "bound_source", "parameters", "kpis", "years", "paid", "operating_costs"),
    *("lines", "transport_stated_twice", "calibration", "tolerance", "modelled", "notes", "headline", "verdict"),
)

_TAKEN = ("dataset", "network", "first and last day")  # by the digests of both files, and among the figures


def recheck_baseline(
    result: Mapping[str, Any],
    file: Path,
    dataset: Path,
    beside: Path | None,
    *,
    exactly: bool,
    network: Path | None = None,
    corrected: Sequence[Path] = (),
) -> Rechecked:
    """Raises CommandFailed and RefusedInput for what cannot be checked at all."""
    if exactly:
        raise CommandFailed("--exact is for transport results; cents are whole numbers already.", Exit.WRONG_USE)
    if dataset.is_dir():
        raise CommandFailed("A baseline is checked against its file of shipments, not an export.", Exit.REFUSED)
    around, asked, checks = _around(result, file, network, beside)
    rows, sha256, summary = read_shipments(dataset, without_bad_rows=True, corrected=corrected)
    require_same(dataset, sha256, result.get("dataset_sha256"))
    sums = Summed(None if around is None else around.tables)
    for batch in rows:
        sums.add(batch)
    account = [tab.as_dict() for tab in summary.account]
    checks += stated_checks(result, sums)
    checks.append(account_check(result["account"], sums.cents))
    checks.append(measure.counted("account of the file", int(result["account"] != account), "the file has another"))
    if around is not None:
        costs = {(row["year"], row["line"]): row["amount"] for row in result["operating_costs"]}
        checks.append(costs_check(around.tables, costs))
    believed: list[str] = list(_believed(around, asked))
    if all(line.passed for line in checks):
        again = paid_result(
            sums.paid(result["seconds"]),
            _certificate(sha256, checks, sums.cents),
            identity={},
            account=account,
            warnings=summary.warnings,
            asked=asked,
            beside=around,
        )
        _as_it_was_called(result, again)
        names = frozenset() if around is None else names_of(around.tables)
        checks += figure_checks(result, again, every_member(result, again, MEMBERS), names)
        believed += unknown_members(result, again, _TAKEN)
    recomputed = [f"every sum of {counted(int(sums.groups['all'][()][0]), 'shipment')}, row by row, in whole cents"]
    return Rechecked(
        result["status"],
        sha256,
        tuple(checks),
        (*recomputed, *_recomputed(around)),
        tuple(believed),
        () if around is None else stated_otherwise(around.tables, result, _read(around)),
    )


def _around(
    result: Mapping[str, Any], file: Path, network: Path | None, beside: Path | None
) -> tuple[Beside | None, BaselineAsked, list[Check]]:
    """The network that the result was set beside, with today's as the proof has it, what was asked, and the check of
    today's network."""
    stated, given = result["network"], stated_parameters(result)
    if stated is None:
        if network is not None:
            raise CommandFailed("This result is of shipments alone; leave --network out.", Exit.WRONG_USE)
        return None, baseline_asked(None, given, 1), []
    if network is None:
        name = stated["dataset_file"]
        raise CommandFailed(f"The shipments were set beside {name}: name it with --network.", Exit.WRONG_USE)
    tables = opened_network(network, stated["dataset_sha256"])
    asked = baseline_asked({}, given, 1)
    around = Beside(tables, stated)
    if asked.business.baseline_flows is None:
        return around, asked, []
    baseline = _today(opened_proof(result, file, beside))
    if baseline.flows != asked.business.baseline_flows:
        raise RefusedInput([Problem("The proof prices other flows than baseline_flows asks for.", MEMBER)])
    around = replace(around, baseline=baseline)
    if baseline.outcome is None:
        return around, asked, []
    certificate = certify_today(tables, asked.transport, baseline, tables.sha256())
    checks = [replace(line, name=f"today's network: {line.name}") for line in certificate.checks]
    return replace(around, certificate=certificate), asked, checks


def _as_it_was_called(result: Mapping[str, Any], again: dict[str, Any]) -> None:
    """What met the books alone was `not_compared` in earlier versions: a weaker word for the same figures."""
    earlier = all("paid_difference" not in line for line in result["lines"])
    if earlier and result["calibration"] == NOT_COMPARED and again["calibration"] == CALIBRATED:
        again["calibration"] = NOT_COMPARED
        again["notes"][0] = NOTES[NOT_COMPARED]


def _today(proof: Mapping[str, Any]) -> Baseline:
    try:
        baseline = read_baseline(proof)
    except (KeyError, TypeError, ValueError) as fault:
        raise RefusedInput([Problem(f"The result's proof cannot be read: {fault!r}.", MEMBER)]) from None
    if baseline is None:
        raise RefusedInput([Problem("The result's proof lacks today's network, which was to be priced.", MEMBER)])
    return baseline


def _read(around: Beside) -> list[str]:
    """What is read of the network's sheet: what prices today's network only where it was to be priced."""
    priced = () if around.baseline is None else fields(TransportParameters)
    return [spec.name for spec in (*fields(BusinessParameters), *priced)]


def _certificate(sha256: str, checks: list[Check], cents: int) -> Certificate:
    """The result is made anew with it; what it says is not compared."""
    dollars = cents / 100
    return Certificate(sha256, True, tuple(checks), dollars, dollars, 0.0, CLOSED_FORM)


def _recomputed(around: Beside | None) -> tuple[str, ...]:
    if around is None:
        return ()
    said = ["where each lane begins and ends in the network, its OperatingCosts, and what was paid beside its books"]
    if around.certificate is not None:
        said.append("today's network: every requirement on its plan, and its cost, from the workbook")
    return tuple(said)


def _believed(around: Beside | None, asked: BaselineAsked) -> tuple[str, ...]:
    believed = []
    if asked.control_totals:
        believed.append(f"that the client's books say {written_control_totals(asked.control_totals)}")
    if around is None or around.baseline is None:
        return tuple(believed)
    outcome = around.baseline.outcome
    if outcome is None:
        believed.append(f"that today's network has no price: {around.baseline.why}")
    elif outcome.bound is not None and outcome.bound_source != RECOMPUTED:
        believed.append(f"that no flows of today's network cost less than {outcome.bound!r}: the solver's own word")
    return tuple(believed)
