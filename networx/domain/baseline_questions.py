"""What a scenario of type baseline asks: what the books say of shipments, and of a network how today's is priced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from networx.domain.business_parameters import BusinessParameters
from networx.domain.control_totals import ControlTotals, read_control_totals
from networx.domain.parameter_rules import share
from networx.domain.parameters import (
    OVERRIDES,
    TransportParameters,
    business_parameters,
    require_complete,
    transport_parameters,
)
from networx.errors import Problem, RefusedInput

CONTROL_TOTALS, TOLERANCE = "control_totals", "calibration_tolerance"
# What shipments without a network are asked.
_OF_SHIPMENTS: Mapping[str, Callable[[str], Any]] = {CONTROL_TOTALS: read_control_totals, TOLERANCE: share}


@dataclass(frozen=True, slots=True)
class BaselineAsked:
    """`control_totals` are those that the scenario states; a network's sheet may state more."""

    business: BusinessParameters = BusinessParameters()  # noqa: RUF009  # frozen
    transport: TransportParameters = TransportParameters()  # noqa: RUF009  # frozen
    control_totals: ControlTotals = field(default_factory=dict)


def baseline_asked(sheet: Mapping[str, str] | None, overrides: Mapping[str, Any], years: int) -> BaselineAsked:
    """The parameters of the network's sheet with the scenario's over them; `sheet` is None without a network.

    Where baseline_flows asks for today's network, all that a transport scenario needs has to be stated. Raises
    RefusedInput naming what is wrong or missing.
    """
    stated = {name: value for name, value in overrides.items() if value is not None}
    if sheet is None:
        return _of_shipments(stated)
    totals = _parsed({CONTROL_TOTALS: stated[CONTROL_TOTALS]}) if CONTROL_TOTALS in stated else {}
    rest = {name: value for name, value in overrides.items() if name != CONTROL_TOTALS}
    business, transport = business_parameters(sheet, rest), transport_parameters(sheet, rest)
    if business.baseline_flows is not None:
        require_complete(transport, years)
    return BaselineAsked(business, transport, totals.get(CONTROL_TOTALS, {}))


def _of_shipments(stated: Mapping[str, Any]) -> BaselineAsked:
    foreign = [
        Problem(
            f"{name} is of a network, and this baseline has none; add datasets.network, or remove it. Shipments alone "
            f"are asked {CONTROL_TOTALS} and {TOLERANCE}.",
            "parameter",
            OVERRIDES,
            None,
            name,
        )
        for name in stated
        if name not in _OF_SHIPMENTS
    ]
    if foreign:
        raise RefusedInput(foreign)
    parsed = _parsed(stated)
    tolerance = {TOLERANCE: parsed[TOLERANCE]} if TOLERANCE in parsed else {}
    return BaselineAsked(BusinessParameters(**tolerance), control_totals=parsed.get(CONTROL_TOTALS, {}))


def _parsed(stated: Mapping[str, Any]) -> dict[str, Any]:
    parsed: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in stated.items():
        try:
            parsed[name] = _OF_SHIPMENTS[name](str(value).strip())
        except ValueError as error:
            problems.append(Problem(f"{name} {error}.", "parameter", OVERRIDES, None, name, str(value)))
    if problems:
        raise RefusedInput(problems)
    return parsed
