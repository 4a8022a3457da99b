"""How much of each year's demand a plan serves from near, what the service level lacks, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.measures import read_miles
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters


@dataclass(frozen=True, slots=True)
class Asked:
    """Of one year; None where it is not stated. Miles or days, a share, and dollars a unit."""

    max_distance_miles: float | None
    max_transit_days: float | None
    service_level: float | None
    service_penalty_per_unit: float | None

    @property
    def within(self) -> str | None:
        """How far near is, in words."""
        if self.max_transit_days is not None:
            return f"{self.max_transit_days:g} {'day' if self.max_transit_days == 1 else 'days'}"
        return None if self.max_distance_miles is None else f"{self.max_distance_miles:,.6g} miles"

    def share(self, units: Floats, miles: Floats, days: Floats) -> float | None:
        """The share of these units that is served from near; None where nobody can say."""
        limit, far = self.max_transit_days, days
        if limit is None and self.max_distance_miles is not None:
            limit, far = float(read_miles(self.max_distance_miles)), read_miles(miles)
        # A unit whose distance is not known is not known to be near; with no distance at all there is no level.
        if limit is None or not units.sum() > 0 or bool(np.isnan(far).all()):
            return None
        return float(units[far <= limit].sum()) / float(units.sum())

    def lacking(self, units: float, share: float | None) -> tuple[float, float]:
        """Units that the level lacks of all these, and their cost where it has a price."""
        if not self.service_level:
            return 0.0, 0.0
        short = max(self.service_level - (share or 0.0), 0.0) * units
        return short, short * (self.service_penalty_per_unit or 0.0)


def asked_by_year(tables: NetworkTables, parameters: TransportParameters, years: Sequence[int]) -> list[Asked]:
    """The parameters, with the year's row of ServiceYears in their place where it says something."""
    rows = tables.service_years
    row_of = {int(year): row for row, year in enumerate(rows.year)}

    def value(name: str, year: int) -> float | None:
        own = float(getattr(rows, name)[row_of[year]]) if year in row_of else float("nan")
        general: float | None = getattr(parameters, name)
        return general if np.isnan(own) else own

    return [Asked(*(value(name, year) for name in Asked.__dataclass_fields__)) for year in years]
