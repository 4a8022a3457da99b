"""What a scenario of type baseline asks: nothing of shipments alone, and of a network how today's is priced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from networx.domain.business_parameters import BusinessParameters
from networx.domain.parameters import TransportParameters, business_parameters, require_complete, transport_parameters
from networx.errors import Problem, RefusedInput


def baseline_asked(
    sheet: Mapping[str, str] | None, overrides: Mapping[str, Any], years: int
) -> tuple[BusinessParameters, TransportParameters]:
    """The parameters of the network's sheet with the scenario's over them; `sheet` is None without a network.

    Where baseline_flows asks for today's network, all that a transport scenario needs has to be stated. Raises
    RefusedInput naming what is wrong or missing.
    """
    if sheet is None:
        if overrides:
            message = "is of a network, and this baseline has none; add datasets.network, or remove it."
            raise RefusedInput(
                [Problem(f"{name} {message}", "parameter", "scenario parameters", None, name) for name in overrides]
            )
        return BusinessParameters(), TransportParameters()
    asked, parameters = business_parameters(sheet, overrides), transport_parameters(sheet, overrides)
    if asked.baseline_flows is not None:
        require_complete(parameters, years)
    return asked, parameters
