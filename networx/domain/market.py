"""The kinds of market figures: their unit, what is plausible, how old one may be, and how units become one.

The bounds catch a slip of unit or a broken feed (a price of 0, cents for dollars); they do not judge the market. The
limits of age are how long a figure may stand in for today's before it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class MarketKind:
    """One kind. Values from `least` to `most`, in `unit`; `units` are others that are converted, by their factors.

    A source is asked again after `fresh_for`; a figure as of longer ago than `oldest` is not used.
    """

    name: str
    meaning: str
    unit: str
    least: Decimal
    most: Decimal
    fresh_for: timedelta
    oldest: timedelta
    units: MappingProxyType[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))


_DAY = timedelta(days=1)
# Beyond, arithmetic and the record would round, or fail.
_MOST_DIGITS = 25
_LARGEST = Decimal(10) ** 15

MARKET_KINDS = {
    kind.name: kind
    for kind in (
        MarketKind(
            "diesel_price",
            "on-highway diesel at the pump, taxes included",
            "$/gal",
            Decimal("0.5"),
            Decimal(20),
            fresh_for=timedelta(hours=6),
            oldest=28 * _DAY,
            units=MappingProxyType({"cents/gal": Decimal("0.01"), "$/L": Decimal("3.785411784")}),
        ),
        MarketKind(
            "hourly_wage",
            "average hourly earnings of an industry's employees",
            "$/h",
            Decimal(2),
            Decimal(500),
            fresh_for=_DAY,
            oldest=200 * _DAY,
        ),
        MarketKind(
            "occupation_wage",
            "mean or median hourly wage of an occupation",
            "$/h",
            Decimal(2),
            Decimal(500),
            fresh_for=7 * _DAY,
            oldest=800 * _DAY,
        ),
        MarketKind(
            "lease_rate",
            "asking rent of warehouse space",
            "$/sqft/year",
            Decimal("0.25"),
            Decimal(500),
            fresh_for=_DAY,
            oldest=400 * _DAY,
            units=MappingProxyType({"$/sqft/month": Decimal(12)}),
        ),
        MarketKind(
            "road_miles",
            "the way by road between two places",
            "miles",
            Decimal(0),
            Decimal(10_000),
            fresh_for=30 * _DAY,
            oldest=400 * _DAY,
        ),
        MarketKind(
            "road_minutes",
            "the time of that way without stops",
            "minutes",
            Decimal(0),
            Decimal(20_000),
            fresh_for=30 * _DAY,
            oldest=400 * _DAY,
        ),
    )
}
ROADS = ("road_miles", "road_minutes")


def in_unit(kind: MarketKind, value: Decimal, unit: str) -> Decimal:
    """A value in the unit of its kind. Raises ValueError, which says why, for another unit or an implausible value."""
    if unit != kind.unit and unit not in kind.units:
        known = ", ".join((kind.unit, *kind.units))
        raise ValueError(f"its unit {unit[:40]!r} is none of {known}")
    if not value.is_finite():
        raise ValueError("it is no number")
    if len(value.as_tuple().digits) > _MOST_DIGITS or not -_LARGEST < value < _LARGEST:
        raise ValueError("it has more digits than a figure has")
    converted = value if unit == kind.unit else value * kind.units[unit]
    if not kind.least <= converted <= kind.most:
        between = f"a {kind.name} lies between {kind.least} and {kind.most}"
        raise ValueError(f"{converted:.6g} {kind.unit} is implausible: {between}")
    return converted
