"""What was kept of a refused answer, checked again on the command line with the workbook that was solved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import typer

from cli.reading import read_workbook
from cli.recheck import recheck
from cli.solve_paid import read_shipments
from cli.terminal import CommandFailed
from networx.domain.greenfield import CandidateRule
from networx.domain.greenfield_parameters import GreenfieldParameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import transport_parameters
from networx.domain.plan import Outcome
from networx.domain.sensitivity import Kind
from networx.errors import CertificateRefused
from networx.ingest.freight_datasets import shipments_of
from networx.models.baseline import price_today, sum_paid
from networx.models.greenfield import best_places, prepare
from networx.models.sensitivity import Base, ask
from networx.models.transport import solve_transport
from networx.verify.transport import certify
from networx.work import evidence
from networx.work.evidence import Evidence
from networx.work.publish import Solved
from tests.entrypoints.test_corrected_command import corrected

from .commands import networx
from .test_command_line import workbook
from .verified import workbook as small_network


def kept(folder: Path, book: Path, **lies: Any) -> Path:
    """The evidence of an answer to the workbook, in which the lies are told."""
    tables, _ = read_workbook(book)
    parameters = transport_parameters(tables.parameters)
    outcome: Outcome = replace(solve_transport(tables, parameters), **lies)
    named = {name: getattr(outcome, name) for name in ("objective", "bound", "gap", "status", "bound_source", "proof")}
    assert outcome.plan is not None
    certificate = certify(tables, parameters, outcome.plan, **named, dataset_sha256=tables.sha256())
    names = ("id", "tenant_id", "scenario_id")
    job: Any = SimpleNamespace(**{name: uuid4() for name in names}, kind="transport", attempt=1, fence=2, params={})
    job.scenario_version = 1
    dataset: Any = SimpleNamespace(id=uuid4(), filename=book.name, sha256=tables.sha256())
    told = evidence.of_transport(Solved(job, "A scenario", dataset, tables, parameters), outcome)
    path = folder / "evidence.zip"
    evidence.write(path, job, certificate.refusal(), told)
    return path


def written(folder: Path, book: Path, kind: str, tables: NetworkTables, told: Callable[[Solved], Evidence]) -> Path:
    """Evidence of another type of job on the workbook."""
    names = ("id", "tenant_id", "scenario_id")
    job: Any = SimpleNamespace(**{name: uuid4() for name in names}, kind=kind, attempt=1, fence=2, params={})
    job.scenario_version = 1
    dataset: Any = SimpleNamespace(id=uuid4(), filename=book.name, sha256=tables.sha256())
    solved = Solved(job, "A scenario", dataset, tables, transport_parameters(tables.parameters))
    path = folder / f"{kind}.zip"
    evidence.write(path, job, CertificateRefused(failed="a check", checks=[]), told(solved))
    return path


def rechecked(file: Path, book: Path) -> int:
    try:
        recheck(file, book, None)
    except typer.Exit as ended:
        return ended.exit_code
    return 0


def test_answers_of_a_sensitivity_are_held_against_what_they_changed(tmp_path: Path) -> None:
    book = small_network(tmp_path / "network.xlsx")
    tables, _ = read_workbook(book)
    parameters = transport_parameters(tables.parameters)
    base = solve_transport(tables, parameters)
    found = ask(Base(tables, parameters, base), None, ["Hut"], kinds=[Kind.OPENED, Kind.DEMAND])
    for answer in found.answers:
        outcome = answer.outcome
        assert outcome is not None
        assert outcome.objective is not None
        cheaper = replace(outcome, objective=outcome.objective - 1)
        for claimed, code in ((outcome, 0), (cheaper, 1)):
            told = partial(evidence.of_answer, base=base, asked=answer.question, outcome=claimed)
            assert rechecked(written(tmp_path, book, "sensitivity", tables, told), book) == code
    of_base = partial(evidence.of_transport, outcome=base)
    assert rechecked(written(tmp_path, book, "sensitivity", tables, of_base), book) == 0


def test_greenfield_places_are_checked_again_from_destinations_alone(tmp_path: Path) -> None:
    book = small_network(
        tmp_path / "demand.xlsx",
        Destinations=[["name", "zip", "demand_units"], ["Elm", "60601", 40], ["Oak", "02110", 30], ["Ash", "80202", 9]],
    )
    tables, _ = read_workbook(book, demand_alone=True)
    own = GreenfieldParameters(1, 1, CandidateRule.OWN)
    (places,) = best_places(prepare(tables, CandidateRule.OWN, None, 1), range(1, 2), seconds=60, gap=own.gap)
    for claimed, code in ((places, 0), (replace(places, unit_miles=places.unit_miles * 0.99), 1)):
        told = partial(evidence.of_greenfield, own=own, places=claimed)
        assert rechecked(written(tmp_path, book, "greenfield", tables, told), book) == code


def test_todays_network_beside_shipments_is_checked_again(tmp_path: Path) -> None:
    book = small_network(
        tmp_path / "network.xlsx",
        Facilities=[
            ["name", "capacity_units", "fixed_cost_per_year", "status", "existing"],
            ["North", 100, 100.1, "candidate", "yes"],
            ["South", 60, 50, "candidate", "no"],
            ["Hut", 30, 90, "candidate", "no"],
        ],
    )
    tables, _ = read_workbook(book)
    today = price_today(tables, transport_parameters(tables.parameters), "cheapest")
    assert today.outcome is not None
    assert today.outcome.objective is not None
    cheaper = replace(today, outcome=replace(today.outcome, objective=today.outcome.objective - 1))
    for claimed, code in ((today, 0), (cheaper, 1)):
        told = partial(evidence.of_today, baseline=claimed)
        assert rechecked(written(tmp_path, book, "baseline", tables, told), book) == code


def shipped(folder: Path) -> Path:
    path = folder / "shipments.csv"
    rows = [
        ("A", "2026-01-03", "60601", "10001", "tl", "10.01", "2"),
        ("B", "2026-02-04", "60601", "02139", "ltl", ".10", ""),
    ]
    header = ("order_id", "ship_date", "origin_zip", "dest_zip", "mode", "net_charge", "units")
    path.write_text("\n".join(",".join(row) for row in [header, *rows]))
    return path


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a network"])
def test_refused_sums_of_shipments_are_taken_again(tmp_path: Path, beside: bool) -> None:
    file, book = (
        shipped(tmp_path),
        small_network(
            tmp_path / "network.xlsx",
            OperatingCosts=[["year", "facility", "line", "amount"], [2026, "North", "fixed: rent", 99.9]],
        ),
    )
    tables = read_workbook(book)[0]
    rows, sha256, summary = read_shipments(file)
    identity = {"dataset_file": file.name, "dataset_sha256": sha256}
    of_network = {"dataset_file": book.name, "dataset_sha256": tables.sha256()}
    account = [tab.as_dict() for tab in summary.account]
    books = {(2026, "fixed: rent"): 99.9}
    paid = sum_paid(shipments_of(rows), tables if beside else None)

    def told(of: Solved) -> Evidence:
        return evidence.of_paid(identity, paid, account, of_network if beside else None, books if beside else None)

    def again(network: Path | None) -> int:
        try:
            recheck(written(tmp_path, book, "baseline", tables, told), file, network)
        except typer.Exit as ended:
            return ended.exit_code
        return 0

    assert again(book if beside else None) == 0
    paid.groups["mode"].cents[0] += 1
    assert again(book if beside else None) == 1
    with pytest.raises(CommandFailed, match="name it with --network" if beside else "leave --network out"):
        again(None if beside else book)
    file.write_text(file.read_text().replace("10.01", "10.02"))
    with pytest.raises(CommandFailed, match="holds other shipments"):
        again(book if beside else None)


def test_refused_sums_of_shipments_with_corrected_rows_are_taken_again(tmp_path: Path) -> None:
    book = small_network(tmp_path / "network.xlsx")
    rows, sha256, summary = read_shipments(shipped(tmp_path))
    paid, account = sum_paid(shipments_of(rows), None), [tab.as_dict() for tab in summary.account]
    file = tmp_path / "shipments.csv"
    file.write_text(file.read_text().replace("ltl", "cart"))
    mended = corrected(str(file), "rows.xlsx", {3: {"mode": "ltl"}})

    def told(of: Solved) -> Evidence:
        identity = {"dataset_file": file.name, "dataset_sha256": sha256}
        return evidence.of_paid(identity, paid, account, None, None)

    kept_answer = written(tmp_path, book, "baseline", read_workbook(book)[0], told)
    recheck(kept_answer, file, None, [Path(mended)])
    with pytest.raises(CommandFailed, match="holds other shipments"):
        recheck(kept_answer, file, None)
    with pytest.raises(CommandFailed, match="--corrected belongs to refused answers about shipments"):
        recheck(kept(tmp_path, book), book, None, [Path(mended)])


def test_sums_that_an_earlier_version_kept_and_options_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    book = small_network(tmp_path / "network.xlsx")
    tables = read_workbook(book)[0]
    earlier = written(tmp_path, book, "baseline", tables, lambda _: Evidence({"dataset_sha256": "0"}, {"all": {}}))
    with pytest.raises(CommandFailed, match="kept by an earlier version"):
        recheck(earlier, shipped(tmp_path), None)
    with pytest.raises(CommandFailed, match="--network belongs to refused sums"):
        recheck(kept(tmp_path, book), book, book)


def test_an_answer_that_was_refused_fails_again(tmp_path: Path) -> None:
    book = workbook(tmp_path / "small.xlsx")
    ran = networx("recheck", str(kept(tmp_path, book, objective=99.0, bound=99.0)), str(book))
    assert ran.returncode == 1
    assert "It fails still" in ran.stdout
    assert "FAILED" in ran.stdout


def test_a_check_that_was_mended_passes(tmp_path: Path) -> None:
    book = workbook(tmp_path / "small.xlsx")
    ran = networx("recheck", str(kept(tmp_path, book)), str(book))
    assert (ran.returncode, "It passes now" in ran.stdout) == (0, True), ran.stdout + ran.stderr


@pytest.mark.parametrize("which", ["another workbook", "no evidence"])
def test_what_does_not_belong_together_is_refused(tmp_path: Path, which: str) -> None:
    book = workbook(tmp_path / "small.xlsx")
    other = workbook(tmp_path / "other.xlsx", demand=30)
    file = kept(tmp_path, book, objective=99.0) if which == "another workbook" else book
    ran = networx("recheck", str(file), str(other))
    assert ran.returncode == 2
    assert ("holds another network" if which == "another workbook" else "holds no answer") in ran.stderr


def test_the_refusal_names_what_was_kept() -> None:
    refused = CertificateRefused(failed="demand", kept="refused/tenant/job/1.zip")
    assert "is kept as refused/tenant/job/1.zip" in str(refused)
    assert "kept" not in str(CertificateRefused(failed="demand"))
