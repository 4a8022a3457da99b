"""The certificate of a plan of warehouse space: what is needed, how it is met and what it costs, and that none is less.

It never raises on a bad plan: what fails is named, with where it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import RECOMPUTED, Certificate, Check, Clash, ResultStatus
from networx.domain.warehouse import SpaceYear, WarehouseOutcome
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.verify.measure import check, counted
from networx.verify.transport.facts import facts_of
from networx.verify.warehouse.areas import Area, area_of, levels, pallets_per_unit
from networx.verify.warehouse.cheapest import COVERED, least_cost

CLOSE = 1e-9  # relative


def units_of_network(tables: NetworkTables) -> tuple[tuple[int, ...], Floats]:
    """The years of the data, and the demand of the whole network in each."""
    facts = facts_of(tables, TransportParameters())
    return facts.years, facts.demand.sum(axis=1)


@np.errstate(invalid="ignore", over="ignore")  # what is not a number fails its check, without a warning
def certify_warehouse(
    tables: NetworkTables, parameters: WarehouseParameters, outcome: WarehouseOutcome, dataset_sha256: str
) -> Certificate:
    """Check a plan for the volume of the whole network. `valid` is False unless every check passes."""
    actual = tables.sha256()
    years, units = units_of_network(tables)
    checks = (
        counted("dataset", int(actual != dataset_sha256), "the plan answers another dataset than this one"),
        *warehouse_checks(tables, parameters, dict(zip(years, units.tolist(), strict=True)), outcome),
    )
    return Certificate(
        dataset_sha256=actual,
        valid=all(line.passed for line in checks),
        checks=checks,
        objective=outcome.objective,
        bound=outcome.bound,
        gap=outcome.gap,
        bound_source=RECOMPUTED,
    )


def warehouse_checks(
    tables: NetworkTables, parameters: WarehouseParameters, units: Mapping[int, float], outcome: WarehouseOutcome
) -> list[Check]:
    """The lines of the certificate for one warehouse that so many units of demand leave, by year."""
    per_unit = pallets_per_unit(tables)
    years = [need.year for need in outcome.needs]
    checks = [
        counted("years", int(years != sorted(units)), f"the data has {sorted(units)}"),
        counted("rack levels", int(outcome.levels != levels(parameters) or outcome.levels < 1), "height over height"),
        counted("skus", int(not math.isfinite(per_unit)), "SKUs or demand_units state nothing to count pallets by"),
    ]
    if all(line.passed for line in checks):
        areas = [area_of(parameters, need, per_unit * units[need.year]) for need in outcome.needs]
        checks += [*_needs(outcome, areas, units), *_claims(parameters, outcome, areas)]
    if outcome.facility is None:
        return checks
    return [
        Check(f"{line.name} of {outcome.facility}", line.worst, line.limit, line.passed, line.where) for line in checks
    ]


def _needs(outcome: WarehouseOutcome, areas: Sequence[Area], units: Mapping[int, float]) -> list[Check]:
    compared = {
        "units": [(need.units, units[need.year]) for need in outcome.needs],
        "pallets": [
            (need.throughput_pallets, area.throughput) for need, area in zip(outcome.needs, areas, strict=True)
        ],
        "stock": [(need.stock_pallets, area.stock) for need, area in zip(outcome.needs, areas, strict=True)],
        "storage area": [
            (need.storage_area, float(area.storage)) for need, area in zip(outcome.needs, areas, strict=True)
        ],
        "door area": [(need.door_area, float(area.doors)) for need, area in zip(outcome.needs, areas, strict=True)],
        "support area": [
            (need.support_area, float(area.support)) for need, area in zip(outcome.needs, areas, strict=True)
        ],
        "gross area": [(need.gross_area, float(area.gross)) for need, area in zip(outcome.needs, areas, strict=True)],
    }
    wrong = [f"{name} of {need.year}" for need, area in zip(outcome.needs, areas, strict=True) for name in area.wrong]
    lines = [check(name, _apart(pairs), CLOSE, "stated and recomputed differ") for name, pairs in compared.items()]
    return [counted("positions and doors", len(wrong), ", ".join(wrong[:3])), *lines]


def _claims(parameters: WarehouseParameters, outcome: WarehouseOutcome, areas: Sequence[Area]) -> list[Check]:
    gross = [area.gross for area in areas]
    if outcome.status is ResultStatus.INFEASIBLE:
        return [_refuted(parameters, outcome, gross)]
    doors = {"max_outbound_doors": "outbound_doors", "max_inbound_doors": "inbound_doors"}
    over = [
        f"{name} in {need.year}"
        for name, of_year in doors.items()
        for need in outcome.needs
        if getattr(parameters, name) is not None and getattr(need, of_year) > getattr(parameters, name)
    ]
    lines = [counted("doors there may be", len(over), ", ".join(over[:3]))]
    if outcome.objective is None:
        unproven = outcome.status is not ResultStatus.NO_SOLUTION or bool(outcome.space)
        return [*lines, counted("claims", int(unproven), "a status without a plan")]
    least = least_cost(parameters, gross)
    bad = _bad_space(parameters, outcome.space, gross)
    cost = math.fsum(sum(parts) for parts in _costs(parameters, outcome.space))
    lines += [
        counted("space", len(bad), "; ".join(bad[:3])),
        check("yearly costs", _apart_costs(parameters, outcome.space), CLOSE, "a year's costs are not its space's"),
        check("objective", _apart([(outcome.objective, cost)]), CLOSE, f"the years sum up to {cost:g}"),
    ]
    if least is None or outcome.bound is None:
        return [*lines, counted("bound", int(least is None or outcome.status is ResultStatus.OPTIMAL), "no bound")]
    scale = max(abs(float(least)), 1e-9)
    lines.append(check("bound", (outcome.bound - float(least)) / scale, CLOSE, f"the least cost is {float(least):g}"))
    if outcome.status is ResultStatus.OPTIMAL:
        dearer = (outcome.objective - float(least)) / scale
        lines.append(check("proven cheapest", dearer, CLOSE, f"the least cost is {float(least):g}"))
    return lines


def _bad_space(parameters: WarehouseParameters, space: Sequence[SpaceYear], gross: Sequence[Fraction]) -> list[str]:
    if len(space) != len(gross):
        return ["a year without its space"]
    faults: list[str] = []
    before = 0
    for at, (year, need) in enumerate(zip(space, gross, strict=True)):
        own = Fraction(parameters.initial_facility_area) + year.buildings * Fraction(
            parameters.facility_design_area or 0
        )
        most = parameters.max_facilities
        if year.buildings != int(year.buildings) or year.buildings - before != year.added or year.added < 0:
            faults.append(f"buildings of year {at + 1} go away or are not whole")
        if (year.buildings and parameters.facility_design_area is None) or (most is not None and year.buildings > most):
            faults.append(f"more buildings in year {at + 1} than there may be")
        if abs(Fraction(year.own_area) - own) > COVERED * max(own, Fraction(1)):
            faults.append(f"own area of year {at + 1}")
        if year.hired_area < 0 or (year.hired_area > 0 and parameters.thirdparty_cost_per_sqft is None):
            faults.append(f"space hired in year {at + 1} that cannot be")
        if own + Fraction(year.hired_area) < need * (1 - 2 * COVERED):
            faults.append(f"less space in year {at + 1} than needed")
        before = year.buildings
    return faults


def _costs(parameters: WarehouseParameters, space: Sequence[SpaceYear]) -> list[tuple[float, ...]]:
    return [
        (
            parameters.cost_per_sqft_annual * year.own_area,
            (parameters.facility_fixed_cost_annual or 0.0) * year.buildings,
            (parameters.facility_opening_cost or 0.0) * year.added,
            (parameters.thirdparty_cost_per_sqft or 0.0) * year.hired_area,
        )
        for year in space
    ]


def _apart_costs(parameters: WarehouseParameters, space: Sequence[SpaceYear]) -> float:
    stated = [(year.area_cost, year.fixed_cost, year.opening_cost, year.hired_cost) for year in space]
    pairs = zip(stated, _costs(parameters, space), strict=True)
    return _apart([pair for told, known in pairs for pair in zip(told, known, strict=True)])


def _refuted(parameters: WarehouseParameters, outcome: WarehouseOutcome, gross: Sequence[Fraction]) -> Check:
    """Whether every clash is one: its year needs more than there may be, by just so much."""
    clashes = () if outcome.infeasibility is None else outcome.infeasibility.clashes
    place = {need.year: at for at, need in enumerate(outcome.needs)}
    wrong = [
        clash for clash in clashes if _short(parameters, outcome, gross, place.get(clash.year or 0), clash) is None
    ]
    return counted("what clashes", len(wrong) + (not clashes) + bool(outcome.space), "a clash that the data has not")


def _short(
    parameters: WarehouseParameters,
    outcome: WarehouseOutcome,
    gross: Sequence[Fraction],
    at: int | None,
    clash: Clash,
) -> float | None:
    """By how much a year exceeds what there may be; None where it does not, or by another amount than stated."""
    if at is None or clash.short_by is None:
        return None
    if clash.requirement in {"max_outbound_doors", "max_inbound_doors"}:
        needed = getattr(outcome.needs[at], clash.requirement.removeprefix("max_"))
        most = getattr(parameters, clash.requirement)
        short = -1.0 if most is None else float(needed - most)
    elif parameters.thirdparty_cost_per_sqft is not None:
        return None
    else:
        unbounded = parameters.facility_design_area is not None and parameters.max_facilities is None
        added = Fraction(parameters.facility_design_area or 0) * (parameters.max_facilities or 0)
        lacking = gross[at] - Fraction(parameters.initial_facility_area) - added
        short = -1.0 if unbounded or lacking <= COVERED * gross[at] / 2 else float(lacking)
    return short if short > 0 and abs(short - clash.short_by) <= CLOSE * max(float(gross[at]), short) else None


def _apart(pairs: Sequence[tuple[float, float]]) -> float:
    """The largest relative distance between what is stated and what it is."""
    if not pairs:
        return 0.0
    stated, known = (np.array(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    return float(np.max(np.abs(stated - known) / np.maximum(np.abs(known), 1e-9)))
