"""The cheapest way to have the space that each year needs: a small mixed-integer model over the years.

n[t]  buildings added until year t, whole, h[t]  square feet hired in year t
minimise  sum over t of (area + fixed cost of a building) n[t] + hire h[t], + opening cost n[last]
cover     initial + design n[t] + h[t] >= need[t]      each year
stay      n[t - 1] <= n[t]                             what is added stays
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.network import NetworkTables
from networx.domain.parameters import DEFAULT_TIME_LIMIT_SECONDS
from networx.domain.plan import ResultStatus
from networx.domain.warehouse import SpaceNeed, SpaceYear, WarehouseOutcome
from networx.domain.warehouse_parameters import SHEET, WarehouseParameters
from networx.errors import Problem, RefusedInput
from networx.models.warehouse.limits import exceeded
from networx.models.warehouse.needs import (
    ROUNDING,
    levels_of,
    network_units,
    require_plannable,
    space_needs,
    whole_above,
)
from networx.solver import highs
from networx.solver.linear import Assembly, LinearModel
from networx.solver.outcome import Ending, Limits, relative_gap

MOST_BUILDINGS = 10_000  # beyond, the design area is surely a mistake


def plan_warehouse(
    tables: NetworkTables,
    parameters: WarehouseParameters,
    years: Sequence[int],
    units: Sequence[float],
    *,
    facility: str | None = None,
    stop: Callable[[], bool] = lambda: False,
    better: Callable[[WarehouseOutcome], None] = lambda _: None,
) -> WarehouseOutcome:
    """Plan one warehouse that so many `units` of the network's demand leave in each of the years.

    `better` gets each better plan on the way, of which no bound is known yet. Raises RefusedInput for what leaves the
    space unknown, and SolverFault.
    """
    began = time.monotonic()
    needs, most = prepare(tables, parameters, years, units)
    nothing = WarehouseOutcome(
        status=ResultStatus.NO_SOLUTION,
        engine=highs.ENGINE if most else "closed form",
        seconds=0.0,
        facility=facility,
        levels=levels_of(parameters),
        needs=needs,
    )

    def planned(status: ResultStatus, values: Floats | None, bound: float | None = None) -> WarehouseOutcome:
        """Buildings stand first among the values."""
        seconds = time.monotonic() - began
        if values is None:
            return replace(nothing, status=status, seconds=seconds, bound=bound)
        space = tuple(_space(parameters, needs, np.rint(values[: len(needs)]).astype(int).tolist()))
        cost = math.fsum(year.cost for year in space)
        bound = cost if not most else None if bound is None else min(bound, cost)
        gap = relative_gap(cost, bound)
        return replace(nothing, status=status, seconds=seconds, space=space, objective=cost, bound=bound, gap=gap)

    clash = exceeded(parameters, needs, facility)
    if clash is not None:
        return replace(planned(ResultStatus.INFEASIBLE, None), engine="closed form", infeasibility=clash)
    if not most:
        return planned(ResultStatus.OPTIMAL, np.zeros(len(needs)))
    solved = highs.solve(
        _model(parameters, needs, most),
        Limits(DEFAULT_TIME_LIMIT_SECONDS, 0.0),
        incumbent=lambda values, _: better(planned(ResultStatus.FEASIBLE, values)),
        stop=stop,
    )
    found = ResultStatus.NO_SOLUTION if solved.values is None else ResultStatus.FEASIBLE
    return planned(ResultStatus.OPTIMAL if solved.ending is Ending.OPTIMAL else found, solved.values, solved.bound)


def not_planned(tables: NetworkTables, parameters: WarehouseParameters, seconds: float) -> WarehouseOutcome:
    """What is needed for the volume of the whole network, where the time was over before there was a plan."""
    years, units = network_units(tables)
    needs, _ = prepare(tables, parameters, years, units.tolist())
    return WarehouseOutcome(ResultStatus.NO_SOLUTION, highs.ENGINE, seconds, None, levels_of(parameters), needs)


def prepare(
    tables: NetworkTables, parameters: WarehouseParameters, years: Sequence[int], units: Sequence[float]
) -> tuple[tuple[SpaceNeed, ...], int]:
    """What each year asks for, and the most buildings that could be of use. Raises RefusedInput."""
    require_plannable(tables, parameters)
    needs = space_needs(tables, parameters, years, units)
    return needs, _most_buildings(parameters, needs)


def _most_buildings(parameters: WarehouseParameters, needs: tuple[SpaceNeed, ...]) -> int:
    """Beyond so many a building covers nothing. Raises RefusedInput where they cannot be counted."""
    design = parameters.facility_design_area
    if design is None:
        return 0
    largest = max(need.gross_area for need in needs)
    covering = max(whole_above((largest - parameters.initial_facility_area) / design), 0)
    most = covering if parameters.max_facilities is None else min(parameters.max_facilities, covering)
    if most > MOST_BUILDINGS:
        message = (
            f"facility_design_area {design:g} would take {most:,} buildings for {largest:,.0f} square feet, above "
            f"{MOST_BUILDINGS:,}; state a larger one, or max_facilities."
        )
        raise RefusedInput([Problem(message, "range", sheet=SHEET, column="facility_design_area", value=f"{design:g}")])
    return most


def _model(parameters: WarehouseParameters, needs: tuple[SpaceNeed, ...], most: int) -> LinearModel:
    design = parameters.facility_design_area
    assert design is not None
    count = len(needs)
    year = np.arange(count)
    yearly = parameters.cost_per_sqft_annual * design + (parameters.facility_fixed_cost_annual or 0.0)
    cost = np.full(count, yearly)
    cost[-1] += parameters.facility_opening_cost or 0.0  # what is added stays, so that the last year counts them all
    hire = parameters.thirdparty_cost_per_sqft
    lacking = np.array([max(need.gross_area - parameters.initial_facility_area, 0.0) for need in needs])
    model = Assembly()
    built = model.add_columns("buildings", cost, 0, most, integer=True)
    # In units of a building, so that no coefficient is far from 1 whatever the areas. What is hired has no upper limit:
    # its cost keeps it down, and a limit that is just enough would be, after rounding, just not.
    hired = model.add_columns("hired", np.full(count, (hire or 0.0) * design), 0, 0 if hire is None else np.inf)
    # Where nothing can be hired, what lacks of rounding alone takes no building more.
    rounding = ROUNDING * np.array([need.gross_area for need in needs]) if hire is None else 0.0
    asked = np.maximum(lacking - rounding, 0.0) / design
    model.add_rows("cover", asked, np.inf, count, (year, built, 1.0), (year, hired, 1.0))
    model.add_rows("stay", 0.0, np.inf, count - 1, (year[1:] - 1, built[1:], 1.0), (year[1:] - 1, built[:-1], -1.0))
    # What there is from the start costs the same in every plan.
    there = parameters.cost_per_sqft_annual * parameters.initial_facility_area * count
    return replace(model.model(), offset=there)


def _space(parameters: WarehouseParameters, needs: tuple[SpaceNeed, ...], buildings: Sequence[int]) -> list[SpaceYear]:
    design, before = parameters.facility_design_area or 0.0, 0
    space: list[SpaceYear] = []
    for need, there in zip(needs, buildings, strict=True):
        own = parameters.initial_facility_area + design * there
        lacking = need.gross_area - own
        hired = lacking if lacking > ROUNDING * need.gross_area else 0.0
        space.append(
            SpaceYear(
                buildings=there,
                added=there - before,
                own_area=own,
                hired_area=hired,
                area_cost=parameters.cost_per_sqft_annual * own,
                fixed_cost=(parameters.facility_fixed_cost_annual or 0.0) * there,
                opening_cost=(parameters.facility_opening_cost or 0.0) * (there - before),
                hired_cost=(parameters.thirdparty_cost_per_sqft or 0.0) * hired,
            )
        )
        before = there
    return space
