"""The options that say what is asked of a workbook: `--type`, and `--sites` for a capacity analysis."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.terminal import CommandFailed, Exit
from networx.domain.phrases import listed


class ScenarioType(StrEnum):
    """What can be asked of a network workbook."""

    TRANSPORT = "transport"
    CAPACITY = "capacity"
    WAREHOUSE = "warehouse"
    INVENTORY = "inventory"
    INTEGRATED = "integrated"
    BASELINE = "baseline"


# What a platform knows as a type too, and where the terminal has it.
_ELSEWHERE = {
    "greenfield": "greenfield is a command of its own: networx greenfield FILE --sites 1-10.",
    "sensitivity": "what-if questions are asked with --sensitivity, of --type transport.",
    "model": "a model is known by its name: networx solve FILE, with a .json, .mps or .lp (also .gz).",
}


def _kind(word: str) -> ScenarioType:
    if word in set(ScenarioType):
        return ScenarioType(word)
    raise typer.BadParameter(_ELSEWHERE.get(word, f"{word} is no type; write {listed(tuple(ScenarioType))}."))


Kind = Annotated[
    ScenarioType,
    typer.Option(
        "--type",
        parser=_kind,
        metavar=f"[{'|'.join(ScenarioType)}]",
        help="transport chooses the sites, capacity tests them, warehouse plans space, inventory stock, integrated "
        "all but capacity; baseline sums up shipments.",
    ),
]
Sites = Annotated[
    str | None,
    typer.Option(
        "--sites",
        help="For capacity: mandatory, names with ; between them, or job ID. With --sensitivity: the names to ask of.",
    ),
]
Network = Annotated[
    Path | None,
    typer.Option(
        "--network", exists=True, dir_okay=False, help="For baseline: the workbook that is set beside what was paid."
    ),
]

WithoutBadRows = Annotated[
    bool,
    typer.Option(
        "--without-bad-rows", help="Of shipments: leave out rows with a cell that cannot be read, and say so."
    ),
]


def stated_sites(kind: ScenarioType, sites: str | None) -> dict[str, str]:
    """The parameters that the options state. Raises CommandFailed where they do not belong together."""
    if sites is not None and kind is not ScenarioType.CAPACITY:
        raise CommandFailed("--sites belongs to --type capacity, or to --sensitivity.", Exit.WRONG_USE)
    return {} if sites is None else {"sites": sites}
