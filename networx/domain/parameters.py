"""The transport parameters: what a client may state in the sheet Parameters, and a scenario may override.

A parameter that is not given imposes nothing, except the required ones. Only engineering limits have defaults.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from networx.domain.phrases import counted, listed
from networx.errors import Problem, RefusedInput

SHEET = "Parameters"
DEFAULT_TIME_LIMIT_SECONDS = 300.0
DEFAULT_GAP = 1e-6


def _fail(text: str) -> Any:
    raise ValueError(text)


def _whole(text: str) -> int:
    number = _number(text)
    return int(number) if number == int(number) and number >= 0 else _fail("must be a whole number, 0 or more")


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return float(_fail("must be a number"))
    return number if math.isfinite(number) else float(_fail("must be a finite number"))


def _positive(text: str) -> float:
    number = _number(text)
    return number if number > 0 else float(_fail("must be above 0"))


def _share(text: str) -> float:
    percent = text.endswith("%")
    number = _number(text.removesuffix("%"))
    if 0 <= number <= 1 and not percent:
        return number
    meant = f"; write {number / 100:g} for {number:g} %" if 0 <= number <= 100 else ""
    return float(_fail(f"must be a share between 0 and 1{meant}"))


def _at_least_one(text: str) -> float:
    number = _number(text)
    return number if number >= 1 else float(_fail("must be 1 or more (1 means great-circle miles)"))


def _yes_no(text: str) -> bool:
    word = text.strip().lower()
    return word == "yes" if word in {"yes", "no"} else bool(_fail("must be yes or no"))


def _only(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        return text if text in allowed else str(_fail(f"must be {listed(allowed)}"))

    return parse


def _parameter(parse: Callable[[str], Any], note: str, unit: str = "", default: Any = None) -> Any:
    return field(default=default, metadata={"parse": parse, "note": note, "unit": unit})


@dataclass(frozen=True, slots=True)
class TransportParameters:
    """The parameters of a transport scenario, parsed. None: not given, imposes nothing."""

    single_sourcing: bool | None = _parameter(
        _yes_no, "Required. yes: one facility serves all of a destination in a year; no: demand may be split."
    )
    lease_years: int | None = _parameter(
        _whole,
        "Required beyond one year. At or beyond the horizon: one set of facilities for all years.",
        "years",
    )
    min_facilities: int | None = _parameter(_whole, "Fewest open facilities in each year.")
    max_facilities: int | None = _parameter(_whole, "Most open facilities in each year.")
    service_level: float | None = _parameter(
        _share, "Share of each year's demand to be served within max_distance_miles.", "share 0-1"
    )
    max_distance_miles: float | None = _parameter(_positive, "The distance that service_level speaks of.", "miles")
    cost_per_unit_mile: float | None = _parameter(
        _positive, "Prices lanes that the sheet Lanes does not list: this x miles x circuity.", "USD per unit and mile"
    )
    circuity: float | None = _parameter(
        _at_least_one, "Road miles per great-circle mile; required where miles are computed.", "ratio"
    )
    currency: str | None = _parameter(_only("USD"), "Amounts are in US dollars.")
    distance_unit: str | None = _parameter(_only("miles"), "Distances are in miles.")
    time_limit_seconds: float = _parameter(
        _positive, "Longest solving time; the best plan found by then is kept.", "seconds", DEFAULT_TIME_LIMIT_SECONDS
    )
    gap: float = _parameter(
        _share, "Relative distance to the bound at which a plan counts as proven optimal.", "share 0-1", DEFAULT_GAP
    )


# Stated by the contract, read by no model yet: refused by name, never ignored.
UNSUPPORTED_PARAMETERS = frozenset({"max_changes_per_year"})
TRANSPORT_PARAMETERS = tuple(spec.name for spec in fields(TransportParameters))


def parse_parameter(name: str, value: str) -> Any:
    """One parameter's value. Raises ValueError with what is wrong, in words that follow the parameter's name."""
    if name in UNSUPPORTED_PARAMETERS:
        raise ValueError("is not supported yet; remove it")
    for spec in fields(TransportParameters):
        if spec.name == name:
            return spec.metadata["parse"](value.strip())
    raise ValueError(f"is not a parameter; the parameters are {', '.join(TRANSPORT_PARAMETERS)}")


def transport_parameters(sheet: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> TransportParameters:
    """The sheet's parameters with a scenario's overrides on top. Raises RefusedInput naming every bad one."""
    stated: dict[str, tuple[str, str]] = {name: (value, SHEET) for name, value in sheet.items()}
    for name, value in (overrides or {}).items():
        if value is None:
            stated.pop(name, None)
        else:
            text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
            stated[name] = (text, "scenario parameters")
    parsed: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, (text, place) in stated.items():
        try:
            parsed[name] = parse_parameter(name, text)
        except ValueError as error:
            problems.append(Problem(f"{name} {error}.", "parameter", sheet=place, column=name, value=text))
    if problems:
        raise RefusedInput(problems)
    return TransportParameters(**parsed)


def require_complete(parameters: TransportParameters, years: int) -> None:
    """Refuse what a transport scenario over `years` years must state and does not. Raises RefusedInput."""
    problems: list[Problem] = []

    def missing(name: str, cure: str) -> None:
        problems.append(Problem(f"{name} is missing: {cure}.", "required", sheet=SHEET, column=name))

    if parameters.single_sourcing is None:
        missing("single_sourcing", "state yes or no")
    elif parameters.single_sourcing:
        problems.append(
            Problem(
                "single_sourcing yes is not supported yet; state no to let demand be split.",
                "not_supported",
                sheet=SHEET,
                column="single_sourcing",
                value="yes",
            )
        )
    if years > 1:
        if parameters.lease_years is None:
            missing("lease_years", f"the plan has {years} years; state {years} for one set of facilities over all")
        elif parameters.lease_years < years:
            problems.append(
                Problem(
                    f"lease_years {parameters.lease_years} is shorter than the horizon of {counted(years, 'year')}, "
                    f"which is not supported yet; state {years} or more for one set of facilities over all years.",
                    "not_supported",
                    sheet=SHEET,
                    column="lease_years",
                    value=str(parameters.lease_years),
                )
            )
    if parameters.service_level is not None and parameters.max_distance_miles is None:
        missing("max_distance_miles", "service_level speaks of a distance; state it")
    if parameters.cost_per_unit_mile is not None and parameters.circuity is None:
        missing("circuity", "road miles per great-circle mile; state 1 for great-circle miles")
    if problems:
        raise RefusedInput(problems)
