"""The numbers of a sweep as points in a plane, ready for an SVG template: cost by number, and cost against service."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from networx.domain.phrases import counted
from networx.domain.plan import ResultStatus
from networx.results import wording

WIDTH, HEIGHT = 560.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 72.0, 30.0, 26.0, 48.0
LABELLED = 12  # points; of more only the best and those worth a look have their number beside them
_CLOSE = 14.0  # two labels nearer than this would stand in one another


@dataclass(frozen=True, slots=True)
class Point:
    """One number of facilities. `proven`: no plan of that number costs less. A label that is empty has no room."""

    x: float
    y: float
    label: str
    title: str
    best: bool
    efficient: bool
    proven: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """Ticks are (place, words); `line` goes through the points that no other beats, as the `d` of a path."""

    across: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    points: tuple[Point, ...]
    line: str


Write = Callable[[float], str]
# What stands across: its heading, and how its values are written, also where they lie close together.
_ACROSS: Mapping[str, tuple[str, Write, Write]] = {
    "nodes": ("Facilities open", wording.count, wording.count),
    "service_level": ("Share served within reach", wording.percent, lambda share: wording.percent(share, 4)),
    "weighted_distance_miles": ("Average distance", wording.miles, lambda miles: f"{wording.count(miles, 3)} miles"),
}


def frontier_plots(result: Mapping[str, Any]) -> list[Plot]:
    """Cost by number, and cost against service where that is measured; none without two plans to compare."""
    planned = [row for row in result["frontier"] if row["cost"] is not None]
    if len(planned) < 2:
        return []
    measure = result["service_measure"]
    return [_plot(planned, across) for across in ("nodes", *([] if measure is None else [measure]))]


def _plot(rows: Sequence[Mapping[str, Any]], across: str) -> Plot:
    heading, write, finer = _ACROSS[across]
    x_marks = _marks([row[across] for row in rows], whole=across == "nodes")
    y_marks = _marks([row["cost"] for row in rows])

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - x_marks[0]) / (x_marks[-1] - x_marks[0])

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - y_marks[0]) / (y_marks[-1] - y_marks[0])

    # Those that matter most choose their place first.
    ordered = sorted(rows, key=lambda row: (not row["best"], not row["efficient"], row["nodes"]))
    points: list[Point] = []
    for row in ordered:
        at = x(row[across]), y(row["cost"])
        wanted = row["best"] or row["efficient"] or len(rows) <= LABELLED
        room = not any(p.label and abs(p.x - at[0]) < _CLOSE and abs(p.y - at[1]) < _CLOSE for p in points)
        label = str(row["nodes"]) if wanted and room else ""
        proven = row["status"] == ResultStatus.OPTIMAL
        sites = counted(row["nodes"], "facility", "facilities")
        told = [f"{sites}: {wording.money_short(row['cost'])}"]
        told += [write(row[across])] if across != "nodes" else []
        told += (
            [] if proven else ["not proven" if row["gap"] is None else f"{wording.gap_words(row['gap'])} still open"]
        )
        points.append(Point(*at, label, ", ".join(told), row["best"], bool(row["efficient"]), proven))
    joined = rows if across == "nodes" else [row for row in rows if row["efficient"]]
    along = sorted((x(row[across]), y(row["cost"])) for row in joined)
    line = "M" + "L".join(f"{left:.1f} {top:.1f}" for left, top in along) if len(along) > 1 else ""
    return Plot(
        heading,
        tuple(zip(map(x, x_marks), _told(x_marks, write, finer), strict=True)),
        tuple(zip(map(y, y_marks), _told(y_marks, wording.money_tick, _dollars), strict=True)),
        tuple(points),
        line,
    )


def _marks(values: Sequence[float], *, whole: bool = False) -> list[float]:
    """Round marks around the values, at least two: the first is at most the least, the last at least the most."""
    least, most = min(values), max(values)
    span = most - least or max(abs(most), 1.0) * 0.1
    magnitude = 10.0 ** math.floor(math.log10(span / 4))
    step = next(magnitude * factor for factor in (1, 2, 2.5, 5, 10) if span / (magnitude * factor) <= 5)
    if whole:
        step = max(1.0, math.ceil(step))
    first, last = math.floor(least / step), math.ceil(most / step)
    if first == last:  # one mark for all: a share has no room above, and a distance of nothing none below
        first, last = (first - 1, last) if first > 0 else (first, last + 1)
    return [step * mark for mark in range(first, last + 1)]


def _told(marks: Sequence[float], write: Write, finer: Write) -> list[str]:
    """Short where that tells neighbours apart, else finer."""
    short = [write(mark) for mark in marks]
    return short if all(one != other for one, other in pairwise(short)) else [finer(mark) for mark in marks]


def _dollars(amount: float) -> str:
    return wording.money(amount, 0)
