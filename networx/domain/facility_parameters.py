"""The parameters of the sheets Warehouse and Inventory: for all facilities, and in their place for one by name.

A class of parameters has a field for each, with its rule; a field without a default has to be stated. What a scenario
states replaces what the sheet says for all facilities; what the sheet says for one facility holds for it still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

from networx.domain.phrases import nearest_parameter
from networx.errors import Problem, RefusedInput

if TYPE_CHECKING:
    from networx.domain.storage import StatedValues  # its numpy is too much for whoever only reads a workbook

Kind = TypeVar("Kind")
SCENARIO = "scenario parameters"


def units_of(kind: type) -> dict[str, str]:
    """The unit of each parameter, by name, empty for none."""
    return {spec.name: spec.metadata["unit"] for spec in fields(kind)}


def parse_value(kind: type, name: str, text: str) -> Any:
    """One parameter's value. Raises ValueError with what is wrong, in words that follow the parameter's name."""
    for spec in fields(kind):
        if spec.name == name:
            return spec.metadata["parse"](text.strip())
    raise ValueError(f"is not a parameter here; {nearest_parameter(name, [spec.name for spec in fields(kind)])}")


def missing_names(kind: type, known: Mapping[str, Any]) -> list[str]:
    """The parameters that have to be stated and are not."""
    return [
        spec.name
        for spec in fields(kind)
        if spec.default is MISSING and spec.default_factory is MISSING and spec.name not in known
    ]


def read_parameters(
    kind: type[Kind],
    sheet: str,
    stated: StatedValues,
    overrides: Mapping[str, Any] | None = None,
    facility: str | None = None,
    otherwise: Mapping[str, Any] | None = None,
) -> Kind:
    """The parameters for all facilities, or for one. Raises RefusedInput naming every bad one and every missing one.

    `otherwise` are parsed values, already the client's own, of parameters that neither sheet nor scenario states.
    """
    texts = {name: (text, sheet) for name, text in stated.of(None).items()}
    for name, value in (overrides or {}).items():
        if value is None:
            texts.pop(name, None)
        else:
            texts[name] = (_as_text(value), SCENARIO)
    if facility is not None:
        texts |= {name: (text, sheet) for name, text in stated.of(facility).items()}
    known: dict[str, Any] = dict(otherwise or {})
    problems: list[Problem] = []
    for name, (text, place) in texts.items():
        try:
            known[name] = parse_value(kind, name, text)
        except ValueError as error:
            problems.append(Problem(f"{name} {error}.", "parameter", sheet=place, column=name, value=text))
    whose = "" if facility is None else f" for {facility}"
    problems += [
        Problem(f"{name} is missing{whose}: state it in the sheet {sheet}.", "required", sheet=sheet, column=name)
        for name in missing_names(kind, {**known, **texts})
    ]
    if problems:
        raise RefusedInput(problems)
    return kind(**known)


def _as_text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
