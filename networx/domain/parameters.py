"""The parameters of a network: what a client may state in the sheet Parameters, and a scenario may override.

A parameter that is not given imposes nothing, except the required ones. Only engineering limits have defaults. A
capacity analysis reads those of transport and `sites` beside them; a transport scenario passes over `sites`, and is
held against what the parameters of `business` ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from networx.domain.business_parameters import BusinessParameters
from networx.domain.parameter_rules import amount, at_least_one, lease, only, parameter, positive, share, whole, yes_no
from networx.domain.phrases import nearest_parameter
from networx.errors import Problem, RefusedInput

SHEET = "Parameters"
OVERRIDES = "scenario parameters"
MEASURES = ("unit", "lb", "cwt", "package", "shipment", "pallet", "cubic_foot")
DEFAULT_TIME_LIMIT_SECONDS = 300.0
DEFAULT_GAP = 1e-6
ENGINES = ("auto", "highs", "lagrangian", "benders", "single_source", "years")
AUTO, HIGHS, LAGRANGIAN, BENDERS, SINGLE_SOURCE, YEARS = ENGINES


@dataclass(frozen=True, slots=True)
class TransportParameters:
    """The parameters of a transport scenario, parsed. None: not given, imposes nothing."""

    single_sourcing: bool | None = parameter(
        yes_no, "Required. yes: one facility serves all of a destination in a year; no: demand may be split."
    )
    lease_years: int | None = parameter(
        lease,
        "Required beyond one year. At or beyond the horizon: one set of facilities for all years. Shorter: what opens "
        "stays open at least so long, then year by year.",
        "years",
    )
    min_facilities: int | None = parameter(whole, "Fewest open facilities in each year.")
    max_facilities: int | None = parameter(whole, "Most open facilities in each year.")
    max_changes_per_year: int | None = parameter(
        whole, "Most facilities that open or close from one year to the next; the first year opens what it needs."
    )
    service_level: float | None = parameter(
        share,
        "Share of each year's demand to be served within max_distance_miles or max_transit_days.",
        "share 0-1",
    )
    max_distance_miles: float | None = parameter(positive, "The distance that service_level speaks of.", "miles")
    max_transit_days: float | None = parameter(
        amount, "The days that service_level speaks of, in place of a distance.", "days"
    )
    service_penalty_per_unit: float | None = parameter(
        positive,
        "Makes service_level a target: each unit that it is short of costs this much. Not given: it has to be reached.",
        "USD per unit",
    )
    cost_per_unit_mile: float | None = parameter(
        positive, "Prices lanes that the sheet Lanes does not list: this x miles x circuity.", "USD per unit and mile"
    )
    circuity: float | None = parameter(
        at_least_one, "Road miles per great-circle mile; required where miles are computed.", "ratio"
    )
    demand_basis: str | None = parameter(
        only(*MEASURES), "What a unit of this workbook's demand, capacities and prices is. Not given: a unit."
    )
    pounds_per_unit: float | None = parameter(positive, "Weight of a unit, for Rates.", "lb per unit")
    units_per_package: float | None = parameter(positive, "Units in a package, for Rates.", "units per package")
    units_per_shipment: float | None = parameter(positive, "Units in a shipment, for Rates.", "units per shipment")
    units_per_pallet: float | None = parameter(
        positive, "Units on a pallet, where demand_basis is pallet.", "units per pallet"
    )
    cubic_feet_per_unit: float | None = parameter(
        positive, "Cubic feet of a unit, where demand_basis is cubic_foot.", "cubic feet per unit"
    )
    currency: str | None = parameter(only("USD"), "Amounts are in US dollars.")
    distance_unit: str | None = parameter(only("miles"), "Distances are in miles.")
    engine: str = parameter(
        only(*ENGINES),
        "The engine that solves it; auto chooses by the scenario's structure and size.",
        "",
        AUTO,
    )
    time_limit_seconds: float = parameter(
        positive, "Longest solving time; the best plan found by then is kept.", "seconds", DEFAULT_TIME_LIMIT_SECONDS
    )
    gap: float = parameter(
        share, "Relative distance to the bound at which a plan counts as proven optimal.", "share 0-1", DEFAULT_GAP
    )


MANDATORY_SITES = "mandatory"
PLAN_OF_JOB = "job "


@dataclass(frozen=True, slots=True)
class SitesAsked:
    """The facilities that a capacity analysis takes as open: all mandatory ones, a finished job's plan, or by name.

    Neither `job` nor `names` stands for the mandatory ones.
    """

    job: UUID | None = None
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is stated."""
        return "; ".join(self.names) or (MANDATORY_SITES if self.job is None else f"{PLAN_OF_JOB}{self.job}")


def _sites(text: str) -> SitesAsked:
    if text == MANDATORY_SITES:
        return SitesAsked()
    if text.startswith(PLAN_OF_JOB) and ";" not in text:
        try:
            return SitesAsked(job=UUID(text.removeprefix(PLAN_OF_JOB).strip()))
        except ValueError:
            raise ValueError("must name a job by its id after the word job") from None
    names = tuple(name.strip() for name in text.split(";") if name.strip())
    if not names:
        raise ValueError(f"must be {MANDATORY_SITES}, job and its id, or names of facilities with ; between them")
    if len(set(names)) < len(names):
        raise ValueError("names a facility twice")
    return SitesAsked(names=names)


@dataclass(frozen=True, slots=True)
class CapacityParameters:
    """The parameters of a capacity analysis that are its own, parsed."""

    sites: SitesAsked | None = parameter(  # noqa: RUF009  # it makes a field
        _sites,
        "Required by a capacity analysis, read by nothing else: the facilities it takes as open. `mandatory`: all "
        "that have to be open; `job` and its id: those that the plan of this finished transport job opens; or their "
        "names with `;` between them.",
    )


CAPACITY_PARAMETERS = tuple(spec.name for spec in fields(CapacityParameters))
BUSINESS_PARAMETERS = tuple(spec.name for spec in fields(BusinessParameters))
NETWORK_PARAMETERS = fields(TransportParameters) + fields(CapacityParameters) + fields(BusinessParameters)


def parse_parameter(name: str, value: str) -> Any:
    """One parameter's value. Raises ValueError with what is wrong, in words that follow the parameter's name."""
    for spec in NETWORK_PARAMETERS:
        if spec.name == name:
            return spec.metadata["parse"](value.strip())
    raise ValueError(f"is not a parameter; {nearest_parameter(name, [spec.name for spec in NETWORK_PARAMETERS])}")


def transport_parameters(sheet: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> TransportParameters:
    """The sheet's parameters with a scenario's overrides on top. Raises RefusedInput naming every bad one."""
    beside = (*CAPACITY_PARAMETERS, *BUSINESS_PARAMETERS)
    own = {name: value for name, value in sheet.items() if name not in beside}
    foreign = [
        Problem(
            f"{name} belongs to a capacity analysis; remove it, or make a scenario of type capacity.",
            "parameter",
            sheet=OVERRIDES,
            column=name,
        )
        for name in overrides or {}
        if name in CAPACITY_PARAMETERS
    ]
    if foreign:
        raise RefusedInput(foreign)
    asked = {name: value for name, value in (overrides or {}).items() if name not in BUSINESS_PARAMETERS}
    return TransportParameters(**_parsed(own, asked))


def business_parameters(sheet: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> BusinessParameters:
    """What a transport scenario is held against. Raises RefusedInput naming every bad one."""
    stated, asked = (
        {name: value for name, value in source.items() if name in BUSINESS_PARAMETERS}
        for source in (sheet, overrides or {})
    )
    return BusinessParameters(**_parsed(stated, asked))


def capacity_parameters(
    sheet: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> tuple[TransportParameters, CapacityParameters]:
    """The same for a capacity analysis: what it shares with transport, and what is its own."""
    passed_over = {name: value for name, value in sheet.items() if name not in BUSINESS_PARAMETERS}
    parsed = _parsed(passed_over, _without_business(overrides or {}))
    own = {name: parsed.pop(name) for name in CAPACITY_PARAMETERS if name in parsed}
    return TransportParameters(**parsed), CapacityParameters(**own)


def _without_business(overrides: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises RefusedInput for a parameter that only a transport scenario is held against."""
    foreign = [name for name in overrides if name in BUSINESS_PARAMETERS]
    _refuse(
        [
            Problem(f"{name} belongs to a transport scenario; remove it.", "parameter", OVERRIDES, None, name)
            for name in foreign
        ]
    )
    return overrides


def _parsed(sheet: Mapping[str, str], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Every value by its own rule, overrides over the sheet. Raises RefusedInput naming every bad one."""
    stated: dict[str, tuple[str, str]] = {name: (value, SHEET) for name, value in sheet.items()}
    for name, value in overrides.items():
        if value is None:
            stated.pop(name, None)
        else:
            text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
            stated[name] = (text, OVERRIDES)
    parsed: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, (text, place) in stated.items():
        try:
            parsed[name] = parse_parameter(name, text)
        except ValueError as error:
            problems.append(Problem(f"{name} {error}.", "parameter", sheet=place, column=name, value=text))
    if problems:
        raise RefusedInput(problems)
    return parsed


def require_complete(parameters: TransportParameters, years: int) -> None:
    """Refuse what a transport scenario over `years` years must state and does not. Raises RefusedInput."""
    problems = _incomplete(parameters)
    if years > 1 and parameters.lease_years is None:
        cure = f"the plan has {years} years; state {years} for one set of facilities over all, fewer to let it change"
        problems.append(_missing("lease_years", cure))
    _refuse(problems)


def require_complete_capacity(parameters: TransportParameters, own: CapacityParameters) -> None:
    """Refuse what a capacity analysis must state and does not. Raises RefusedInput.

    It needs no lease_years: without it a facility that opens stays open to the end.
    """
    problems = _incomplete(parameters)
    if parameters.single_sourcing:
        message = (
            "single_sourcing yes is not supported by a capacity analysis: where destinations are served whole, no "
            "price of a unit of capacity holds; state no to let demand be split."
        )
        problems.append(_not_supported(message, "single_sourcing", "yes"))
    if own.sites is None:
        cure = f"state {MANDATORY_SITES}, {PLAN_OF_JOB}and its id, or the names of the facilities"
        problems.insert(0, _missing("sites", cure))
    _refuse(problems)


def _incomplete(parameters: TransportParameters) -> list[Problem]:
    problems: list[Problem] = []
    if parameters.single_sourcing is None:
        problems.append(_missing("single_sourcing", "state yes or no"))
    within = (parameters.max_distance_miles, parameters.max_transit_days)
    if parameters.service_level is not None and within == (None, None):
        cure = "service_level speaks of a distance; state it, or max_transit_days"
        problems.append(_missing("max_distance_miles", cure))
    if parameters.cost_per_unit_mile is not None and parameters.circuity is None:
        problems.append(_missing("circuity", "road miles per great-circle mile; state 1 for great-circle miles"))
    return problems


def _missing(name: str, cure: str) -> Problem:
    return Problem(f"{name} is missing: {cure}.", "required", sheet=SHEET, column=name)


def _not_supported(message: str, name: str, value: str) -> Problem:
    return Problem(message, "not_supported", sheet=SHEET, column=name, value=value)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise RefusedInput(problems)
