"""The certificate of a transport plan: every requirement and every dollar recomputed from the dataset alone.

It never raises on a bad plan: what fails is named, with the worst case and where it is. A bound without a proof is the
solver's word and is recorded as such; what is checked is that it is consistent with the plan.
"""

from __future__ import annotations

import math

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.bound_proofs import BoundProof
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Check, Outcome, ResultStatus, TransportPlan
from networx.verify.measure import check, counted
from networx.verify.transport.bound import bound_checks
from networx.verify.transport.facts import Facts
from networx.verify.transport.inbound import inbound_checks, shape_checks
from networx.verify.transport.lanes import flow_lanes, lane_capacity_check
from networx.verify.transport.reading import Reading
from networx.verify.transport.requirements import (
    capacity_held,
    changes,
    demand_met,
    flagged,
    left_early,
    one_source,
    open_count,
    summed,
    throughput,
)
from networx.verify.transport.service import lacking_units, penalties, service_check, services
from networx.verify.transport.tiers import capacity_with, count_in_use, steps_of, tier_checks, tier_costs

COST = 1e-9  # relative


@np.errstate(invalid="ignore", over="ignore")  # what is not a number fails its check, without a warning
def certify(
    tables: NetworkTables,
    parameters: TransportParameters,
    plan: TransportPlan,
    *,
    objective: float,
    bound: float | None,
    gap: float | None,
    status: ResultStatus,
    bound_source: str,
    dataset_sha256: str,
    proof: BoundProof | None = None,
    reading: Reading | None = None,
) -> Certificate:
    """Check the plan and what is claimed of it against the dataset. `valid` is False unless every check passes.

    A bound that is said to be recomputed is, from `proof`. `reading` is what was read of the same tables before.
    """
    reading = Reading(tables) if reading is None else reading
    assert reading.tables is tables
    facts = reading.facts(parameters)
    actual_sha256 = reading.sha256
    checks = [same_dataset(actual_sha256, dataset_sha256), _stated_rules(parameters, facts)]
    checks += _shape(tables, plan, facts)
    if all(line.passed for line in checks[1:]):
        checks += _plan_checks(tables, parameters, plan, facts, objective)
        checks += bound_checks(reading, parameters, proof, bound=bound, objective=objective, bound_source=bound_source)
    recomputed_gap = _gap(objective, bound)
    checks += _claims(parameters, status, objective, bound, gap, recomputed_gap)
    return Certificate(
        dataset_sha256=actual_sha256,
        valid=all(line.passed for line in checks),
        checks=tuple(checks),
        objective=objective,
        bound=bound,
        gap=recomputed_gap,
        bound_source=bound_source,
    )


def certify_outcome(
    tables: NetworkTables,
    parameters: TransportParameters,
    outcome: Outcome,
    dataset_sha256: str,
    reading: Reading | None = None,
) -> Certificate:
    """The same of an outcome that has a plan; one without a cost is not valid."""
    assert outcome.plan is not None
    return certify(
        tables,
        parameters,
        outcome.plan,
        objective=float("nan") if outcome.objective is None else outcome.objective,
        bound=outcome.bound,
        gap=outcome.gap,
        status=outcome.status,
        bound_source=outcome.bound_source,
        dataset_sha256=dataset_sha256,
        proof=outcome.proof,
        reading=reading,
    )


def same_dataset(actual: str, claimed: str) -> Check:
    return counted("dataset", 0 if actual == claimed else 1, "the plan answers another dataset than this one")


def _stated_rules(parameters: TransportParameters, facts: Facts) -> Check:
    """What has to be stated: without it nobody can say whether a plan keeps to it."""
    missing = []
    if parameters.single_sourcing is None:
        missing.append("single_sourcing")
    if len(facts.years) > 1 and not parameters.lease_years:
        missing.append("lease_years")
    return counted("requirements are stated", len(missing), f"not stated: {', '.join(missing)}")


def _shape(tables: NetworkTables, plan: TransportPlan, facts: Facts) -> list[Check]:
    """Whether the plan speaks of this dataset's years, facilities and destinations at all."""
    columns = (plan.flow_year, plan.flow_facility, plan.flow_destination, plan.flow_units, plan.flow_mode)
    uneven = len({np.shape(column) for column in columns}) != 1 or np.ndim(plan.flow_units) != 1
    outside = 0
    for column, size in zip(
        columns, (len(facts.years), len(tables.facilities), len(tables.destinations)), strict=False
    ):
        outside += int(((np.asarray(column) < 0) | (np.asarray(column) >= size)).sum())
    mode = np.asarray(plan.flow_mode)
    outside += int(((mode < -1) | (mode >= len(plan.modes))).sum())
    shape = (len(facts.years), len(tables.facilities))
    return [
        counted("years", int(plan.years != facts.years), f"the plan has {plan.years}, the data {facts.years}"),
        counted(
            "facilities",
            int(np.shape(plan.opened) != shape),
            f"open and closed is said of {np.shape(plan.opened)} years and facilities",
        ),
        counted(
            "tiers",
            int(np.shape(plan.tiers) not in {shape, np.shape(plan.opened)}),
            f"tiers are said of {np.shape(plan.tiers)} years and facilities",
        ),
        counted("columns of the flows", int(uneven), "they are of different lengths"),
        counted("flow indices", outside, "flows of unknown years, facilities, destinations or modes"),
        *shape_checks(tables, plan, facts),
    ]


def _plan_checks(
    tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan, facts: Facts, objective: float
) -> list[Check]:
    year = plan.flow_year.astype(np.int64)
    site = plan.flow_facility.astype(np.int64)
    place = plan.flow_destination.astype(np.int64)
    units = plan.flow_units.astype(float)
    opened = np.asarray(plan.opened, dtype=bool)
    lanes = flow_lanes(tables, parameters, facts, plan)
    sites, places = tables.facilities.name, tables.destinations.name

    def flow_name(flow: int) -> str:
        mode = "" if plan.flow_mode[flow] < 0 else f" by {plan.modes[plan.flow_mode[flow]]}"
        return f"{sites[site[flow]]} to {places[place[flow]]}{mode}, {facts.years[year[flow]]}"

    def site_name(at: int) -> str:
        return f"{sites[at % len(sites)]}, {facts.years[at // len(sites)]}"

    bad_units = ~(np.isfinite(units) & (units >= 0))
    checks = [
        flagged("flows are 0 or more", bad_units, flow_name),
        flagged("flows use lanes of the data", ~lanes.exists, flow_name),
        flagged("flows leave open facilities", ~opened[year, site], flow_name),
        flagged("no forbidden facility is open", opened & facts.forbidden, site_name),
        flagged("mandatory facilities are open", facts.mandatory & ~opened, site_name),
        open_count(parameters, opened, facts.years),
    ]
    if len(facts.years) > 1:
        checks.append(flagged("leases are kept", left_early(facts, opened), site_name))
    if parameters.max_changes_per_year is not None:
        checks.append(changes(facts, opened, parameters.max_changes_per_year))
    if parameters.single_sourcing:
        checks.append(one_source(facts, year, place, units, places))
    served = summed(facts.demand.shape, year, place, units)
    sent = summed(facts.capacity.shape, year, site, units)
    checks.append(demand_met(facts, served, places))
    steps = steps_of(tables)
    tiers = count_in_use(plan, steps)
    checks += tier_checks(plan, facts, steps, opened, site_name)
    checks.append(capacity_held(facts, capacity_with(steps, tiers, facts.capacity), sent, sites))
    if np.isfinite(tables.lanes.capacity_units).any():
        checks.append(lane_capacity_check("lane capacities hold", lanes, year, units, flow_name))
    if facts.min_throughput.any():
        checks.append(throughput(facts, opened, sent, sites))
    asked = services(tables, parameters, facts.years)
    lacking = lacking_units(asked, facts, year, units, lanes.miles, lanes.days)
    if any(service.hard for service in asked):
        checks.append(service_check(asked, facts, lacking))
    came_in, paid_in = inbound_checks(tables, parameters, plan, facts, sent)
    checks += came_in
    others = [*tier_costs(steps, tiers), *paid_in, *penalties(asked, lacking)]
    checks.append(_cost(facts, opened, lanes.price, units, others, objective))
    return checks


def _cost(
    facts: Facts, opened: np.ndarray, price: Floats, units: Floats, others: list[float], objective: float
) -> Check:
    """`others` are amounts beside those of the facilities themselves and of their flows."""
    was_open = np.vstack([facts.existing, opened[:-1]])
    opening = np.broadcast_to(facts.opening_cost, opened.shape)[opened & ~was_open]
    closing = np.broadcast_to(facts.closing_cost, opened.shape)[was_open & ~opened]
    lines = np.concatenate([facts.fixed_cost[opened], opening, closing, price * units, others])
    # The exact sum cannot be taken over what is not finite, or does not stay so.
    cost = math.fsum(lines.tolist()) if np.isfinite(np.abs(lines).sum()) else math.nan
    return check("cost", abs(objective - cost) / max(abs(cost), 1e-9), COST, f"recomputed {cost!r}")


def _gap(objective: float, bound: float | None) -> float | None:
    return None if bound is None else abs(objective - bound) / max(abs(objective), 1e-9)


def _claims(
    parameters: TransportParameters,
    status: ResultStatus,
    objective: float,
    bound: float | None,
    claimed_gap: float | None,
    gap: float | None,
) -> list[Check]:
    """Whether bound, gap and status follow from one another. A missing bound proves nothing: it goes with no gap."""
    above = 0.0 if bound is None else (bound - objective) / max(abs(objective), 1e-9)
    if gap is None or claimed_gap is None:
        differs = 0.0 if gap is claimed_gap else math.inf
    else:
        differs = abs(gap - claimed_gap)
    verdict = status in {ResultStatus.OPTIMAL, ResultStatus.FEASIBLE}
    checks = [
        check("bound is not above the cost", above, COST, f"bound {bound!r}"),
        check("gap follows from cost and bound", differs, COST, f"claimed {claimed_gap!r}, recomputed {gap!r}"),
        counted("status has a plan", int(not verdict), f"{status} is no verdict on a plan"),
    ]
    if status is ResultStatus.OPTIMAL:
        unproven = math.inf if gap is None else gap - parameters.gap
        checks.append(check("optimal is proven", unproven, COST, f"gap {gap!r}, asked for {parameters.gap!r}"))
    return checks
