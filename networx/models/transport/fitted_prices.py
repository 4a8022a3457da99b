"""What a function fitted to shipments cannot price, named: beyond the shipments that it rests on nothing is guessed."""

from __future__ import annotations

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.domain.fitted_rates import FittedLanes, shipment_pounds
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.errors import Problem, RefusedInput
from networx.models.transport.refusals import name_rows, row_name


def refuse_beyond_fits(
    tables: NetworkTables, parameters: TransportParameters, fitted: FittedLanes, miles: Floats, wanted: Flags
) -> None:
    """Raises RefusedInput for lanes that a fit should price and does not, and for a fit that nobody accepted."""
    asked = wanted & fitted.asked
    if not asked.any():
        return
    problems = [
        Problem(
            f"{name} is missing: FittedRates speak of shipments and their weight; state it in Parameters.",
            "required",
            "Parameters",
            None,
            name,
        )
        for name in fitted.missing
    ]
    if not problems:
        fits = tables.fitted_rates
        used = np.isin(np.arange(len(fits)), fitted.row[asked])
        accepted = np.array([bool(by) and bool(on) for by, on in zip(fits.accepted_by, fits.accepted_on, strict=True)])
        problems = name_rows(used & ~accepted, lambda row: _not_accepted(tables, row))
    if not problems:
        problems = name_rows(
            asked & np.isnan(fitted.price), lambda row: _beyond(tables, parameters, fitted, float(miles[row]), row)
        )
    if problems:
        raise RefusedInput(problems)


def _not_accepted(tables: NetworkTables, row: int) -> Problem:
    message = f"{row_name(tables, 'FittedRates', row)} is accepted by nobody; state accepted_by and accepted_on."
    return Problem(message[0].upper() + message[1:], "required", "FittedRates", None, "accepted_by")


def _beyond(
    tables: NetworkTables, parameters: TransportParameters, fitted: FittedLanes, miles: float, row: int
) -> Problem:
    fits, at, pounds = tables.fitted_rates, int(fitted.row[row]), shipment_pounds(parameters)
    far = "unknown" if np.isnan(miles) else f"{miles:,.6g}"
    name = row_name(tables, "Lanes", row)
    what = f"{name[0].upper()}{name[1:]} ({far} miles, {pounds:,.6g} lb a shipment)"
    cure = "state its cost_per_unit, or a row of Rates for its mode"
    if at < 0:
        why = "no row of FittedRates is" if at == -1 else "several rows of FittedRates are"
        return _problem(f"{what} has no price: {why} for that weight; {cure}.")
    return _problem(
        f"{what} is beyond the shipments that FittedRates were fitted to: {fits.miles_from[at]:,.6g} to "
        f"{fits.miles_to[at]:,.6g} miles, {fits.pounds_from[at]:,.6g} to {fits.pounds_to[at]:,.6g} lb; {cure}."
    )


def _problem(message: str) -> Problem:
    return Problem(message, "beyond_fit", "Lanes", None, "cost_per_unit")
