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
# What says nothing about the data: whose result it is, how and when it came about, and what it is proven by.
NO_CLAIMS = frozenset(
    {
        *("schema", "type", "job_id", "of_job_id", "scenario_id", "scenario_version", "scenario_name"),
        *("dataset_id", "dataset_file", "dataset_sha256", "model_id", "model_sha256", "model_format", "read_by"),
        *("solved_at", "engine", "seconds", "partial", "proof"),
    }
)
_CERTIFICATE = "certificate"
# Their keys are names of the data, so that one that is left out says something else.
_BY_NAME = frozenset({"answer", "solution", "left_out"})


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


def every_member(result: Mapping[str, Any], again: Mapping[str, Any], least: Sequence[str]) -> tuple[str, ...]:
    """The members of a result that are made anew, and those that it cannot lack, in their order."""
    also = [name for name in result if name in again and name not in NO_CLAIMS]
    return tuple(dict.fromkeys((*least, *also)))


def unknown_members(
    result: Mapping[str, Any], again: Mapping[str, Any], taken: Collection[str] = ()
) -> tuple[str, ...]:
    """A sentence on what a result states and nobody made anew; `taken` are checks that are taken under other names."""
    claims = {name: value for name, value in result.items() if name not in NO_CLAIMS}
    checks = {f"the check {name!r}" for name in taken}
    found = tuple(one for one in dict.fromkeys(_unknown("", claims, again)) if one not in checks)
    return (f"{', '.join(found)}: nothing here recomputes it",) if found else ()


def _unknown(place: str, shown: Any, again: Any) -> Iterator[str]:
    if isinstance(again, Mapping) and isinstance(shown, Mapping):
        for name, value in shown.items():
            where = f"{place}.{name}" if place else name
            if name not in again:
                yield where
            elif name != _CERTIFICATE:
                yield from _unknown(where, value, again[name])
            elif value is not None and again[name] is None:
                yield where
            elif value is not None:
                checks = {line["name"] for line in again[name]["checks"]}
                yield from (f"the check {line['name']!r}" for line in value["checks"] if line["name"] not in checks)
    elif isinstance(again, list) and isinstance(shown, list):
        for one, other in zip(shown, again, strict=False):
            yield from _unknown(f"{place}[]", one, other)
    elif shown != again and isinstance(shown, str) and isinstance(again, str) and _member(place) in _SENTENCES:
        yield f"the wording of {place}"


def figure_checks(
    result: Mapping[str, Any], again: Mapping[str, Any], members: Sequence[str], names: Collection[str]
) -> list[Check]:
    """One line for each member of the result: what it holds against the same made anew. `names` are the dataset's."""
    checks = [_figures(name, result.get(name), again[name], names) for name in members]
    if _CERTIFICATE in members:
        off = max((found[0] for found in _sources("", result)), default=0.0)
        checks.append(check("figures: the bound is as its certificate says", off, FIGURE, "bound_source"))
    return checks


def _figures(name: str, shown: Any, again: Any, names: Collection[str]) -> Check:
    worst, where = max(_differences(name, shown, again, names), key=lambda found: found[0], default=(0.0, ""))
    return check(f"figures: {name}", worst, FIGURE, where)


def _differences(place: str, shown: Any, again: Any, names: Collection[str]) -> Iterator[tuple[float, str]]:
    """How far each figure is off, relative to its size; inf for what is no figure and differs, but for wording."""
    if isinstance(again, Mapping) and isinstance(shown, Mapping):
        if _member(place) == _CERTIFICATE:
            yield from _certified(place, shown, again)
            return
        if place.partition(".")[0].partition("[")[0] in _BY_NAME and again.keys() != shown.keys():
            yield math.inf, f"{place}: {_short(sorted(shown))}, recomputed {_short(sorted(again))}"
        yield from _sources(place, shown)
        # A member that the other version does not know is neither right nor wrong.
        for name in again.keys() & shown.keys():
            yield from _differences(f"{place}.{name}", shown[name], again[name], names)
    elif isinstance(again, list) and isinstance(shown, list) and len(again) == len(shown):
        for at, (one, other) in enumerate(zip(shown, again, strict=True)):
            yield from _differences(f"{place}[{at}]", one, other, names)
    elif _number(again) and _number(shown):
        yield abs(shown - again) / max(abs(again), 1.0), f"{place}: {shown!r}, recomputed {again!r}"
    elif _member(place) == _CERTIFICATE and (shown is None or again is None):
        return  # nothing is claimed by it, or nothing is there to make it of, which is told
    elif isinstance(shown, bool) is not isinstance(again, bool) or (
        shown != again and not _told_otherwise(place, shown, again, names)
    ):
        yield math.inf, f"{place}: {_short(shown)}, recomputed {_short(again)}"


def _sources(place: str, shown: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    """Whether a certificate says of the bound beside it whose it is as the bound does itself."""
    own = shown.get(_CERTIFICATE)
    if own is not None and "bound_source" in shown and own["bound_source"] != shown["bound_source"]:
        yield math.inf, f"{place}.bound_source: its certificate says {_short(own['bound_source'])}"


def _certified(place: str, shown: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    """What a result says of its own check: that it passed, line by line, of the same data, cost, bound and gap.

    How far below its limit a line is may differ by machine, and which lines there are by version.
    """
    for name in ("dataset_sha256", "objective", "bound", "gap", "valid"):
        yield from _differences(f"{place}.{name}", shown[name], again[name], ())
    limits = {line["name"]: line["limit"] for line in again["checks"]}
    for line in shown["checks"]:
        where = f"{place}: {_short(line['name'])}"
        limit = limits.get(line["name"], line["limit"])
        passed = line["passed"] is True and line["where"] is None and 0 <= line["worst"] <= line["limit"]
        if not passed or line["limit"] != limit:
            yield math.inf, f"{where} did not pass as it is stated"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _told_otherwise(place: str, shown: Any, again: Any, names: Collection[str]) -> bool:
    """Whether both are sentences that say the same."""
    if _member(place) not in _SENTENCES or not isinstance(shown, str) or not isinstance(again, str):
        return False
    return say_the_same(shown, again, names)


def _member(place: str) -> str:
    return place.rpartition(".")[2].partition("[")[0]


def _short(value: Any) -> str:
    return f"{value!r}"[:80]


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _same(name: str, one: str, other: str) -> bool:
    try:
        return bool(parse_parameter(name, one) == parse_parameter(name, other))
    except ValueError:
        return False
