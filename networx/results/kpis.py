"""The result object of a transport scenario: what result.json holds and every presentation reads.

Every figure is recomputed from the dataset and the plan, in full precision; what is not known is None. Savings come
with `baseline`. Words and rounding are left to `wording`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.business_parameters import BusinessParameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Outcome, TransportPlan
from networx.results.expansions import growth
from networx.results.fitted import fitted_figures
from networx.results.flow_costs import FlowCosts, flow_costs, lane_miles
from networx.results.inbound import inbound_costs, inbound_priced_by, supplier_figures
from networx.results.pricing import priced_by
from networx.results.service import Asked, asked_by_year

SCHEMA = "networx.result/1"
ENGINEERING_PARAMETERS = ("engine", "time_limit_seconds", "gap", "calibration_tolerance")


def transport_result(
    tables: NetworkTables,
    parameters: TransportParameters,
    outcome: Outcome,
    certificate: Certificate | None,
    *,
    identity: Mapping[str, Any],
    partial: bool = False,
    proof: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result as plain JSON values. Without a plan, `kpis` is None and the lists are empty.

    Dollars, units and miles are unrounded. `identity` (job, scenario, dataset, instant) goes in unchanged; `partial`
    says that the solve was stopped before it ended by itself; `proof` is what `results.proof` made. Raises SolverFault
    for a plan that cannot be priced.
    """
    figures: dict[str, Any] = {"kpis": None, "years": [], "facilities": [], "suppliers": []}
    if outcome.plan is not None:
        figures = plan_figures(tables, parameters, outcome.plan)
    return {
        "schema": SCHEMA,
        "type": "transport",
        **identity,
        "status": outcome.status.value,
        "objective": known(outcome.objective),
        "bound": known(outcome.bound),
        "gap": known(outcome.gap),
        "bound_source": outcome.bound_source,
        "engine": outcome.engine,
        "seconds": outcome.seconds,
        "partial": partial,
        "certificate": None if certificate is None else plain(certificate.as_dict()),
        "parameters": stated_parameters(tables, parameters),
        **figures,
        "infeasibility": None if outcome.infeasibility is None else plain(outcome.infeasibility.as_dict()),
        "proof": proof,
    }


def plan_figures(tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan) -> dict[str, Any]:
    """KPIs, years, facilities and suppliers of a plan. Raises SolverFault for a flow that nothing prices."""
    costs = flow_costs(tables, parameters, plan)
    fixed, capacity = yearly_facility_data(tables, plan.years)
    grown = growth(tables, plan)
    inbound = inbound_costs(tables, parameters, plan)
    sites = SiteCosts(
        transport=_summed(plan, costs.cost),
        fixed=np.where(plan.opened, fixed.T, 0.0),
        handling=_summed(
            plan, plan.flow_units * np.nan_to_num(tables.facilities.variable_cost_per_unit)[plan.flow_facility]
        ),
        once=_once(tables, plan),
        expansion=grown.cost,
        inbound=inbound.by_year_and_site(plan),
    )
    service = asked_by_year(tables, parameters, plan.years)
    years = [_year(plan, costs, asked, index, sites) for index, asked in enumerate(service)]
    return {
        "pricing": priced_by(tables, parameters, lane_miles(tables, parameters)),
        "inbound_pricing": inbound_priced_by(tables, parameters),
        "fitted_rates": fitted_figures(tables, parameters),
        "kpis": _kpis(years, plan, costs),
        "years": years,
        "facilities": _facilities(tables, plan, sites, capacity + grown.units.T),
        "suppliers": supplier_figures(tables, plan, inbound),
    }


@dataclass(frozen=True, slots=True)
class SiteCosts:
    """Dollars by year and facility: on the lanes that leave it, its own by kind, and what it gets from suppliers.

    `once` is opening and closing, `expansion` all that its tiers cost.
    """

    transport: Floats
    fixed: Floats
    handling: Floats
    once: Floats
    expansion: Floats
    inbound: Floats

    def totals(self, where: Any) -> dict[str, float]:
        """Summed over a part of the years and facilities; `facility_cost` is what is neither inbound nor transport."""
        own = (self.fixed, self.handling, self.once, self.expansion)
        fixed, handling, once, expansion = (float(part[where].sum()) for part in own)
        return {
            "transport_cost": float(self.transport[where].sum()),
            "inbound_cost": float(self.inbound[where].sum()),
            "fixed_cost": fixed,
            "handling_cost": handling,
            "one_time_cost": once,
            "expansion_cost": expansion,
            "facility_cost": fixed + handling + once + expansion,
        }


def _summed(plan: TransportPlan, of_flow: Floats) -> Floats:
    """By year and facility."""
    total = np.zeros(plan.opened.shape)
    np.add.at(total, (plan.flow_year, plan.flow_facility), of_flow)
    return total


def _once(tables: NetworkTables, plan: TransportPlan) -> Floats:
    """What opening and closing costs, by year and facility."""
    existing = np.array([word == "yes" for word in tables.facilities.existing], dtype=bool)
    before = np.vstack([existing, plan.opened[:-1]])
    opening, closing = (np.nan_to_num(getattr(tables.facilities, name)) for name in ("opening_cost", "closing_cost"))
    return np.where(plan.opened & ~before, opening, 0.0) + np.where(before & ~plan.opened, closing, 0.0)


def yearly_facility_data(tables: NetworkTables, years: Sequence[int]) -> tuple[Floats, Floats]:
    """Fixed cost and capacity, facility x year, with the year's overrides in place."""
    shape = (len(years), len(tables.facilities))
    fixed = np.broadcast_to(tables.facilities.fixed_cost_per_year, shape).T.copy()
    capacity = np.broadcast_to(tables.facilities.capacity_units, shape).T.copy()
    column = {year: index for index, year in enumerate(years)}
    overrides = tables.facility_years
    for row, year in enumerate(overrides.year.tolist()):
        if year not in column:
            continue
        cell = (int(overrides.facility[row]), column[year])
        if not np.isnan(overrides.fixed_cost[row]):
            fixed[cell] = overrides.fixed_cost[row]
        if not np.isnan(overrides.capacity_units[row]):
            capacity[cell] = overrides.capacity_units[row]
    return fixed, capacity


def _year(plan: TransportPlan, costs: FlowCosts, asked: Asked, index: int, sites: SiteCosts) -> dict[str, Any]:
    rows = plan.flow_year == index
    units = plan.flow_units[rows]
    total_units = float(units.sum())
    spent = sites.totals(index)
    level = asked.share(units, costs.distance_miles[rows], costs.transit_days[rows])
    short, penalty = asked.lacking(total_units, level)
    total_cost = spent["transport_cost"] + spent["inbound_cost"] + spent["facility_cost"] + penalty
    return {
        "year": plan.years[index],
        "facilities_open": int(plan.opened[index].sum()),
        "units": total_units,
        **spent,
        "service_penalty_cost": penalty,
        "total_cost": total_cost,
        "cost_per_unit": ratio(total_cost, total_units),
        "service_level": level,
        "service_within": asked.within,
        "service_shortfall_units": short,
        "weighted_distance_miles": _weighted_distance(units, costs.distance_miles[rows]),
    }


def _weighted_distance(units: Floats, miles: Floats) -> float | None:
    return None if bool(np.isnan(miles).any()) else ratio(float((units * miles).sum()), float(units.sum()))


def _kpis(years: list[dict[str, Any]], plan: TransportPlan, costs: FlowCosts) -> dict[str, Any]:
    costs_by_kind = (
        "transport_cost",
        "inbound_cost",
        "fixed_cost",
        "handling_cost",
        "one_time_cost",
        "expansion_cost",
        "facility_cost",
        "service_penalty_cost",
    )
    summed = ("total_cost", *costs_by_kind, "units")
    total = {name: sum(year[name] for year in years) for name in summed}
    levels = [year["service_level"] for year in years]
    return {
        "total_cost": total["total_cost"],
        **{name: total[name] for name in costs_by_kind},
        "cost_per_unit": ratio(total["total_cost"], total["units"]),
        "total_units": total["units"],
        "facilities_open": sum(plan.open),
        "service_level": None if None in levels or not levels else min(levels),
        "weighted_service_level": _over_all_years(years),
        "weighted_distance_miles": _weighted_distance(plan.flow_units, costs.distance_miles),
    }


def _over_all_years(years: list[dict[str, Any]]) -> float | None:
    """The share of all years' units within reach."""
    served = [year for year in years if year["units"] > 0]
    if any(year["service_level"] is None for year in served):
        return None
    within = sum(year["service_level"] * year["units"] for year in served)
    return ratio(within, sum(year["units"] for year in served))


def _facilities(tables: NetworkTables, plan: TransportPlan, costs: SiteCosts, capacity: Floats) -> list[dict[str, Any]]:
    sites = tables.facilities
    units = _summed(plan, plan.flow_units)
    return [
        {
            "name": sites.name[site],
            "city": sites.city[site],
            "state": sites.state[site],
            "latitude": known(float(sites.latitude[site])),
            "longitude": known(float(sites.longitude[site])),
            "status": sites.status[site],
            "open": is_open,
            **costs.totals((slice(None), site)),
            "years": _facility_years(plan, site, units[:, site], capacity[site], costs),
        }
        for site, is_open in enumerate(plan.open)
    ]


def _facility_years(
    plan: TransportPlan, site: int, units: Floats, capacity: Floats, costs: SiteCosts
) -> list[dict[str, Any]]:
    """One entry for each year in which the facility is open."""
    return [
        {
            "year": year,
            "units": float(units[index]),
            "capacity_units": known(float(capacity[index])),
            "utilization": _utilization(float(units[index]), float(capacity[index])),
            "fixed_cost": float(costs.fixed[index, site]),
            "tiers": int(plan.tiers[index, site]),
            "expansion_cost": float(costs.expansion[index, site]),
        }
        for index, year in enumerate(plan.years)
        if plan.opened[index, site]
    ]


def stated_parameters(tables: NetworkTables, parameters: TransportParameters | BusinessParameters) -> dict[str, Any]:
    """What was given and which engineering limits stood at their defaults; a parameter not given is absent."""
    stated: dict[str, Any] = {}
    for spec in fields(parameters):
        value = getattr(parameters, spec.name)
        if value is None:
            continue
        defaulted = spec.name in ENGINEERING_PARAMETERS and spec.name not in tables.parameters and value == spec.default
        source = "engineering default" if defaulted else "given"
        stated[spec.name] = {"value": value, "unit": spec.metadata["unit"], "source": source}
    return stated


def _utilization(units: float, capacity: float) -> float | None:
    return ratio(units, capacity) if np.isfinite(capacity) else None


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def known(number: float | None) -> float | None:
    return number if number is not None and np.isfinite(number) else None


def plain(value: Any) -> Any:
    """The same structure with every NaN or infinity, which JSON cannot say, as None."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return known(value) if isinstance(value, float) else value
