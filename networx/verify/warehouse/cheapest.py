"""The least that space can cost, by a dynamic program over years and buildings in exact rationals.

After each year the least cost of having so many buildings is that of the best number of the year before, at most as
many, and of the year itself. No solver is asked, and nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from math import ceil

from networx.domain.warehouse_parameters import WarehouseParameters

COVERED = Fraction(1, 10**9)  # of the area needed: what may be missing of it and counts as rounding


def least_cost(parameters: WarehouseParameters, gross: Sequence[Fraction]) -> Fraction | None:
    """Over all years that need these areas, in dollars; None where no number of buildings suffices."""
    initial = Fraction(parameters.initial_facility_area)
    design = Fraction(parameters.facility_design_area or 0)
    best: list[Fraction | None] = [Fraction(0)] * (_most(parameters, gross) + 1)
    for need in gross:
        cheapest_so_far = accumulate(best, _lesser)
        best = [
            _sum(before, _year(parameters, need, initial + design * count, count))
            for count, before in enumerate(cheapest_so_far)
        ]
    opening = Fraction(parameters.facility_opening_cost or 0)
    found = [cost + opening * count for count, cost in enumerate(best) if cost is not None]
    return min(found, default=None)


def _most(parameters: WarehouseParameters, gross: Sequence[Fraction]) -> int:
    """So many buildings that another covers nothing: costs are not negative, so that none has more."""
    if parameters.facility_design_area is None:
        return 0
    lacking = max(max(gross, default=Fraction(0)) - Fraction(parameters.initial_facility_area), Fraction(0))
    covering = ceil(lacking / Fraction(parameters.facility_design_area))
    return covering if parameters.max_facilities is None else min(covering, parameters.max_facilities)


def _year(parameters: WarehouseParameters, need: Fraction, own: Fraction, count: int) -> Fraction | None:
    lacking = max(need - own, Fraction(0))
    if lacking <= COVERED * need:
        lacking = Fraction(0)
    hire = parameters.thirdparty_cost_per_sqft
    if lacking and hire is None:
        return None
    fixed = Fraction(parameters.facility_fixed_cost_annual or 0) * count
    return Fraction(parameters.cost_per_sqft_annual) * own + fixed + Fraction(hire or 0) * lacking


def _lesser(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _sum(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one + other
