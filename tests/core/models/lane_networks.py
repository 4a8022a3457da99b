"""Networks whose lanes have modes, capacities, days and years of their own, and their optimum by enumeration.

What a row says is read here row by row, with nothing of the model's or the certificate's.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import linprog

from networx.domain.network import FittedRates, InboundLanes, Lanes, NetworkTables, Rates, ServiceYears
from networx.domain.parameters import TransportParameters
from tests.core.models.small_networks import NOT_STATED, parameters, random_network
from tests.core.models.test_transport_years import IMPOSSIBLE, Plainly

FACTORS = {"units_per_shipment": 8.0, "units_per_package": 2.0, "pounds_per_unit": 25.0}
Way = tuple[int, int, float, float, float, float]  # facility, destination, price, miles, days, capacity


def with_lanes(tables: NetworkTables, rows: list[dict[str, Any]]) -> NetworkTables:
    """Rows are of `at` (facility, destination), `cost` and, where stated, `miles`, `days`, `most`, `mode`, `year`."""

    def column(name: str) -> np.ndarray:
        return np.array([row.get(name, NOT_STATED) for row in rows], dtype=np.float64)

    lanes = Lanes(
        np.array([row["at"][0] for row in rows], dtype=np.int32),
        np.array([row["at"][1] for row in rows], dtype=np.int32),
        column("cost"),
        column("miles"),
        column("days"),
        column("most"),
        tuple(row.get("mode") for row in rows),
        column("year"),
    )
    return replace(tables, lanes=lanes)


def with_lanes_in(tables: NetworkTables, rows: list[dict[str, Any]]) -> NetworkTables:
    """The same for lanes from suppliers: `at` is (supplier, facility), and there are no days."""
    lanes = with_lanes(tables, rows).lanes
    return replace(
        tables,
        inbound_lanes=InboundLanes(
            *(lanes.facility, lanes.destination, lanes.cost_per_unit, lanes.distance_miles),
            *(lanes.capacity_units, lanes.mode, lanes.year),
        ),
    )


def price_of(
    tables: NetworkTables, given: TransportParameters, row: int, stated: Lanes | InboundLanes | None = None
) -> float:
    """What a row of Lanes costs a unit of demand; demand is in units, and a shipment holds some of them."""
    lanes, rates = tables.lanes if stated is None else stated, tables.rates
    if not np.isnan(lanes.cost_per_unit[row]):
        return float(lanes.cost_per_unit[row])
    fits, mode = tables.fitted_rates, lanes.mode[row]
    if mode not in rates.mode and mode in fits.mode:
        (at,) = (fit for fit, name in enumerate(fits.mode) if name == mode)
        held = float(given.units_per_shipment or 0)
        heavy = held * (given.pounds_per_unit or 0) / 100
        each_mile = float(fits.per_mile[at]) + float(fits.per_cwt_mile[at]) * heavy
        return (float(fits.fixed[at]) + each_mile * float(lanes.distance_miles[row])) / held
    if lanes.mode[row] not in rates.mode:
        return float(given.cost_per_unit_mile or np.nan) * float(lanes.distance_miles[row])
    for at, mode in enumerate(rates.mode):
        low, high = np.nan_to_num(rates.distance_from[at]), np.nan_to_num(rates.distance_to[at], nan=np.inf)
        if mode == lanes.mode[row] and low <= lanes.distance_miles[row] < high:
            held = float((given.units_per_package if rates.basis[at] == "package" else given.units_per_shipment) or 0)
            weight = held * (given.pounds_per_unit or 0)
            times = {"unit": held, "cwt": weight / 100, "mile": float(lanes.distance_miles[row])}
            charge = float(rates.rate[at]) * times.get(rates.basis[at], 1.0)
            charge = max(charge, float(np.nan_to_num(rates.minimum[at])))
            return charge * (1 + float(np.nan_to_num(rates.fuel_percent[at])) / 100) / held
    raise AssertionError("no rate fits")


class PlainLanes(Plainly):
    """As the other, with every row of Lanes a way of its own."""

    def __init__(self, tables: NetworkTables, given: TransportParameters) -> None:
        priced = replace(tables.lanes, cost_per_unit=np.nan_to_num(tables.lanes.cost_per_unit))
        super().__init__(replace(tables, lanes=priced), given)
        allowed = {(int(site), int(place)) for site, place in zip(*np.nonzero(np.isfinite(self.price)), strict=True)}
        self.service = tables.service_years
        self.ways = [self._ways(tables, year, allowed) for year in self.years]

    def _ways(self, tables: NetworkTables, year: int, allowed: set[tuple[int, int]]) -> list[Way]:
        lanes, own = tables.lanes, np.nan_to_num(self.sites.variable_cost_per_unit)
        found: dict[tuple[int, int, str | None], Way] = {}
        for of_year in (False, True):
            for row in range(len(lanes)):
                pair = (int(lanes.facility[row]), int(lanes.destination[row]))
                stated = lanes.year[row]
                if pair not in allowed or (stated != year if of_year else not np.isnan(stated)):
                    continue
                most = lanes.capacity_units[row]
                found[(*pair, lanes.mode[row])] = (
                    *pair,
                    price_of(tables, self.given, row) + float(own[pair[0]]),
                    float(lanes.distance_miles[row]),
                    float(lanes.transit_days[row]),
                    float("inf") if np.isnan(most) else float(most),
                )
        return list(found.values())

    def _flows(self, year: int, opened: tuple[bool, ...]) -> float:
        demand, is_open = self.demand[year], np.array(opened)
        capacity = np.where(is_open, np.minimum(self.capacity[year], 1e6), 0.0)
        least = np.where(is_open, np.nan_to_num(self.sites.min_throughput_units), 0.0)
        level, near, penalty = self._service(year)
        level *= demand.sum()
        if self.given.single_sourcing:
            return self._whole_by_lane(year, demand, capacity, least, near, level, penalty)
        ways = self.ways[year]
        if not ways:
            return IMPOSSIBLE if demand.any() or least.any() else 0.0
        serves, sends = np.zeros((len(demand), len(ways))), np.zeros((len(capacity), len(ways)))
        for at, way in enumerate(ways):
            sends[way[0], at] = serves[way[1], at] = 1
        rows = np.vstack([sends, -sends, -np.array(near, dtype=float)[None, :]])
        upper = np.concatenate([capacity, -least, [-level]])
        bounds = [(0, None if np.isinf(way[5]) else way[5]) for way in ways]
        # One more column: what is lacking, at its price, where it has one.
        lacking = np.zeros((len(rows), 1))
        lacking[-1] = -1
        rows, serves = np.hstack([rows, lacking]), np.hstack([serves, np.zeros((len(demand), 1))])
        bounds.append((0, 0 if penalty is None else None))
        cost = [*(way[2] for way in ways), penalty or 0.0]
        answer = linprog(cost, rows, upper, serves, demand, bounds=bounds)
        assert answer.status in {0, 2}
        return float(answer.fun) if answer.status == 0 else IMPOSSIBLE

    def _service(self, year: int) -> tuple[float, list[bool], float | None]:
        """The level of a year, which ways are near enough, and what a unit that lacks costs."""
        stated: dict[str, float | None] = {}
        for name in ("service_level", "max_distance_miles", "max_transit_days", "service_penalty_per_unit"):
            own = [
                float(value)
                for at, value in zip(self.service.year, getattr(self.service, name), strict=True)
                if at == self.years[year] and not np.isnan(value)
            ]
            stated[name] = own[0] if own else getattr(self.given, name)
        miles, days = stated["max_distance_miles"], stated["max_transit_days"]
        near = [way[3] <= miles if miles is not None else way[4] <= (days or 0) for way in self.ways[year]]
        return stated["service_level"] or 0.0, near, stated["service_penalty_per_unit"]

    def _whole_by_lane(
        self,
        year: int,
        demand: np.ndarray,
        capacity: np.ndarray,
        least: np.ndarray,
        near: list[bool],
        level: float,
        penalty: float | None,
    ) -> float:
        best = IMPOSSIBLE
        places = np.flatnonzero(demand)
        ways = list(zip(self.ways[year], near, strict=True))
        choices = [
            [(way, close) for way, close in ways if way[1] == place and way[5] >= demand[place] - 1e-9]
            for place in places
        ]
        for chosen in itertools.product(*choices):
            sent = np.zeros(len(capacity))
            reached = cost = 0.0
            for way, close in chosen:
                units = float(demand[way[1]])
                sent[way[0]] += units
                reached += units * close
                cost += units * way[2]
            if penalty is not None:
                cost += penalty * max(level - reached, 0.0)
            kept = penalty is not None or reached >= level - 1e-9
            if (sent <= capacity + 1e-9).all() and (sent >= least - 1e-9).all() and kept:
                best = min(best, cost)
        return best


def random_lanes(rng: np.random.Generator, tables: NetworkTables, years: tuple[int, ...]) -> NetworkTables:
    """The same network, each pair with a few modes, capacities near the demand, and rows of some years."""
    rows: list[dict[str, Any]] = []
    modes: list[str | None] = [None, "ltl", "parcel", "tl"]

    def row(pair: tuple[int, int], mode: str | None) -> dict[str, Any]:
        stated: dict[str, Any] = {
            "at": pair, "mode": mode, "cost": float(rng.integers(0, 40)), "miles": float(rng.integers(1, 100)),
            "days": float(rng.integers(1, 6)),
        }  # fmt: skip
        if rng.random() < 0.5:
            stated["most"] = float("inf") if rng.random() < 0.2 else float(rng.integers(0, 40))
        return stated

    pairs = sorted(set(zip(tables.lanes.facility.tolist(), tables.lanes.destination.tolist(), strict=True)))
    for pair in pairs:
        for mode in rng.choice(4, int(rng.integers(1, 3)), replace=False):
            general = row(pair, modes[mode])
            if years == (1,) or rng.random() < 0.85:
                rows.append(general)
            rows += [
                row(pair, modes[mode]) | {"year": float(year)} for year in years if rng.random() < 0.15 and year > 1
            ]
    return with_lanes(tables, rows or [row((0, 0), None)])


def with_rates(rng: np.random.Generator, tables: NetworkTables) -> tuple[NetworkTables, dict[str, Any]]:
    """Some lanes without a price, and for each mode two bands of 50 miles, of all bases, with minimum and fuel.

    Lanes of suppliers too, where there are any.
    """
    modes = ("ltl", "parcel", "tl")
    bands = [(mode, low, high) for mode in modes for low, high in ((np.nan, 50.0), (50.0, np.nan))]
    some = rng.random(len(bands))
    rates = Rates(
        mode=tuple(mode for mode, _, _ in bands),
        basis=tuple(rng.choice(["unit", "cwt", "mile", "package", "shipment"], len(bands)).tolist()),
        rate=rng.integers(1, 30, len(bands)).astype(float),
        distance_from=np.array([low for _, low, _ in bands]),
        distance_to=np.array([high for _, _, high in bands]),
        minimum=np.where(some < 0.5, rng.integers(1, 80, len(bands)).astype(float), np.nan),
        fuel_percent=np.where(rng.random(len(bands)) < 0.5, 12.5, np.nan),
    )
    return replace(_without_prices(rng, tables), rates=rates), dict(FACTORS)


def with_fits(rng: np.random.Generator, tables: NetworkTables) -> tuple[NetworkTables, dict[str, Any]]:
    """Some lanes without a price, and for each mode a function of miles and of the 200 lb that a shipment weighs."""
    modes = ("ltl", "parcel", "tl")

    def each(value: float) -> np.ndarray:
        return np.full(len(modes), value)

    fits = FittedRates(
        mode=modes,
        weight_from=each(100),
        weight_to=each(np.nan),
        fixed=rng.integers(0, 90, 3).astype(float),
        per_mile=rng.uniform(0, 2, 3).round(3),
        per_cwt_mile=rng.uniform(0, 1, 3).round(3),
        miles_from=each(0),
        miles_to=each(100),
        pounds_from=each(150),
        pounds_to=each(200),
        shipments=each(99),
        **{name: each(0.5) for name in ("median_error_percent", "mean_error_percent", "r_squared")},
        **dict.fromkeys(("first_month", "last_month", "accepted_by", "accepted_on"), ("2025-01",) * 3),
    )
    return replace(_without_prices(rng, tables), fitted_rates=fits), dict(FACTORS)


def _without_prices(rng: np.random.Generator, tables: NetworkTables) -> NetworkTables:
    """Some lanes that have a mode lose their price, those of suppliers too."""
    parts: dict[str, Any] = {}
    for name in ("lanes", "inbound_lanes"):
        lanes = getattr(tables, name)
        unpriced = (rng.random(len(lanes)) < 0.6) & np.array([mode is not None for mode in lanes.mode], dtype=bool)
        parts[name] = replace(lanes, cost_per_unit=np.where(unpriced, np.nan, lanes.cost_per_unit))
    return replace(tables, **parts)


def random_lane_case(seed: int) -> tuple[NetworkTables, TransportParameters]:
    rng = np.random.default_rng([seed, 77])
    sites, places = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    tables = random_network(rng, sites, places, int(rng.integers(1, 4)))
    years = sorted({*tables.demand.year.tolist(), *tables.forecast.year.tolist()})
    stated: dict[str, Any] = {
        "lease_years": int(rng.integers(1, 4)), "single_sourcing": bool(rng.random() < 0.4), "gap": 0.0,
    }  # fmt: skip
    service: dict[str, Any] = {}
    kind = rng.integers(3)
    if kind:
        limit = {"max_distance_miles": 50.0} if kind == 1 else {"max_transit_days": 3.0}
        stated |= {"service_level": float(rng.choice([0.3, 0.6, 0.9])), **limit}
        if rng.random() < 0.5:
            stated["service_penalty_per_unit"] = float(rng.integers(1, 60))
        if years and rng.random() < 0.5:
            some = [year for year in years if rng.random() < 0.6]
            service = {"year": np.array(some, dtype=np.int64)}
            for name, low, high in [("service_level", 0.0, 1.0), (next(iter(limit)), 1, 80 if kind == 1 else 6)]:
                values = rng.uniform(low, high, len(some)).round(2)
                service[name] = np.where(rng.random(len(some)) < 0.5, values, np.nan)
            if rng.random() < 0.3:
                service["service_penalty_per_unit"] = rng.integers(1, 60, len(some)).astype(float)
    if rng.random() < 0.3:
        stated["max_facilities"] = int(rng.integers(1, 3))
    tables = replace(random_lanes(rng, tables, tuple(years) or (1,)), service_years=ServiceYears(**service))
    if rng.random() < 0.4:
        tables, factors = with_rates(rng, tables)
        stated |= factors
    return tables, parameters(**stated)
