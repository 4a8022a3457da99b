"""What the client's books say, as options of `networx solve --type baseline`, and which options belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.scenario_type import ScenarioType
from cli.terminal import CommandFailed, Exit
from networx.domain.baseline_questions import CONTROL_TOTALS, TOLERANCE

ControlTotal = Annotated[
    list[str] | None,
    typer.Option(
        "--control-total",
        help="For baseline: what the books say of a year, such as '2025 transport = 1250000'; may be given again.",
    ),
]
Tolerance = Annotated[
    str | None,
    typer.Option("--tolerance", help="For baseline: how far paid may be from the books; 0.02 unless stated."),
]
OPTIONS: Mapping[str, str] = {CONTROL_TOTALS: "--control-total", TOLERANCE: "--tolerance"}


def stated_books(totals: Sequence[str] | None, tolerance: str | None) -> dict[str, Any]:
    """The parameters that the options state."""
    stated: dict[str, Any] = {}
    if totals:
        stated[CONTROL_TOTALS] = "\n".join(totals)
    if tolerance is not None:
        stated[TOLERANCE] = tolerance
    return stated


def require_baseline(
    kind: ScenarioType, *, network: Path | None, without_bad_rows: bool, corrected: bool, books: Mapping[str, Any]
) -> None:
    """Raises CommandFailed where an option of a baseline stands without it."""
    given = {"--network": network is not None, "--without-bad-rows": without_bad_rows, "--corrected": corrected}
    options = (*(name for name, stated in given.items() if stated), *(OPTIONS[name] for name in books))
    if kind is not ScenarioType.BASELINE and options:
        raise CommandFailed(f"{options[0]} belongs to --type baseline.", Exit.WRONG_USE)
