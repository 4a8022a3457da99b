"""What was kept of a refused answer, checked again on the command line with the workbook that was solved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from cli.reading import read_workbook
from networx.domain.parameters import transport_parameters
from networx.domain.plan import Outcome
from networx.errors import CertificateRefused
from networx.models.transport import solve_transport
from networx.verify.transport import certify
from networx.work import evidence
from networx.work.publish import Solved

from .test_command_line import networx, workbook


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
