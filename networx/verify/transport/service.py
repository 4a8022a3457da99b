"""What the service level asks of each year, read afresh, and what a plan lacks of it.

A level is asked within miles or within days. It has to be reached, unless the data states what each unit costs that it
is short of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Floats, Ints
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Check
from networx.verify.measure import worst_of
from networx.verify.miles import millionths
from networx.verify.transport.facts import Facts

RESIDUAL = 1e-7  # of the right-hand side


@dataclass(frozen=True, slots=True)
class Service:
    """One year. NaN: not stated. `penalty` is in dollars a unit."""

    level: float
    miles: float
    days: float
    penalty: float

    @property
    def asked(self) -> bool:
        return self.level > 0

    @property
    def hard(self) -> bool:
        return self.asked and math.isnan(self.penalty)

    def near(self, miles: Floats, days: Floats) -> np.ndarray:
        """What is within every limit that is stated; an unknown distance is not, and nothing is without a limit."""
        within = np.full(miles.shape, not (math.isnan(self.miles) and math.isnan(self.days)))
        if not math.isnan(self.miles):
            within &= millionths(miles) <= millionths(self.miles)
        if not math.isnan(self.days):
            within &= days <= self.days
        return within


def services(tables: NetworkTables, parameters: TransportParameters, years: tuple[int, ...]) -> list[Service]:
    """Year by year: what a row of ServiceYears says, else the parameter."""
    rows = tables.service_years
    row_of = {int(year): row for row, year in enumerate(rows.year)}

    def value(name: str, year: int) -> float:
        own = math.nan if year not in row_of else float(getattr(rows, name)[row_of[year]])
        general = getattr(parameters, name)
        return own if not math.isnan(own) else math.nan if general is None else float(general)

    names = ("service_level", "max_distance_miles", "max_transit_days", "service_penalty_per_unit")
    return [Service(*(value(name, year) for name in names)) for year in years]


def lacking_units(asked: list[Service], facts: Facts, year: Ints, units: Floats, miles: Floats, days: Floats) -> Floats:
    """By year, the units that the level lacks; negative where it is more than reached, 0 where none is asked."""
    lacking = np.zeros(len(facts.years))
    for at, service in enumerate(asked):
        if service.asked:
            mine = year == at
            served = units[mine][service.near(miles[mine], days[mine])]
            near = math.fsum(served.tolist()) if np.isfinite(np.abs(served).sum()) else math.nan
            lacking[at] = service.level * facts.demand[at].sum() - near
    return lacking


def service_check(asked: list[Service], facts: Facts, lacking: Floats) -> Check:
    """Of the years in which the level has to be reached."""
    hard = np.array([service.hard for service in asked])
    needed = np.array([service.level for service in asked]) * facts.demand.sum(axis=1)
    share = np.where(hard, lacking / np.where(needed > 0, needed, 1.0), 0.0)
    return worst_of("service level is reached", share, RESIDUAL, lambda at: str(facts.years[at[0]]))


def penalties(asked: list[Service], lacking: Floats) -> list[float]:
    """Dollars by year for what is lacking where that has a price."""
    return [
        service.penalty * max(float(short), 0.0) if service.asked and not service.hard else 0.0
        for service, short in zip(asked, lacking, strict=True)
    ]
