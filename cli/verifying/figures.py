"""What a result shows beside its plan: its figures against the same ones made anew, and what it says was asked."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cli.verifying.sentences import say_the_same
from networx.domain.network import NetworkTables
from networx.domain.parameters import parse_parameter
from networx.domain.plan import Check
from networx.verify.measure import check

FIGURE = 1e-9  # relative
# Whole sentences: a later version may put them better, and what they say has to stay.
_SENTENCES = frozenset({"cure", "headline", "message", "note", "notes", "verdict", "why"})
_LIMITS = frozenset({"engine", "time_limit_seconds"})  # they decide how long is searched, not what is true


def stated_parameters(result: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked, as the result says it, by name."""
    return {name: stated["value"] for name, stated in result["parameters"].items()}


def stated_otherwise(
    tables: NetworkTables, result: Mapping[str, Any], read: Collection[str] | None = None
) -> tuple[str, ...]:
    """Where the result was asked something else than the dataset's own sheet: a scenario may override it.

    `read` are the parameters that its type reads of the sheet; None for all.
    """

    def counts(name: str) -> bool:
        return name not in _LIMITS and (read is None or name in read)

    asked = {name: _text(value) for name, value in stated_parameters(result).items() if counts(name)}
    sheet = {name: value for name, value in tables.parameters.items() if counts(name)}
    found = []
    for name, value in asked.items():
        given = result["parameters"][name]["source"] == "given"
        if name in sheet and not _same(name, sheet[name], value):
            found.append(f"{name} {value}, which the sheet says is {sheet[name]}")
        elif name not in sheet and given:
            found.append(f"{name} {value}, which the sheet does not state")
    return (*found, *(f"no {name}, which the sheet says is {sheet[name]}" for name in sheet if name not in asked))


def names_of(tables: NetworkTables) -> frozenset[str]:
    """Whom a sentence of a result may speak of."""
    return frozenset((*tables.facilities.name, *tables.destinations.name, *tables.suppliers.name))


def figure_checks(
    result: Mapping[str, Any], again: Mapping[str, Any], members: Sequence[str], names: Collection[str]
) -> list[Check]:
    """One line for each member of the result: what it holds against the same made anew. `names` are the dataset's."""
    return [_figures(name, result.get(name), again[name], names) for name in members]


def _figures(name: str, shown: Any, again: Any, names: Collection[str]) -> Check:
    worst, where = max(_differences(name, shown, again, names), key=lambda found: found[0], default=(0.0, ""))
    return check(f"figures: {name}", worst, FIGURE, where)


def _differences(place: str, shown: Any, again: Any, names: Collection[str]) -> Iterator[tuple[float, str]]:
    """How far each figure is off, relative to its size; inf for what is no figure and differs, but for wording."""
    if isinstance(again, Mapping) and isinstance(shown, Mapping):
        # A member that the other version does not know is neither right nor wrong.
        for name in again.keys() & shown.keys():
            yield from _differences(f"{place}.{name}", shown[name], again[name], names)
    elif isinstance(again, list) and isinstance(shown, list) and len(again) == len(shown):
        for at, (one, other) in enumerate(zip(shown, again, strict=True)):
            yield from _differences(f"{place}[{at}]", one, other, names)
    elif _number(again) and _number(shown):
        yield abs(shown - again) / max(abs(again), 1.0), f"{place}: {shown!r}, recomputed {again!r}"
    elif shown != again and not _told_otherwise(place, shown, again, names):
        yield math.inf, f"{place}: {_short(shown)}, recomputed {_short(again)}"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _told_otherwise(place: str, shown: Any, again: Any, names: Collection[str]) -> bool:
    """Whether both are sentences that say the same."""
    member = place.rpartition(".")[2].partition("[")[0]
    if member not in _SENTENCES or not isinstance(shown, str) or not isinstance(again, str):
        return False
    return say_the_same(shown, again, names)


def _short(value: Any) -> str:
    return f"{value!r}"[:80]


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _same(name: str, one: str, other: str) -> bool:
    try:
        return bool(parse_parameter(name, one) == parse_parameter(name, other))
    except ValueError:
        return False
