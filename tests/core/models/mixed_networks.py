"""Small networks that mix everything the transport model reads, and their optimum by a model that is built otherwise.

A facility has a column for each way to open, grow and close over all the years, so that leases, windows, tiers and what
is paid once need no rows: what may be done and what it costs is read from the sheets by the enumerations of the other
tests. Flows are in units.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from networx.domain.network import Assignments, NetworkTables, ServiceYears
from networx.domain.parameters import TransportParameters
from networx.errors import RefusedInput
from networx.models.transport import prepare
from tests.core.models.lane_networks import PlainLanes, price_of, random_lanes, with_fits, with_lanes_in, with_rates
from tests.core.models.small_networks import NOT_STATED, UNLIMITED, parameters, random_network, with_suppliers
from tests.core.models.test_transport_suppliers import Supplied
from tests.core.models.test_transport_tiers import CLOSED, random_tiers
from tests.core.models.test_transport_years import with_rules

EARTH_RADIUS_MILES = 3958.7613
WayIn = tuple[int, int, float, float]  # supplier, facility, price, capacity


@dataclass
class _Rows:
    """The rows of a linear model while they are written down."""

    row: list[int]
    column: list[int]
    value: list[float]
    low: list[float]
    high: list[float]

    def add(self, terms: list[tuple[int, float]], low: float, high: float) -> None:
        self.row += [len(self.low)] * len(terms)
        self.column += [column for column, _ in terms]
        self.value += [value for _, value in terms]
        self.low.append(low)
        self.high.append(high)


class Mixed(PlainLanes, Supplied):
    """A network read as its sheets say it, with all kinds of rules at once."""

    def __init__(self, tables: NetworkTables, given: TransportParameters) -> None:
        super().__init__(tables, given)
        self.has_suppliers = len(tables.suppliers) > 0
        self.ways_in = [self._rows_in(tables, year) for year in self.years]
        if given.cost_per_unit_mile is not None:
            self._price_the_rest_by_the_mile(tables, given.cost_per_unit_mile, given.circuity or 1.0)

    def _price_the_rest_by_the_mile(self, tables: NetworkTables, rate: float, circuity: float) -> None:
        sites, places, lanes, rules = tables.facilities, tables.destinations, tables.lanes, tables.assignments
        listed = set(zip(lanes.facility.tolist(), lanes.destination.tolist(), strict=True))
        told = list(zip(rules.facility.tolist(), rules.destination.tolist(), rules.rule, strict=True))
        own = np.nan_to_num(sites.variable_cost_per_unit)
        for site in range(len(sites)):
            here = float(sites.latitude[site]), float(sites.longitude[site])
            for place in range(len(places)):
                fixed = {i for i, j, rule in told if j == place and rule == "fixed"}
                if (site, place) in listed or (site, place, "forbidden") in told or (fixed and site not in fixed):
                    continue
                there = float(places.latitude[place]), float(places.longitude[place])
                miles = circuity * great_circle(here, there)
                for ways in self.ways:
                    ways.append((site, place, rate * miles + float(own[site]), miles, np.nan, np.inf))
            rows = tables.inbound_lanes
            known = set(zip(rows.supplier.tolist(), rows.facility.tolist(), strict=True))
            for supplier in range(len(tables.suppliers)):
                if (supplier, site) in known:
                    continue
                there = float(tables.suppliers.latitude[supplier]), float(tables.suppliers.longitude[supplier])
                paid = float(np.nan_to_num(tables.suppliers.cost_per_unit[supplier]))
                for ways_in in self.ways_in:
                    ways_in.append((supplier, site, rate * circuity * great_circle(here, there) + paid, np.inf))

    def _rows_in(self, tables: NetworkTables, year: int) -> list[WayIn]:
        """What counts in a year: the row of that year, else the one without."""
        rows, found = tables.inbound_lanes, {}
        for of_year in (False, True):
            for row in range(len(rows)):
                if (rows.year[row] == year) if of_year else np.isnan(rows.year[row]):
                    start, end, most = int(rows.supplier[row]), int(rows.facility[row]), rows.capacity_units[row]
                    paid = float(np.nan_to_num(tables.suppliers.cost_per_unit[start]))
                    price = price_of(tables, self.given, row, rows) + paid
                    found[start, end, rows.mode[row]] = (start, end, price, np.inf if np.isnan(most) else float(most))
        return list(found.values())

    def optimum(self) -> float | None:
        """The least cost of all plans; None where none meets the requirements."""
        count, years = len(self.sites), range(len(self.years))
        states = [(site, way) for site in range(count) for way in self._states(site)]
        if {site for site, _ in states} != set(range(count)):
            return None
        cost = [self._cost_of(site, way) for site, way in states]
        whole, most = [1] * len(states), [1.0] * len(states)
        rows = _Rows([], [], [], [], [])
        for site in range(count):
            rows.add([(at, 1.0) for at, (own, _) in enumerate(states) if own == site], 1, 1)
        self._counted(rows, states)
        for year in years:
            self._year(year, rows, states, cost, whole, most)
        matrix = csr_matrix((rows.value, (rows.row, rows.column)), shape=(len(rows.low), len(cost)))
        limits = LinearConstraint(matrix, np.array(rows.low), np.array(rows.high))
        answer = milp(
            cost, integrality=whole, bounds=Bounds(0, np.array(most)), constraints=limits,
            options={"mip_rel_gap": 0.0},
        )  # fmt: skip
        assert answer.status in {0, 2}, answer.message
        if answer.status == 2:
            return None
        # Once more with what is whole taken as whole, since a solver may be off by a millionth of it.
        taken = np.array(whole, dtype=bool)
        lower, upper = np.zeros(len(cost)), np.array(most)
        lower[taken] = upper[taken] = np.round(answer.x[taken])
        settled = milp(cost, bounds=Bounds(lower, upper), constraints=limits)
        assert settled.status == 0, settled.message
        return float(settled.fun)

    def _cost_of(self, site: int, way: tuple[int, ...]) -> float:
        opened = [state != CLOSED for state in way]
        cost = float(self.fixed[opened, site].sum()) + self._growth(site, way)
        for was, now in zip([self.existing[site], *opened], opened, strict=False):
            paid = self.sites.opening_cost if now else self.sites.closing_cost
            cost += float(np.nan_to_num(paid[site])) if was != now else 0.0
        return cost

    def _counted(self, rows: _Rows, states: list[tuple[int, tuple[int, ...]]]) -> None:
        least, most = self.given.min_facilities or 0, self.given.max_facilities
        changes, existing = self.given.max_changes_per_year, any(self.existing)
        for year in range(len(self.years)):
            terms = [(at, float(way[year] != CLOSED)) for at, (_, way) in enumerate(states)]
            rows.add(terms, least, np.inf if most is None else most)
            if changes is None or (year == 0 and not existing):
                continue
            changed = []
            for at, (site, way) in enumerate(states):
                before = way[year - 1] != CLOSED if year else self.existing[site]
                changed.append((at, float((way[year] != CLOSED) != before)))
            rows.add(changed, 0, changes)

    def _year(
        self,
        year: int,
        rows: _Rows,
        states: list[tuple[int, tuple[int, ...]]],
        cost: list[float],
        whole: list[int],
        most: list[float],
    ) -> None:
        """The columns of a year's flows, and what they have to meet."""
        demand, single = self.demand[year], bool(self.given.single_sourcing)
        total = float(demand.sum())
        level, near, penalty = self._service(year)

        def column(price: float, is_whole: bool, upper: float) -> int:
            cost.append(price)
            whole.append(int(is_whole))
            most.append(upper)
            return len(cost) - 1

        sent: list[list[tuple[int, float]]] = [[] for _ in range(len(self.sites))]
        served: list[list[tuple[int, float]]] = [[] for _ in range(len(demand))]
        reached: list[tuple[int, float]] = []
        for way, is_near in zip(self.ways[year], near, strict=True):
            site, place, price, units = way[0], way[1], way[2], float(demand[way[1]])
            if not units or (single and way[5] < units - 1e-9):
                continue
            carried = units if single else 1.0
            at = column(price * carried, single, 1.0 if single else min(way[5], units))
            sent[site].append((at, carried))
            served[place].append((at, carried))
            if is_near:
                reached.append((at, carried))
        for place, terms in enumerate(served):
            rows.add(terms, demand[place], demand[place])
        if level > 0:
            lacking = [(column(penalty, False, total), 1.0)] if penalty is not None else []
            rows.add(reached + lacking, level * total - 1e-9, np.inf)
        for site, terms in enumerate(sent):
            holds, needs = [], []
            for at, (own, way) in enumerate(states):
                if own == site and way[year] != CLOSED:
                    held = self.capacity[year, site] + sum(step[0] for step in self.steps[site][: way[year]])
                    holds.append((at, -float(min(held, total))))
                    needs.append((at, -float(np.nan_to_num(self.sites.min_throughput_units[site]))))
            rows.add(terms + holds, -np.inf, 0)
            rows.add(terms + needs, 0, np.inf)
        if self.has_suppliers:
            self._inbound(year, rows, sent, column)

    def _inbound(self, year: int, rows: _Rows, sent: list[list[tuple[int, float]]], column: Any) -> None:
        ways = [(supplier, site, column(price, False, most)) for supplier, site, price, most in self.ways_in[year]]
        for site, terms in enumerate(sent):
            rows.add(terms + [(at, -1.0) for _, to, at in ways if to == site], 0, 0)
        for supplier, units in enumerate(self.supply):
            rows.add([(at, 1.0) for start, _, at in ways if start == supplier], 0, float(units))


def great_circle(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Miles between two places told as latitude and longitude, by the law of cosines on the sphere."""
    (north, east), (other_north, other_east) = np.deg2rad(here), np.deg2rad(there)
    between = np.sin(north) * np.sin(other_north) + np.cos(north) * np.cos(other_north) * np.cos(east - other_east)
    return float(EARTH_RADIUS_MILES * np.arccos(np.clip(between, -1, 1)))


def random_mixed_case(seed: int) -> tuple[NetworkTables, TransportParameters]:
    """Every rule with a chance that is the seed's own: few of them in some networks, nearly all in others."""
    rng = np.random.default_rng([seed, 2026])
    share = float(rng.choice([0.1, 0.3, 0.5, 0.8]))

    def some(chance: float = 1.0) -> bool:
        return bool(rng.random() < share * chance)

    sites, places = int(rng.integers(2, 5)), int(rng.integers(2, 6))
    tables = random_network(rng, sites, places, int(rng.integers(1, 4)))
    wider = tables.facilities.capacity_units * float(rng.choice([1.0, 2.0, 4.0]))
    tables = replace(tables, facilities=replace(tables.facilities, capacity_units=wider))
    years = sorted({*tables.demand.year.tolist(), *tables.forecast.year.tolist()})
    stated: dict[str, Any] = {
        "lease_years": int(rng.integers(1, 4)), "single_sourcing": bool(rng.random() < 0.35), "gap": 0.0,
    }  # fmt: skip
    if some():
        tables = random_lanes(rng, tables, tuple(years))
    else:
        days = rng.integers(1, 6, len(tables.lanes)).astype(float)
        tables = replace(tables, lanes=replace(tables.lanes, transit_days=days))
    if some():
        tables = replace(tables, expansions=random_tiers(rng, sites, 2))
    if some():
        tables = with_random_suppliers(rng, tables, years)
    if some(0.7):
        tables, factors = with_rates(rng, tables) if rng.random() < 0.6 else with_fits(rng, tables)
        stated |= factors
    by_mile = some(0.6)
    if some():
        tables, more = with_service(rng, tables, years, in_days=not by_mile and rng.random() < 0.5)
        stated |= more
    if by_mile:
        tables = on_a_map(rng, tables)
        stated |= {"cost_per_unit_mile": 0.5, "circuity": 1.2}
    for name, low, high in (("max_facilities", 1, 4), ("min_facilities", 0, 3), ("max_changes_per_year", 0, 4)):
        if some(0.6):
            stated[name] = int(rng.integers(low, high))
    return ruled(rng, tables, parameters(**stated)) if some() else (tables, parameters(**stated))


def ruled(
    rng: np.random.Generator, tables: NetworkTables, given: TransportParameters
) -> tuple[NetworkTables, TransportParameters]:
    """With windows, forced years, one-time costs and the like, without those that contradict one another."""
    changed = with_rules(rng, tables)
    for one in (changed, replace(changed, assignments=Assignments())):
        try:
            prepare(one, given)
        except RefusedInput:
            continue
        return one, given
    return tables, given


def with_random_suppliers(
    rng: np.random.Generator, tables: NetworkTables, years: list[int], *, limits: bool = True
) -> NetworkTables:
    """Some unlimited, some with little, some without lanes to every facility, some lanes with modes, sizes and years.

    In a part of the networks nothing that comes in is limited; without `limits` no lane is, nor differs by year.
    """
    count, endless = int(rng.integers(1, 4)), rng.random() < 0.35
    suppliers = [
        (
            f"S{at}",
            UNLIMITED if endless or rng.random() < 0.4 else float(rng.integers(20, 150)),
            float(rng.integers(0, 9)) if rng.random() < 0.5 else NOT_STATED,
        )
        for at in range(count)
    ]
    tables = with_suppliers(tables, suppliers)
    pairs = [(at, site) for at in range(count) for site in range(len(tables.facilities)) if rng.random() < 0.8]
    modes = [None, "ltl", "tl"] if rng.random() < 0.5 else [None]
    rows: list[dict[str, Any]] = []
    for pair in pairs or [(0, 0)]:
        for mode in rng.permutation(len(modes))[: int(rng.integers(1, len(modes) + 1))]:
            general = {"at": pair, "mode": modes[mode], "miles": float(rng.integers(1, 100))}
            for year in [None, *years]:
                if year is not None and (endless or not limits or len(modes) == 1 or rng.random() < 0.85):
                    continue
                row = general | {"cost": float(rng.integers(0, 30))} | ({} if year is None else {"year": float(year)})
                if limits and not endless and rng.random() < 0.3:
                    row["most"] = UNLIMITED if rng.random() < 0.2 else float(rng.integers(0, 60))
                rows.append(row)
    return with_lanes_in(tables, rows)


def with_service(
    rng: np.random.Generator, tables: NetworkTables, years: list[int], *, in_days: bool
) -> tuple[NetworkTables, dict[str, Any]]:
    """A level for all years, and for some years another level, limit or price."""
    limit, usual, high = ("max_transit_days", 3.0, 6) if in_days else ("max_distance_miles", 60.0, 90)
    stated: dict[str, Any] = {"service_level": float(rng.choice([0.3, 0.6, 0.9])), limit: usual}
    if rng.random() < 0.5:
        stated["service_penalty_per_unit"] = float(rng.integers(1, 60))
    of_year = [year for year in years if rng.random() < 0.5]
    own: dict[str, Any] = {"year": np.array(of_year, dtype=np.int64)}
    for name, values in (
        ("service_level", rng.uniform(0, 1, len(of_year)).round(2)),
        (limit, rng.integers(1, high, len(of_year)).astype(float)),
        ("service_penalty_per_unit", rng.integers(1, 60, len(of_year)).astype(float)),
    ):
        own[name] = np.where(rng.random(len(of_year)) < 0.4, values, np.nan)
    return replace(tables, service_years=ServiceYears(**own)), stated


def on_a_map(rng: np.random.Generator, tables: NetworkTables) -> NetworkTables:
    """All places within some fifty miles of one another, so that lanes that are not listed cost what others do."""

    def placed(rows: Any) -> Any:
        return replace(rows, latitude=rng.uniform(40, 40.7, len(rows)), longitude=rng.uniform(-100, -99, len(rows)))

    return replace(
        tables,
        facilities=placed(tables.facilities),
        destinations=placed(tables.destinations),
        suppliers=placed(tables.suppliers),
    )


def in_other_units(
    tables: NetworkTables, given: TransportParameters, *, units: float, dollars: float
) -> tuple[NetworkTables, TransportParameters]:
    """The same network with every amount times `units` and every cost times `dollars`. It must have no Rates."""
    price = dollars / units
    factors: dict[str, dict[str, float]] = {
        "facilities": {
            "capacity_units": units, "min_throughput_units": units, "fixed_cost_per_year": dollars,
            "opening_cost": dollars, "closing_cost": dollars, "variable_cost_per_unit": price,
        },
        "destinations": {"demand_units": units},
        "demand": {"units": units},
        "forecast": {"annual_units": units},
        "lanes": {"capacity_units": units, "cost_per_unit": price},
        "facility_years": {"fixed_cost": dollars, "capacity_units": units},
        "expansions": {"capacity_units": units, "fixed_cost_per_year": dollars, "one_time_cost": dollars},
        "suppliers": {"supply_units": units, "cost_per_unit": price},
        "inbound_lanes": {"capacity_units": units, "cost_per_unit": price},
        "service_years": {"service_penalty_per_unit": price},
    }  # fmt: skip
    parts = {
        name: replace(
            getattr(tables, name),
            **{column: getattr(getattr(tables, name), column) * factor for column, factor in columns.items()},
        )
        for name, columns in factors.items()
    }
    stated = {
        name: getattr(given, name) * price
        for name in ("service_penalty_per_unit", "cost_per_unit_mile")
        if getattr(given, name) is not None
    }
    return replace(tables, **parts), replace(given, **stated)
