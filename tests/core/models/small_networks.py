"""Small networks for the tests of models and certificates, written the way one would say them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from networx.domain.network import (
    Demand,
    Destinations,
    Expansions,
    Facilities,
    FacilityYears,
    Forecast,
    InboundLanes,
    Lanes,
    NetworkTables,
    Suppliers,
)
from networx.domain.parameters import TransportParameters

UNLIMITED = float("inf")
NOT_STATED = float("nan")


def network(
    facilities: Sequence[tuple[Any, ...]],
    destinations: Sequence[tuple[Any, ...]],
    lanes: Sequence[tuple[Any, ...]] = (),
    *,
    demand: Sequence[tuple[int, int, float]] = (),
    forecast: Sequence[tuple[int, float]] = (),
    facility_years: Sequence[tuple[int, int, float, float]] = (),
) -> NetworkTables:
    """Facilities are (name, capacity, fixed cost[, status[, latitude, longitude]]), destinations (name, demand[,
    latitude, longitude]), lanes (facility, destination, cost[, miles]), demand (destination, year, units), forecast
    (year, units), facility years (facility, year, cost, capacity).
    """
    sites = _filled(facilities, ("candidate", NOT_STATED, NOT_STATED), 6)
    places = _filled(destinations, (NOT_STATED, NOT_STATED), 4)
    ways = _filled(lanes, (NOT_STATED,), 4)
    return NetworkTables(
        Facilities(
            name=tuple(row[0] for row in sites),
            **_nowhere(len(sites)),
            latitude=_floats(sites, 4),
            longitude=_floats(sites, 5),
            capacity_units=_floats(sites, 1),
            fixed_cost_per_year=_floats(sites, 2),
            status=tuple(row[3] for row in sites),
        ),
        Destinations(
            name=tuple(row[0] for row in places),
            **_nowhere(len(places)),
            latitude=_floats(places, 2),
            longitude=_floats(places, 3),
            demand_units=_floats(places, 1),
        ),
        Demand(_codes(demand, 0), _years(demand, 1), _floats(demand, 2)),
        Forecast(_years(forecast, 0), _floats(forecast, 1)),
        Lanes(_codes(ways, 0), _codes(ways, 1), _floats(ways, 2), _floats(ways, 3)),
        FacilityYears(
            _codes(facility_years, 0),
            _years(facility_years, 1),
            _floats(facility_years, 2),
            _floats(facility_years, 3),
        ),
    )


def expansions(rows: Sequence[tuple[Any, ...]]) -> Expansions:
    """Rows are (facility, tier, units added, fixed cost a year, one-time cost)."""
    return Expansions(_codes(rows, 0), _years(rows, 1), _floats(rows, 2), _floats(rows, 3), _floats(rows, 4))


def with_suppliers(
    tables: NetworkTables, suppliers: Sequence[tuple[Any, ...]], lanes: Sequence[tuple[Any, ...]] = ()
) -> NetworkTables:
    """Suppliers are (name, supply[, cost a unit, latitude, longitude]), lanes (supplier, facility, cost[, miles])."""
    rows, ways = _filled(suppliers, (NOT_STATED,) * 3, 5), _filled(lanes, (NOT_STATED,), 4)
    return replace(
        tables,
        suppliers=Suppliers(
            name=tuple(row[0] for row in rows),
            zip=(None,) * len(rows),
            latitude=_floats(rows, 3),
            longitude=_floats(rows, 4),
            supply_units=_floats(rows, 1),
            cost_per_unit=_floats(rows, 2),
        ),
        inbound_lanes=InboundLanes(_codes(ways, 0), _codes(ways, 1), _floats(ways, 2), _floats(ways, 3)),
    )


def parameters(**stated: Any) -> TransportParameters:
    return TransportParameters(**{"single_sourcing": False, "lease_years": 99, **stated})


def two_sites(**changes: Any) -> NetworkTables:
    """Worked out by hand, over 2026 (70 units) and 2027 (105 units: half as much again).

                 capacity   fixed a year   to Elm (40 -> 60)   to Oak (30 -> 45)
        North       110         100          $1,  10 miles       $4, 200 miles
        South        40          50          $3, 150 miles       $1,  20 miles

    Only North: 2 x 100 + (40 x 1 + 30 x 4) + (60 x 1 + 45 x 4) = 200 + 160 + 240 = 600. Only South: 40 < 70 units.
    Both: 2 x 150 = 300. 2026: 40 x 1 + 30 x 1 = 70. 2027: 60 x 1, and South has 40 of Oak's 45 units, so that 5 come
    from North: 60 + 40 x 1 + 5 x 4 = 120. Together 300 + 70 + 120 = 490, the optimum. Within 100 miles travel 70 of 70
    units and 100 of 105 (95.238 %).
    """
    told: dict[str, Any] = {
        "facilities": [("North", 110, 100), ("South", 40, 50)],
        "destinations": [("Elm", 40), ("Oak", 30)],
        "lanes": [(0, 0, 1, 10), (0, 1, 4, 200), (1, 0, 3, 150), (1, 1, 1, 20)],
        "forecast": [(2026, 70), (2027, 105)],
    }
    return network(**{**told, **changes})


def growing(**changes: Any) -> NetworkTables:
    """Worked out by hand, over three years of 100, 150 and 200 units.

              capacity  fixed a year  to Elm (60 %)  to Oak (40 %)
        North     80        100             $1             $3       mandatory
        South     60         50             $4             $1       mandatory
        West     100        500             $2             $2       candidate
        Hut       30         90             $2             $2       candidate

    2026: Elm 60 from North, Oak 40 from South: $100. North and South hold 140: 10 units short in 2027, 60 in 2028, both
    sent at $1: $140. Relief: 2027 lacks 10, 2028 lacks 60. West alone from 2027 on (3 x 500 from 2026, or 2 x 500) is
    dearer than Hut from 2027 (2 x 90) and West from 2028 (500): Hut does for 2027 (30 >= 10), and 2028 needs 60 > 30.
    West alone in 2027 and 2028: 1,000; Hut from 2027 and West from 2028: 680; and units from either cost $2. So fixed
    3 x 150 + 180 + 500 = 1,130. Transport: 2026 $100, 2027 80 + 60 + 10 x 2 = $160, 2028 80 + 60 + 60 x 2 = $260. Hut
    in 2026 saves nothing. 1,650 in all.
    """
    told: dict[str, Any] = {
        "facilities": [
            ("North", 80, 100, "mandatory"),
            ("South", 60, 50, "mandatory"),
            ("West", 100, 500),
            ("Hut", 30, 90),
        ],
        "destinations": [("Elm", 60), ("Oak", 40)],
        "lanes": [(0, 0, 1), (0, 1, 3), (1, 0, 4), (1, 1, 1), (2, 0, 2), (2, 1, 2), (3, 0, 2), (3, 1, 2)],
        "forecast": [(2026, 100), (2027, 150), (2028, 200)],
    }
    return network(**{**told, **changes})


def priced(north: float) -> NetworkTables:
    """One year, no shortage: Elm's 60 come from North at $1 while it has room, the rest from South at $4."""
    return network(
        [("North", north, 100, "mandatory"), ("South", 100, 50, "mandatory")],
        [("Elm", 60)],
        [(0, 0, 1), (1, 0, 4)],
    )


def random_network(rng: np.random.Generator, sites: int, places: int, years: int) -> NetworkTables:
    """Unequal capacities, some unlimited, some too small; missing lanes; some years' capacity and cost of their own."""
    demand = rng.integers(0, 30, places)
    capacity = np.where(rng.random(sites) < 0.2, UNLIMITED, rng.integers(0, int(demand.sum()) + 2, sites))
    status = rng.choice(["candidate", "candidate", "candidate", "mandatory", "forbidden"], sites)
    lanes = [
        (i, j, float(rng.integers(0, 40)), float(rng.integers(1, 100)))
        for i in range(sites)
        for j in range(places)
        if rng.random() < 0.85
    ]
    labels = [2026 + year for year in range(years)]
    stated = [(j, year, float(rng.integers(0, 40))) for year in labels for j in range(places)]
    kind = rng.integers(3)
    overrides = [
        (i, year, float(rng.integers(0, 200)), NOT_STATED if rng.random() < 0.5 else float(rng.integers(0, 80)))
        for year in labels
        for i in range(sites)
        if rng.random() < 0.15
    ]
    return network(
        [(f"F{i}", capacity[i], float(rng.integers(0, 300)), str(status[i])) for i in range(sites)],
        [(f"D{j}", float(demand[j] + (kind == 1))) for j in range(places)],
        lanes or [(0, 0, 1.0, 1.0)],
        demand=stated if kind == 0 else [row for row in stated if rng.random() < 0.3 and kind == 2 and demand.sum()],
        forecast=[] if kind == 0 else [(year, float(rng.integers(0, 100)) if demand.sum() else 0.0) for year in labels],
        facility_years=overrides,
    )


def spread_network(sites: int, places: int, years: int, *, tightness: float, seed: int = 7) -> NetworkTables:
    """A network on a map; its capacities hold `tightness` times the demand, which moves from year to year."""
    rng = np.random.default_rng(seed)
    demand = rng.integers(50, 2_000, places).astype(float)
    capacity = np.round(rng.uniform(0.5, 1.5, sites) * tightness * demand.sum() / sites)
    where = rng.uniform((30, -120), (47, -75), (sites + places, 2))
    return network(
        [(f"F{i}", capacity[i], 20_000.0, "candidate", *where[i]) for i in range(sites)],
        [(f"D{j}", demand[j], *where[sites + j]) for j in range(places)],
        demand=[(j, 2026 + t, round(demand[j] * rng.uniform(0.8, 1.2))) for t in range(years) for j in range(places)],
    )


def _filled(rows: Sequence[tuple[Any, ...]], rest: tuple[Any, ...], width: int) -> list[tuple[Any, ...]]:
    """Rows of `width` cells, the last ones from `rest` where a row leaves them out."""
    return [(*row, *rest[len(rest) - (width - len(row)) :]) if len(row) < width else row for row in rows]


def _nowhere(count: int) -> dict[str, tuple[None, ...]]:
    return dict.fromkeys(("city", "state", "zip"), (None,) * count)


def _floats(rows: Sequence[tuple[Any, ...]], column: int) -> Any:
    return np.array([row[column] for row in rows], dtype=np.float64)


def _codes(rows: Sequence[tuple[Any, ...]], column: int) -> Any:
    return np.array([row[column] for row in rows], dtype=np.int32)


def _years(rows: Sequence[tuple[Any, ...]], column: int) -> Any:
    return np.array([row[column] for row in rows], dtype=np.int64)
