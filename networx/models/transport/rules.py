"""What each facility may do in which year, and what opening and closing it costs, from the sheets of a network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import SINGLE_YEAR
from networx.errors import Problem, RefusedInput
from networx.models.transport.refusals import name_rows, row_name

YEAR_COLUMNS = ("available_from_year", "available_to_year", "forced_from_year", "forced_to_year")


@dataclass(frozen=True)
class SiteRules:
    """Years T, facilities I. `may` and `must` be open are of shape (T, I); the rest (I,), dollars, units and years.

    `lease` is the fewest years that a facility stays open once it opened. `existing` ones are open before the first
    year: keeping them costs no opening, and their lease has run.
    """

    may: Flags
    must: Flags
    lease: Floats
    existing: Flags
    opening_cost: Floats
    closing_cost: Floats
    min_throughput: Floats

    @cached_property
    def ever(self) -> Flags:
        """(I,): may be open in some year."""
        some: Flags = np.logical_or.reduce(self.may, axis=0)
        return some

    @cached_property
    def whole(self) -> Flags:
        """(I,): open in all the years in which it may be, or in none, since its lease is as long as the plan."""
        lasting: Flags = self.lease >= len(self.may)
        return lasting

    @cached_property
    def fixed_set(self) -> bool:
        """Whether that holds for every facility that may open."""
        return bool(self.whole[self.ever].all())

    @cached_property
    def one_time_costs(self) -> bool:
        """Whether opening or closing costs anything."""
        return bool(self.opening_cost.any() or self.closing_cost.any())

    @cached_property
    def always(self) -> Flags:
        """(T, I): open in every plan. One that has to be open in a year and never changes is so in all its years."""
        lasting: Flags = self.must | (self.may & self.whole & self.must.any(axis=0))
        return lasting

    def of_years(self, years: slice) -> SiteRules:
        """The same for some of the years alone."""
        return replace(self, may=self.may[years], must=self.must[years])

    def without_one_time_costs(self) -> SiteRules:
        """The same where opening and closing is free."""
        nothing = np.zeros_like(self.opening_cost)
        return replace(self, opening_cost=nothing, closing_cost=nothing)

    def one_time_cost(self, opened: Flags) -> Floats:
        """What opening and closing costs in each year, of shape (T, I); the end of the plan closes nothing."""
        if not self.one_time_costs:
            return np.zeros(opened.shape)
        before = np.vstack([self.existing[None, :], opened[:-1]])
        cost: Floats = (opened & ~before) * self.opening_cost + (~opened & before) * self.closing_cost
        return cost


def site_rules(tables: NetworkTables, parameters: TransportParameters, years: tuple[int, ...]) -> SiteRules:
    """Raises RefusedInput naming what contradicts itself."""
    _refuse_contradictions(tables, years)
    sites = tables.facilities
    label = np.array(years, dtype=np.float64)[:, None]
    status = _status(tables, years)
    within = (label >= _or(sites.available_from_year, -np.inf)) & (label <= _or(sites.available_to_year, np.inf))
    forced = (label >= sites.forced_from_year) & (label <= sites.forced_to_year)
    named = ~np.isnan(sites.forced_from_year)
    may = (status != "forbidden") & within
    must = np.where(named, forced | (_in_year(tables, years) == "mandatory"), status == "mandatory") & within
    stated = float(len(years) if parameters.lease_years is None else parameters.lease_years)
    return SiteRules(
        may=may,
        must=must & may,
        lease=np.minimum(_or(sites.lease_years, stated), len(years)),
        existing=np.array([word == "yes" for word in sites.existing], dtype=bool),
        opening_cost=_or(sites.opening_cost, 0.0),
        closing_cost=_or(sites.closing_cost, 0.0),
        min_throughput=_or(sites.min_throughput_units, 0.0),
    )


def _or(values: Floats, otherwise: float) -> Floats:
    filled: Floats = np.where(np.isnan(values), otherwise, values)
    return filled


def _in_year(tables: NetworkTables, years: tuple[int, ...]) -> np.ndarray:
    """What FacilityYears says of a facility's status in a year, of shape (T, I); None where it says nothing."""
    stated = np.full((len(years), len(tables.facilities)), None, dtype=object)
    changes = tables.facility_years
    for facility, year, status in zip(changes.facility, changes.year, changes.status, strict=True):
        if status is not None and int(year) in years:
            stated[years.index(int(year)), facility] = status
    return stated


def _status(tables: NetworkTables, years: tuple[int, ...]) -> np.ndarray:
    """The status of each facility in each year, of shape (T, I)."""
    own = np.broadcast_to(np.array(tables.facilities.status, dtype=object), (len(years), len(tables.facilities)))
    stated = _in_year(tables, years)
    return np.where(stated == None, own, stated)  # noqa: E711  # elementwise


def _refuse_contradictions(tables: NetworkTables, years: tuple[int, ...]) -> None:
    sites = tables.facilities

    def named(faulty: np.ndarray, column: str, message: str) -> list[Problem]:
        values = getattr(sites, column)
        return name_rows(faulty, partial(_problem, tables, column, message, values))

    problems: list[Problem] = []
    for column in YEAR_COLUMNS:
        values = getattr(sites, column)
        stated = ~np.isnan(values)
        problems += named(stated & (values != np.floor(values)), column, "must be a whole year")
        if years == (SINGLE_YEAR,):
            problems += named(
                stated, column, "has no meaning while the plan is one year without a name; state Forecast"
            )
    for kind in ("available", "forced"):
        first, last = getattr(sites, f"{kind}_from_year"), getattr(sites, f"{kind}_to_year")
        problems += named(first > last, f"{kind}_to_year", f"must not be before {kind}_from_year")
    alone = np.isnan(sites.forced_from_year) != np.isnan(sites.forced_to_year)
    problems += named(alone, "forced_from_year", "and forced_to_year must be stated together")
    lease = _or(sites.lease_years, 1.0)
    problems += named((lease != np.floor(lease)) | (lease < 1), "lease_years", "must be a whole number, 1 or more")
    outside = (sites.forced_from_year < _or(sites.available_from_year, -np.inf)) | (
        sites.forced_to_year > _or(sites.available_to_year, np.inf)
    )
    problems += named(outside, "forced_from_year", "forces it open in years in which it is not available")
    late = np.zeros((len(years), len(sites)), dtype=bool)
    label = np.array(years, dtype=np.float64)[:, None]
    late |= (label < _or(sites.available_from_year, -np.inf)) | (label > _or(sites.available_to_year, np.inf))
    clash = ((_in_year(tables, years) == "mandatory") & late).any(axis=0)
    problems += named(clash, "available_from_year", "leaves out a year in which FacilityYears calls it mandatory")
    forbidden = np.array([status == "forbidden" for status in sites.status]) & ~np.isnan(sites.forced_from_year)
    problems += named(forbidden, "forced_from_year", "forces a forbidden facility open")
    if problems:
        raise RefusedInput(problems)


def _problem(tables: NetworkTables, column: str, message: str, values: Floats, position: int) -> Problem:
    value = values[position]
    return Problem(
        f"{column} of {row_name(tables, 'Facilities', position)} {message}.",
        "rule",
        "Facilities",
        None,
        column,
        None if np.isnan(value) else f"{value:g}",
    )
