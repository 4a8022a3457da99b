"""The service level: how much of each year's demand has to come from how near, and what lacking it costs.

Near is within a number of miles or of transit days, one of the two in a scenario. Where a penalty is stated the level
is a target: it may be missed, and every unit that is lacking costs so much. A row of ServiceYears replaces the
parameters in its year, cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.measures import read_miles
from networx.domain.network import NetworkTables
from networx.domain.parameters import SHEET, TransportParameters
from networx.domain.phrases import SINGLE_YEAR, years_listed
from networx.errors import Problem, RefusedInput
from networx.models.transport.lanes import PricedLanes
from networx.models.transport.refusals import name_rows, repeated

NAMES = ("service_level", "max_distance_miles", "max_transit_days", "service_penalty_per_unit")
YEARS_SHEET = "ServiceYears"
MILES, DAYS = "max_distance_miles", "max_transit_days"


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """Years T. `level` is a share, 0 where none is asked; `limit` is in miles or days, as `measure` names it.

    `penalty` is in dollars a unit, inf where the level has to be reached. `own_level` and `own_limit` say in which
    years the two stand in ServiceYears and not in Parameters.
    """

    measure: str
    level: Floats
    limit: Floats
    penalty: Floats
    own_level: Flags
    own_limit: Flags

    @property
    def asked(self) -> bool:
        """Whether any year has a level."""
        return bool(self.level.any())

    @property
    def hard(self) -> bool:
        """Whether a level has to be reached in some year."""
        return bool((np.isinf(self.penalty) & (self.level > 0)).any())

    @property
    def priced(self) -> bool:
        """Whether a level may be missed at its price in some year."""
        return bool((np.isfinite(self.penalty) & (self.level > 0)).any())

    @property
    def alike(self) -> bool:
        """Whether all years ask the same."""
        columns = (self.level, np.where(self.level > 0, self.limit, 0.0), np.where(self.level > 0, self.penalty, 0.0))
        return all(bool((column == column[0]).all()) for column in columns)

    def of_years(self, years: slice) -> ServiceRules:
        """The same for some of the years alone."""
        return replace(
            self,
            level=self.level[years],
            limit=self.limit[years],
            penalty=self.penalty[years],
            own_level=self.own_level[years],
            own_limit=self.own_limit[years],
        )

    def far(self, lanes: PricedLanes) -> Floats:
        """How far each lane is, in miles as they are held against the limit or in days."""
        return read_miles(lanes.miles) if self.measure == MILES else lanes.days

    def near(self, lanes: PricedLanes) -> Flags:
        """Of shape (T, L): which lanes count as near; none in a year without a level."""
        if not self.asked:
            return np.broadcast_to(np.False_, (len(self.level), len(lanes)))
        near: Flags = (self.far(lanes)[None, :] <= self.limit[:, None]) & (self.level > 0)[:, None]
        return near

    def shortfall(self, demand: Floats, served_near: Floats) -> Floats:
        """Units by year that a level lacks; `demand` (T, J), `served_near` (T,) units."""
        lacking: Floats = np.maximum(self.level * demand.sum(axis=1) - served_near, 0.0)
        return lacking

    def cost(self, shortfall: Floats) -> float:
        """Dollars of units that are lacking where that has a price."""
        return float(np.where(np.isfinite(self.penalty), self.penalty, 0.0) @ shortfall)

    def within(self, year: int) -> str:
        """How far near is in a year, in words."""
        limit, one = float(self.limit[year]), "mile" if self.measure == MILES else "day"
        return f"{limit:g} {one if limit == 1 else one + 's'}"


def no_service(years: int) -> ServiceRules:
    """Of so many years, none of which asks for anything."""
    unlimited, none = np.full(years, np.inf), np.zeros(years, dtype=bool)
    return ServiceRules(MILES, np.zeros(years), unlimited, unlimited, none, none)


def service_rules(tables: NetworkTables, parameters: TransportParameters, years: tuple[int, ...]) -> ServiceRules:
    """Raises RefusedInput naming what contradicts itself or is missing."""
    _refuse_bad_rows(tables, years)
    rows = tables.service_years
    at = np.searchsorted(years, rows.year)
    stated: dict[str, Floats] = {}
    by_row: dict[str, Flags] = {}
    for name in NAMES:
        value, own = getattr(parameters, name), getattr(rows, name)
        column, of_row = np.full(len(years), np.nan if value is None else float(value)), np.zeros(len(years), bool)
        column[at] = np.where(np.isnan(own), column[at], own)
        of_row[at] = ~np.isnan(own)
        stated[name], by_row[name] = column, of_row
    _refuse_contradictions(stated, years)
    measure = DAYS if not np.isnan(stated[DAYS]).all() else MILES
    return ServiceRules(
        measure=measure,
        level=np.nan_to_num(stated["service_level"]),
        limit=read_miles(stated[MILES]) if measure == MILES else stated[DAYS],
        penalty=np.where(np.isnan(stated["service_penalty_per_unit"]), np.inf, stated["service_penalty_per_unit"]),
        own_level=by_row["service_level"],
        own_limit=by_row[measure],
    )


def stated_where(own: Flags, at: Sequence[int], years: tuple[int, ...]) -> str:
    """Where what is asked at these positions of `years` stands, as a sentence goes on; empty where in Parameters."""
    named = [years[position] for position in at if own[position]]
    if not named:
        return ""
    rows = f"the row{'' if len(named) == 1 else 's'} of {years_listed(named)} in the sheet {YEARS_SHEET}"
    return f" in {rows}" if len(named) == len(at) else f" in {SHEET} and in {rows}"


def _refuse_contradictions(stated: dict[str, Floats], years: tuple[int, ...]) -> None:
    given = {name: ~np.isnan(column) for name, column in stated.items()}
    asked = stated["service_level"] > 0
    problems = []
    if given[MILES].any() and given[DAYS].any():
        message = (
            "max_distance_miles and max_transit_days are both stated, and the service level can speak of one alone; "
            "remove one of the two, in Parameters and ServiceYears."
        )
        problems.append(_problem(message, "service", DAYS))
    lacking = asked & ~given[MILES] & ~given[DAYS]
    if lacking.any():
        named = years_listed([year for year, lacks in zip(years, lacking, strict=True) if lacks])
        message = f"service_level is stated for {named} without max_distance_miles or max_transit_days; state one."
        problems.append(_problem(message, "required", MILES))
    if given["service_penalty_per_unit"].any() and not given["service_level"].any():
        message = "service_penalty_per_unit is the price of missing service_level, which is not stated; state it."
        problems.append(_problem(message, "required", "service_level"))
    if problems:
        raise RefusedInput(problems)


def _problem(message: str, rule: str, column: str) -> Problem:
    return Problem(message, rule, SHEET, None, column)


def _refuse_bad_rows(tables: NetworkTables, years: tuple[int, ...]) -> None:
    rows = tables.service_years

    def problem(column: str, rule: str, what: str, row: int) -> Problem:
        message = f"{column} of ServiceYears in {rows.year[row]} {what}."
        return Problem(message, rule, YEARS_SHEET, None, column, f"{getattr(rows, column)[row]:g}")

    def faulty(column: str, rule: str, what: str, where: Flags) -> list[Problem]:
        return name_rows(where, partial(problem, column, rule, what))

    unnamed = years == (SINGLE_YEAR,)
    problems = faulty("year", "unknown_year", "is not a year of the plan", unnamed | ~np.isin(rows.year, years))
    problems += faulty("year", "repeated", "is stated more than once", repeated(rows.year, np.zeros_like(rows.year)))
    above_one = rows.service_level > 1
    problems += faulty("service_level", "number", "must be a share from 0 to 1", above_one)
    for name in NAMES:
        values = getattr(rows, name)
        problems += faulty(name, "number", "must be a number, 0 or more", (values < 0) | np.isinf(values))
    if problems:
        raise RefusedInput(problems)
