"""How figures are written: short, readable, and never more certain than they are."""

from __future__ import annotations

from typing import Any

import pytest

from networx.domain.baseline_questions import CONTROL_TOTALS
from networx.domain.parameters import NETWORK_PARAMETERS
from networx.domain.plan import ResultStatus
from networx.results import wording


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (1_230_000, "$1.23 M"),
        (999_999, "$1.00 M"),
        (12_345, "$12.3 k"),
        (529_324_149.8, "$529 M"),
        (9_996_000, "$10.0 M"),
        (2.5e9, "$2.50 B"),
        (789.4, "$789"),
        (118_500, "$119 k"),
        (1_125_000, "$1.13 M"),
        (0.5, "$1"),
        (-1500, "-$1.50 k"),
        (0, "$0"),
        (None, "not known"),
    ],
)
def test_money_at_a_glance(amount: float | None, written: str) -> None:
    assert wording.money_short(amount) == written


def test_money_in_full() -> None:
    assert wording.money(1040444.375) == "$1,040,444.38"
    assert wording.money(-5) == "-$5.00"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 KB"),
        (14_213, "14 KB"),
        (999_400, "999 KB"),
        (999_600, "1.0 MB"),
        (3_210_000, "3.2 MB"),
        (1_600_000_000, "1.6 GB"),
    ],
)
def test_a_file_size_at_a_glance(number: int, written: str) -> None:
    assert wording.file_size(number) == written


def test_axis_amounts_carry_no_idle_zeros() -> None:
    assert [wording.money_tick(amount) for amount in (0, 50, 75e6, 2.5e6, 100e6)] == [
        "$0",
        "$50",
        "$75 M",
        "$2.5 M",
        "$100 M",
    ]


@pytest.mark.parametrize(
    ("gap", "written"),
    [
        (0, "0 %"),
        (1e-9, "less than 0.0001 %"),
        (3.1e-5, "0.0031 %"),
        (0.024, "2.4 %"),
        (0.31, "31 %"),
        (None, "not known"),
    ],
)
def test_a_gap_is_never_rounded_down_to_nothing(gap: float | None, written: str) -> None:
    assert wording.gap_words(gap) == written


@pytest.mark.parametrize("status", list(ResultStatus))
def test_every_status_has_a_verdict_that_names_it(status: ResultStatus) -> None:
    result: dict[str, Any] = {"status": status.value, "objective": None, "bound": None, "gap": None, "partial": False}
    if status in {ResultStatus.OPTIMAL, ResultStatus.FEASIBLE}:
        result |= {"objective": 2e6, "bound": 1.9e6, "gap": 0.05}
    assert wording.verdict(result).startswith(wording.STATUS_TERMS[status].label)


def test_only_a_proof_is_called_optimal() -> None:
    result = {"status": "feasible", "objective": 2e6, "bound": 1.9e6, "gap": 0.05, "partial": False}
    assert "ptimal" not in wording.verdict(result)
    assert "cannot be cheaper than $1.90 M" in wording.verdict(result)


def test_a_failed_check_is_named() -> None:
    checks = [{"name": "demand met", "passed": False}, {"name": "cost", "passed": True}]
    said = wording.certificate_verdict({"certificate": {"valid": False, "checks": checks}})
    assert said == "The independent check failed: Demand met."


def test_labels_speak_of_parameters_that_exist() -> None:
    assert set(wording.PARAMETER_LABELS) <= {spec.name for spec in NETWORK_PARAMETERS} | {CONTROL_TOTALS}
