"""One change at a time to every figure, word and flag of a result: which of them `networx verify` takes without a word.

A change is taken if the result still holds and nothing more is said to be somebody's word or asked otherwise. Of the
values of one kind that stand in the same place, in rows of one list or beside each other, one stands for all here;
VERIFY_LEAVES=all changes each, in every way.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cli.terminal import CommandFailed
from cli.verify import ODD
from cli.verifying.rechecked import Rechecked
from networx.errors import RefusedInput

EVERY = os.environ.get("VERIFY_LEAVES") == "all"
Recheck = Callable[..., Rechecked]
Place = tuple[str | int, ...]

# What may be changed, and why nobody is told a falsehood by it.
NO_CLAIMS = {
    r"schema|type": "what kind of file it is: another is read as another, or refused",
    r"(job|of_job|scenario|dataset|model)_id|scenario_(name|version)|dataset_file|model_format|read_by|solved_at": (
        "whose it is and when it was made, of which nothing depends"
    ),
    r"(.+\.)?(engine|seconds)": "what found it and how long that took: the answer is checked whoever found it",
    r"partial": "whether it was stopped: the status says what is proven all the same",
    r"parameters\.(engine|time_limit_seconds)\..+": "how long was searched and with what",
    r"(.+\.)?certificate\.checks(\[\])?": "a line of the certificate told twice or left out: all are taken again",
    r"(.+\.)?certificate\.checks\[\]\.(name|worst|limit)": "how far below its limit a check is, or one of another name",
    r"proof(\..+)?": "what proves: it is what is checked, and a proof that still proves is one",
    r"(.+\.)?notes(\[\])?": "how the file was read, told when it was read",
    r"network\.dataset_(file|id)": "the name of the other file, which its digest says",
    r"ignored": "what of a request means nothing",
}


def places_taken(result: dict[str, Any], recheck: Recheck, *where: Any, **options: Any) -> set[str]:
    """The places, rows of lists as [], whose change is neither refused nor told, without those of NO_CLAIMS."""
    before = _told(result, recheck, where, options)
    assert before is not None, "the result itself does not hold"
    taken = set()
    for place, value in _leaves(result):
        name = _name(place)
        if any(re.fullmatch(known, name) for known in NO_CLAIMS):
            continue
        for other in _changes(value):
            changed = copy.deepcopy(result)
            _put(changed, place, other)
            if _told(changed, recheck, where, options) == before:
                taken.add(f"{name}: {value!r} -> {other!r}"[:120])
    return taken


def _told(result: dict[str, Any], recheck: Recheck, where: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What is said of a result that holds beside its checks; None of one that does not, or is refused."""
    try:
        found = recheck(result, *where, exactly=False, **options)
    except (CommandFailed, RefusedInput, *ODD):
        return None
    return (found.status, found.differs, found.believed) if found.holds else None


def _leaves(result: dict[str, Any]) -> Iterator[tuple[Place, Any]]:
    """Every value that is none of values, and every list; of one kind in one place the last, unless EVERY."""
    found = {place if EVERY else _alike(place, value): (place, value) for place, value in _walked((), result)}
    yield from found.values()


def _alike(place: Place, value: Any) -> tuple[Any, ...]:
    """What one value stands for: those beside it of its kind, and one parameter for the others."""
    around = place[:1] if place[0] == "parameters" else place[:-1] or place
    return (_name(around), place[-1] if place[0] in {"parameters", "certificate"} else "", type(value))


def _walked(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _walked((*place, name), item)
        return
    yield place, value
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _walked((*place, at), item)


def _changes(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        figures = [value + 1, value * 1.0001, -value, None]
        return [figure for figure in figures if figure != value and not _same(figure, value)] if EVERY else figures[:1]
    ways: list[Any] = [1.0]
    if isinstance(value, str):
        digits = re.sub(r"\d", lambda found: str((int(found.group()) + 1) % 10), value, count=1)
        ways = [digits if digits != value else f"no {value}", None]
    elif isinstance(value, list):
        ways = [value[:-1], [*value, value[-1]]] if value else [["x"]]
    return ways if EVERY else ways[:1]


def _same(one: Any, other: float) -> bool:
    """Closer than any figure is compared."""
    return one is not None and abs(one - other) <= 1e-8 * max(abs(other), 1.0)


def _name(place: Place) -> str:
    return re.sub(r"\.?\[\]", "[]", ".".join("[]" if isinstance(part, int) else part for part in place))


def _put(result: dict[str, Any], place: Place, value: Any) -> None:
    at: Any = result
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = value


def nowhere() -> Path:
    """Of a result that is in memory alone, whose proof stands in it."""
    return Path("result.json")
