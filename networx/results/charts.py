"""The bar charts of a plan as plain numbers, ready for an SVG template: cost by year, and how full facilities are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

CHART_WIDTH, CHART_HEIGHT = 560.0, 300.0
PLOT_LEFT, PLOT_TOP, PLOT_BOTTOM = 64.0, 24.0, 34.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of one or more parts stacked from the axis: (x, y, width, height, colour, title) each."""

    label: str
    label_x: float
    label_y: float
    value: float
    parts: tuple[tuple[float, float, float, float, int, str], ...]


@dataclass(frozen=True, slots=True)
class YearChart:
    ticks: tuple[tuple[float, float], ...]  # (y, dollars)
    bars: tuple[Bar, ...]


def cost_chart(years: Sequence[dict[str, Any]]) -> YearChart:
    """Stacked bars, one a year, in dollars: facilities (colour 1), inbound (2), transport (0), missed service (3)."""
    top = max(year["total_cost"] for year in years)
    step = _tick_step(top)
    ceiling = max(step * math.ceil(top / step), step)
    plot = CHART_HEIGHT - PLOT_TOP - PLOT_BOTTOM
    floor = CHART_HEIGHT - PLOT_BOTTOM
    slot = (CHART_WIDTH - PLOT_LEFT) / len(years)
    width = min(slot * 0.62, 84.0)
    bars = []
    for index, year in enumerate(years):
        left = PLOT_LEFT + slot * index + (slot - width) / 2
        y, parts = floor, []
        kinds = ((1, "facility_cost"), (2, "inbound_cost"), (0, "transport_cost"), (3, "service_penalty_cost"))
        for colour, name in kinds:
            if not year.get(name):  # what there is none of needs no bar; results stored before had fewer kinds
                continue
            height = plot * year[name] / ceiling
            y -= height
            parts.append((left, y, width, height, colour, name))
        bars.append(Bar(str(year["year"]), left + width / 2, y, year["total_cost"], tuple(parts)))
    ticks = tuple((floor - plot * step * mark / ceiling, step * mark) for mark in range(round(ceiling / step) + 1))
    return YearChart(ticks, tuple(bars))


def peak_utilization(facilities: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Open facilities with their fullest year, fullest first; those without a limit come last with None."""
    rows = []
    for site in facilities:
        if site["open"] and site["years"]:
            peak = max(site["years"], key=_fullness)
            rows.append({"name": site["name"], **peak})
    return sorted(rows, key=lambda row: (-(row["utilization"] if row["utilization"] is not None else -1), row["name"]))


def _fullness(year: dict[str, Any]) -> tuple[float, float]:
    # Rounded, so that of years that are full but for rounding the first is named.
    return (-1.0, year["units"]) if year["utilization"] is None else (round(year["utilization"], 9), 0.0)


def _tick_step(top: float) -> float:
    """A round step that gives three to six ticks up to `top`."""
    if top <= 0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(top / 4))
    return next(magnitude * factor for factor in (1, 2, 2.5, 5, 10) if top / (magnitude * factor) <= 5)
