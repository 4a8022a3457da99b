"""A transport problem ready to be formulated: the client's tables as arrays by year, checked for completeness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters, require_complete
from networx.domain.phrases import years_listed
from networx.domain.refusals import Refusals
from networx.errors import Problem, RefusedInput
from networx.models.transport.demand import demand_by_year
from networx.models.transport.inbound import NO_INBOUND, FreeSupply, Inbound, inbound_of
from networx.models.transport.lanes import PricedLanes, without_dearer_modes, without_idle_limits
from networx.models.transport.numbers import refuse_bad_numbers
from networx.models.transport.pricing import priced_lanes, require_prices
from networx.models.transport.refusals import name_rows, repeated, row_name
from networx.models.transport.rules import SiteRules, site_rules
from networx.models.transport.service import ServiceRules, service_rules
from networx.models.transport.tiers import NO_TIERS, Tiers, tiers_of


@dataclass(frozen=True, slots=True)
class TransportInstance:
    """Years T, facilities I, destinations J. Units a year, dollars, miles.

    `capacity` (inf: unlimited; 0 in a year in which a facility may not be open) and `fixed_cost` are of shape (T, I),
    those of facilities without their `tiers`; `demand` is (T, J). Lanes are those of facilities that may be open in
    some year, and their prices hold what the facility itself adds to each unit, and with a `free_supply` what that
    does. At least `min_open` and at most `max_open` facilities are open in each year.
    """

    facility_names: tuple[str, ...]
    destination_names: tuple[str, ...]
    years: tuple[int, ...]
    rules: SiteRules
    capacity: Floats
    fixed_cost: Floats
    demand: Floats
    lanes: PricedLanes
    service: ServiceRules
    parameters: TransportParameters
    tiers: Tiers = NO_TIERS
    inbound: Inbound = NO_INBOUND
    free_supply: FreeSupply | None = None

    @property
    def most_capacity(self) -> Floats:
        """(T, I): what a facility holds with all its tiers."""
        if not len(self.tiers):
            return self.capacity
        most: Floats = np.where(self.rules.may, self.capacity + self.tiers.most(len(self.facility_names)), 0.0)
        return most

    @property
    def min_open(self) -> int:
        return self.parameters.min_facilities or 0

    @property
    def max_open(self) -> int:
        most = self.parameters.max_facilities
        return int(self.allowed.sum()) if most is None else most

    @property
    def allowed(self) -> Flags:
        """(I,): may be open in some year."""
        return self.rules.ever

    @property
    def mandatory(self) -> Flags:
        """(I,): open in every plan, in all the years in which it may be."""
        always: Flags = (self.must >= self.rules.may).all(axis=0) & self.allowed
        return always

    @property
    def must(self) -> Flags:
        """(T, I): open in every plan. One that has to be open in a year and never changes is so in all its years."""
        return self.rules.always

    @property
    def fixed_set(self) -> bool:
        """Whether nothing opens or closes, except at the ends of the years in which a facility may be open."""
        return self.rules.fixed_set

    @property
    def single_source(self) -> bool:
        """Whether one facility serves all of a destination in a year."""
        return bool(self.parameters.single_sourcing)

    @property
    def near(self) -> Flags:
        """Of shape (T, L): which lane counts for the service level of which year."""
        return self.service.near(self.lanes)

    def forcing(self, sites: Flags) -> TransportInstance:
        """The same problem in which these facilities are open in every year, and no other has to be."""
        return replace(self, rules=replace(self.rules, must=self.rules.may & sites))

    def with_open(self, opened: Flags, tiers: Codes | None = None) -> TransportInstance:
        """The same problem with exactly these facilities open, of shape (T, I) or, in every year, (I,).

        One that is closed in some years has neither capacity nor cost in them. `tiers` says how many of its tiers are
        in use, (T, I), none where it is not given; their capacity and cost become the facility's own. What is left to
        decide are the flows.
        """
        by_year = np.broadcast_to(opened, self.capacity.shape)
        count = np.zeros(by_year.shape, dtype=np.int32) if tiers is None else tiers
        ever: Flags = np.logical_or.reduce(by_year, axis=0)
        return replace(
            self,
            rules=replace(self.rules, may=by_year, must=by_year, lease=np.full(len(ever), float(len(self.years)))),
            capacity=np.where(by_year, self.capacity + self.tiers.added(count), 0.0),
            fixed_cost=np.where(by_year, self.fixed_cost + self.tiers.cost(count), 0.0),
            tiers=NO_TIERS,
            inbound=self.inbound.keep(np.flatnonzero(ever[self.inbound.facility])),
            lanes=self.lanes.keep(np.flatnonzero(ever[self.lanes.facility])),
            # How many are open in a year is settled, and so is when.
            parameters=replace(
                self.parameters,
                min_facilities=None,
                max_facilities=None,
                max_changes_per_year=None,
            ),
        )


def prepare(
    tables: NetworkTables,
    parameters: TransportParameters,
    complete: Callable[[TransportParameters, int], None] = require_complete,
    *,
    any_capacity: bool = False,
) -> TransportInstance:
    """Turn one dataset into an instance. Raises RefusedInput naming all that is missing or contradicts itself.

    `complete` refuses parameters that do not say all that is asked over a number of years. With `any_capacity` the
    instance holds for facilities of whatever capacity in place of their own.
    """
    refuse_bad_numbers(tables)
    years, demand = demand_by_year(tables)
    refusals = Refusals()
    stated = refusals.passes(partial(complete, parameters, len(years)))
    refusals.found(partial(require_prices, tables, parameters))
    by_year = refusals.found(partial(_by_year, tables, years))
    rules = refusals.found(partial(site_rules, tables, parameters, years))
    # What else is read leans on these; what is wrong with it is said too, as far as it can be told without them.
    service = refusals.found(partial(service_rules, tables, parameters, years)) if stated else None
    lanes = tiers = inbound = None
    if rules is not None:
        tiers = refusals.found(partial(tiers_of, tables, rules.ever))
        if stated:
            inbound = refusals.found(partial(inbound_of, tables, parameters, years, rules.ever))
        if service is not None:
            lanes = refusals.found(partial(priced_lanes, tables, parameters, service, years, rules.ever))
    refusals.require()
    assert by_year is not None
    assert rules is not None
    assert service is not None
    assert lanes is not None
    assert tiers is not None
    assert inbound is not None
    capacity, fixed_cost = by_year
    instance = TransportInstance(
        facility_names=tables.facilities.name,
        destination_names=tables.destinations.name,
        years=years,
        rules=rules,
        capacity=np.where(rules.may, capacity, 0.0),
        fixed_cost=fixed_cost,
        demand=demand,
        lanes=without_idle_limits(lanes, demand),
        service=service,
        parameters=parameters,
        tiers=tiers,
        inbound=inbound,
    )
    held = np.full_like(instance.capacity, np.inf) if any_capacity else instance.most_capacity
    most = np.minimum(held, demand.sum(axis=1, keepdims=True))
    return replace(
        instance,
        lanes=without_dearer_modes(instance.lanes, instance.near),
        inbound=instance.inbound.without_idle(most),
    )


def _by_year(tables: NetworkTables, years: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Capacity and fixed cost of shape (T, I), FacilityYears over the facilities' own values."""
    changes = tables.facility_years
    problems = name_rows(
        ~np.isin(changes.year, years),
        lambda row: Problem(
            f"{row_name(tables, 'FacilityYears', row)}: {changes.year[row]} is not a year of the plan "
            f"({years_listed(years)}); correct or remove the row.",
            "unknown_year",
            "FacilityYears",
            None,
            "year",
            str(changes.year[row]),
        ),
    )
    problems += name_rows(
        repeated(changes.facility, changes.year),
        lambda row: Problem(
            f"{row_name(tables, 'FacilityYears', row)} is stated more than once; keep one row.",
            "repeated",
            "FacilityYears",
            None,
            "year",
            str(changes.year[row]),
        ),
    )
    if problems:
        raise RefusedInput(problems)
    at = np.searchsorted(years, changes.year), changes.facility
    capacity = np.tile(tables.facilities.capacity_units.astype(np.float64), (len(years), 1))
    fixed_cost = np.tile(tables.facilities.fixed_cost_per_year.astype(np.float64), (len(years), 1))
    for table, stated in ((capacity, changes.capacity_units), (fixed_cost, changes.fixed_cost)):
        table[at] = np.where(np.isnan(stated), table[at], stated)
    return capacity, fixed_cost
