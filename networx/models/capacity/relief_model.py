"""The mixed-integer model of a relief: the transport model in which the analysed sites are open wherever they may be.

What opens beside them keeps the rules of the transport model on windows, leases, one-time costs and changes, but for
one: a facility whose lease is as long as the plan may open in any year, and stays for as long as it may be open.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats, Indices
from networx.models.transport.flows import flow_columns
from networx.models.transport.formulation import add_flow_rows
from networx.models.transport.inbound import add_inbound_columns, add_inbound_rows
from networx.models.transport.instance import TransportInstance
from networx.models.transport.leases import add_starts, closing_and_first_opening
from networx.models.transport.periods import separate_years
from networx.models.transport.rules import SiteRules
from networx.models.transport.tiers import add_tier_columns
from networx.solver.linear import Assembly, LinearModel


def formulate_relief(instance: TransportInstance, sites: Flags) -> LinearModel:
    """A column `open` a year and facility; its optimum is the cost of the whole network with the cheapest relief."""
    rules, periods = instance.rules, separate_years(instance)
    flows = flow_columns(instance, periods)
    assembly = Assembly()
    cost = instance.fixed_cost + closing_and_first_opening(rules)
    fixed_open = rules.may & sites
    opened = assembly.add_columns("open", cost.ravel(), fixed_open.ravel(), rules.may.ravel(), integer=True)
    by_year = opened.reshape(rules.may.shape)
    flow = assembly.add_columns("flow", instance.lanes.cost_per_unit[flows.lane] * flows.most_units, 0.0, 1.0)
    inbound = grown = None
    if len(instance.inbound):
        inbound = add_inbound_columns(assembly, instance.inbound, periods.capacity)
    if len(instance.tiers):
        # Nothing has one state over all years here.
        changing = replace(rules, lease=np.zeros_like(rules.lease))
        grown = add_tier_columns(assembly, instance.tiers, changing, by_year, fixed_set=False)
    add_flow_rows(assembly, instance.forcing(sites), periods, by_year, (flows, flow), grown, tighten=True)
    if inbound is not None:
        add_inbound_rows(assembly, instance.inbound, periods.capacity, inbound, (flows.start, flow, flows.most_units))
    _stay(assembly, rules, by_year)
    most_changes = instance.parameters.max_changes_per_year
    leases = rules.lease[rules.ever & ~sites & ~rules.whole]
    if most_changes is not None or rules.one_time_costs or bool((leases > 1).any()):
        add_starts(assembly, rules, by_year, most_changes)
    year = np.repeat(np.arange(len(by_year)), len(sites))
    assembly.add_rows("count", -np.inf, instance.max_open, len(by_year), (year, opened, 1.0))
    # What is paid where nothing is open: the closing of what is open before the first year.
    nothing = np.zeros_like(rules.may)
    return assembly.model(offset=float(rules.one_time_cost(nothing).sum()))


def _stay(assembly: Assembly, rules: SiteRules, opened: Indices) -> None:
    """What has a lease as long as the plan stays open while it may be."""
    year, site = np.nonzero(rules.may[:-1] & rules.may[1:] & rules.whole)
    rows = np.arange(len(year))
    assembly.add_rows(
        "stay", -np.inf, 0.0, len(rows), (rows, opened[year, site], 1.0), (rows, opened[year + 1, site], -1.0)
    )


def tiers_in_use(instance: TransportInstance, model: LinearModel, values: Floats, opened: Flags) -> Codes:
    """(T, I) from the values of the model's columns."""
    count = np.zeros(opened.shape, dtype=np.int32)
    if len(instance.tiers):
        used = values[model.columns["tier"]].reshape(len(opened), -1) > 0.5
        np.add.at(count.T, instance.tiers.facility, used.T)
    return np.where(opened, count, 0).astype(np.int32)
