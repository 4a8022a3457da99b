"""Which prices of a network come from functions fitted to the client's shipments, and how far off those are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from networx.domain.arrays import Ints
from networx.domain.fitted_rates import fitted_lanes
from networx.domain.inbound_network import inbound_network
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import counted
from networx.results.flow_costs import lane_miles

_FIGURES = ("miles_from", "miles_to", "pounds_from", "pounds_to", "median_error_percent", "mean_error_percent")
_WORDS = ("first_month", "last_month", "accepted_by", "accepted_on")


def fitted_rows(tables: NetworkTables, parameters: TransportParameters) -> Ints:
    """For each row of Lanes the row of FittedRates that prices it, -1 for none."""
    if not len(tables.fitted_rates):
        return np.full(len(tables.lanes), -1, dtype=np.int64)
    return fitted_lanes(tables, parameters, lane_miles(tables, parameters)).row


def fitted_figures(tables: NetworkTables, parameters: TransportParameters) -> list[dict[str, Any]]:
    """An entry for each row of FittedRates that prices a lane, of a facility or of a supplier."""
    fits = tables.fitted_rates
    if not len(fits):
        return []
    outbound, inbound = fitted_rows(tables, parameters), fitted_rows(inbound_network(tables), parameters)
    lanes, of_suppliers = (np.bincount(rows[rows >= 0], minlength=len(fits)) for rows in (outbound, inbound))
    return [
        {
            "mode": fits.mode[at],
            "weight_from": _known(fits.weight_from[at]),
            "weight_to": _known(fits.weight_to[at]),
            "lanes": int(lanes[at]),
            "inbound_lanes": int(of_suppliers[at]),
            "shipments": int(fits.shipments[at]),
            **{name: float(getattr(fits, name)[at]) for name in (*_FIGURES, "r_squared")},
            **{name: getattr(fits, name)[at] for name in _WORDS},
        }
        for at in range(len(fits))
        if lanes[at] or of_suppliers[at]
    ]


def fitted_labels(tables: NetworkTables) -> list[str]:
    """What a price of each row of FittedRates is called."""
    fits = tables.fitted_rates
    errors = zip(fits.shipments.tolist(), fits.median_error_percent.tolist(), strict=True)
    return [price_words(int(shipments), error) for shipments, error in errors]


def price_words(shipments: int, median_error_percent: float) -> str:
    return f"priced by a function fitted to {shipments:,} of your shipments, error {median_error_percent:.1f} %"


def fit_words(fit: Mapping[str, Any]) -> str:
    """One entry of `fitted_figures` in a sentence."""
    lanes = counted(fit["lanes"] + fit["inbound_lanes"], "lane")
    price = price_words(fit["shipments"], fit["median_error_percent"])
    reach = f"{fit['miles_from']:,.0f} to {fit['miles_to']:,.0f} miles"
    weights = f"{fit['pounds_from']:,.0f} to {fit['pounds_to']:,.0f} lb"
    return (
        f"{lanes} by {fit['mode']} {price} in the median ({fit['first_month']} to {fit['last_month']}; {reach}; "
        f"{weights}), accepted by {fit['accepted_by']} on {fit['accepted_on']}."
    )


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
