"""The cheapest relief of a capacity analysis as figures: each change with its years and dollars, then all years."""

from __future__ import annotations

from typing import Any

from networx.domain.capacity import Relief
from networx.domain.plan import SOLVER, ResultStatus
from networx.results.capacity_years import COSTS, YearFigures
from networx.results.kpis import known


def relief_figures(priced: YearFigures, relief: Relief, status: ResultStatus) -> dict[str, Any]:
    """What changes, from when to when, what that costs, and the years with it; `status` is that of the analysis."""
    years = priced.years(relief.years)
    changes = [_change(priced, relief, site, first) for site, first in relief.opened]
    changes += [_expansion(priced, relief, site, number, first) for site, number, first in relief.tiers]
    return {
        "status": status.value,
        "changes": changes,
        "added_fixed_cost": sum(change["fixed_cost"] for change in changes),
        "added_one_time_cost": sum(change["opening_cost"] + change["closing_cost"] for change in changes),
        **{name: sum(year[name] for year in years) for name in COSTS},
        "total_cost": relief.objective,
        "bound": relief.bound,
        "gap": relief.gap,
        "bound_source": SOLVER,
        "years": years,
        "utilisation": priced.utilisation(relief.years),
    }


def _change(priced: YearFigures, relief: Relief, site: int, first: int) -> dict[str, Any]:
    end, closed = _end(priced, relief, site, first)
    kept = first == 0 and bool(priced.existing[site])
    return {
        "change": "keep" if kept else "open",
        "facility": priced.tables.facilities.name[site],
        "tier": None,
        "from_year": priced.named[first],
        "to_year": priced.named[end - 1] if closed else None,
        "capacity": known(float(priced.capacity[first, site])),
        "fixed_cost_in_first_year": float(priced.fixed[first, site]),
        "fixed_cost": float(priced.fixed[first:end, site].sum()),
        "opening_cost": 0.0 if kept else float(priced.opening[site]),
        "closing_cost": float(priced.closing[site]) if closed else 0.0,
    }


def _expansion(priced: YearFigures, relief: Relief, site: int, number: int, first: int) -> dict[str, Any]:
    yearly, once = priced.tier_costs(site, number)
    end, closed = _end(priced, relief, site, first)
    return {
        "change": "expand",
        "facility": priced.tables.facilities.name[site],
        "tier": number,
        "from_year": priced.named[first],
        "to_year": priced.named[end - 1] if closed else None,
        "capacity": priced.tier_capacity(site, number),
        "fixed_cost_in_first_year": yearly + once,
        "fixed_cost": yearly * (end - first) + once,
        "opening_cost": 0.0,
        "closing_cost": 0.0,
    }


def _end(priced: YearFigures, relief: Relief, site: int, first: int) -> tuple[int, bool]:
    """The first year after this one in which the facility is closed, or the end of the plan, and which of both."""
    closed = [answer.year for answer in relief.years[first:] if not answer.opened[site]]
    return (closed[0], True) if closed else (len(priced.named), False)
