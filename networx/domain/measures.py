"""How much of one measure is in another, by the factors that the client gave, and to what precision miles are read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Floats
from networx.domain.parameters import TransportParameters

UNIT = "unit"
MILE_DECIMALS = 6  # a sixteenth of an inch is 1e-6 miles
POUNDS = {"lb": 1.0, "cwt": 100.0}
# The factor that ties each measure to a unit, and whether it says how many of the measure a unit is.
FACTORS = {
    "lb": ("pounds_per_unit", True),
    "cwt": ("pounds_per_unit", True),
    "package": ("units_per_package", False),
    "shipment": ("units_per_shipment", False),
    "pallet": ("units_per_pallet", False),
    "cubic_foot": ("cubic_feet_per_unit", True),
}


def factors_needed(measure: str, of: str) -> tuple[str, ...]:
    """The parameters without which nobody can say how much of a measure is in one of another."""
    if measure == of or (measure in POUNDS and of in POUNDS):
        return ()
    return tuple(FACTORS[one][0] for one in (measure, of) if one != UNIT)


def amount_in(parameters: TransportParameters, measure: str, of: str) -> float:
    """How much of `measure` is in one `of`: 20 lb in a package. The factors needed must be stated."""
    if measure in POUNDS and of in POUNDS:
        return POUNDS[of] / POUNDS[measure]
    return 1.0 if measure == of else _in_unit(parameters, measure) / _in_unit(parameters, of)


def read_miles(miles: npt.ArrayLike) -> Floats:
    """Miles as they are held against a limit or the edge of a band, both rounded to a millionth, half to even.

    Formulas for the same distance differ in its last digits; on an edge all of them have to say the same.
    """
    exact: Floats = np.asarray(miles, dtype=np.float64)
    rounded: Floats = exact.round(MILE_DECIMALS)
    return rounded


def _in_unit(parameters: TransportParameters, measure: str) -> float:
    if measure == UNIT:
        return 1.0
    name, directly = FACTORS[measure]
    factor = float(getattr(parameters, name))
    return (factor if directly else 1.0 / factor) / POUNDS.get(measure, 1.0)
