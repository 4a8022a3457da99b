"""`networx verify` of rates fitted to shipments: right ones hold, and a figure that was changed does not."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cli.passed import identity_of, passed
from cli.rates import made_fit
from cli.reading import read_workbook
from cli.solve_paid import read_shipments
from cli.verifying.rates import recheck_rates
from networx.domain.fitted_bands import RateFit
from networx.domain.rate_parameters import RateParameters
from networx.results.rates import rates_result
from networx.verify.rates import certify_rates
from networx.work import evidence
from networx.work.evidence import Evidence
from networx.work.publish import Solved
from tests.entrypoints.leaves import nowhere, places_taken
from tests.entrypoints.test_rates_command import ended, shipments
from tests.entrypoints.test_recheck import written
from tests.entrypoints.verified import workbook as small_network

__all__ = ["shipments"]


@pytest.fixture
def result(shipments: Path) -> dict[str, Any]:
    asked = RateParameters((0.0, 500.0), 4, 1.2)
    rows, sha256, summary = read_shipments(shipments)
    fit = made_fit(rows, asked)
    certificate = passed(certify_rates(rows, sha256, asked, fit))
    identity = identity_of(shipments, sha256)
    stated = ["weight_breaks", "fewest_shipments", "circuity"]
    return rates_result(fit, asked, certificate, identity=identity, warnings=summary.warnings, stated=stated)


def verified(result: dict[str, Any], shipments: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    path = shipments.with_name("result.json")
    path.write_text(json.dumps(result))
    return ended(monkeypatch, "verify", str(path), str(shipments))


def test_a_fit_holds_and_every_lie_in_it_is_found(
    result: dict[str, Any], shipments: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert verified(result, shipments, monkeypatch) == 0
    assert "a loss that no other figures can be below" in " ".join(capsys.readouterr().out.split())
    for member, lie, said in (
        ("bands", [{**band, "per_mile": band["per_mile"] * 1.01} for band in result["bands"]], "east loss of"),
        ("bands", result["bands"][:1], "bands"),
        ("left_out", {"no weight above 0": 2}, "hipments left out"),
        ("kpis", {**result["kpis"], "shipments_fitted": 91}, "kpis"),
        ("headline", result["headline"].replace("90", "91"), "headline"),
    ):
        assert verified(result | {member: lie}, shipments, monkeypatch) == 1, member
        assert said in " ".join(capsys.readouterr().out.split())


def test_rows_that_a_person_left_out_are_left_out_again(
    result: dict[str, Any], shipments: Path, monkeypatch: pytest.MonkeyPatch
):
    # A bad row is no shipment; what is said of the file has another note.
    with shipments.open("a") as file:
        file.write("B,T,2025-01-15,60601,07102,,,ltl,heavy,100,5\n")
    note = next(iter(read_shipments(shipments, without_bad_rows=True)[2].warnings))
    assert "1 row left out, for a cell that cannot be read" in note
    assert verified(result | {"notes": [*result["notes"], *read_warnings(shipments)]}, shipments, monkeypatch) == 0


def read_warnings(shipments: Path) -> tuple[str, ...]:
    return read_shipments(shipments, without_bad_rows=True)[2].warnings


def test_a_refused_fit_is_checked_again_against_its_shipments(shipments: Path, monkeypatch: pytest.MonkeyPatch):
    asked = RateParameters(circuity=1.2)
    rows, sha256, _ = read_shipments(shipments)
    fit = made_fit(rows, asked)
    lie = replace(fit, bands=tuple(replace(band, fixed=band.fixed + 1) for band in fit.fitted))
    book = small_network(shipments.with_name("network.xlsx"))
    identity = identity_of(shipments, sha256)

    def told(claimed: RateFit, _solved: Solved) -> Evidence:
        return evidence.of_rates(identity, asked, claimed, None)

    for claimed, code in ((fit, 0), (lie, 1)):
        kept = written(shipments.parent, book, "rates", read_workbook(book)[0], partial(told, claimed))
        assert ended(monkeypatch, "recheck", str(kept), str(shipments)) == code


def test_it_is_of_its_own_shipments_alone(result: dict[str, Any], shipments: Path, monkeypatch: pytest.MonkeyPatch):
    lines = shipments.read_text().splitlines()
    shipments.write_text("\n".join(lines[:-1]))
    assert verified(result, shipments, monkeypatch) == 3


def test_no_figure_is_changed_unnoticed(result: dict[str, Any], shipments: Path):
    assert places_taken(result, recheck_rates, nowhere(), shipments, None) == set()
