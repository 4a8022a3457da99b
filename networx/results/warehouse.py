"""The result object of a plan of warehouse space: what result.json holds and every presentation reads.

Every figure is that of the checked plan, in full precision; what is not known is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import zip_longest
from typing import Any

from networx.domain.plan import RECOMPUTED, Certificate
from networx.domain.warehouse import SpaceNeed, SpaceYear, WarehouseOutcome
from networx.results.kpis import SCHEMA, known, plain, ratio
from networx.results.storage_wording import warehouse_headline, warehouse_verdict

_COSTS = ("area_cost", "fixed_cost", "opening_cost", "hired_cost")


def warehouse_result(
    parameters: object,
    outcome: WarehouseOutcome,
    certificate: Certificate,
    *,
    identity: Mapping[str, Any],
    notes: Sequence[str] = (),
    partial: bool = False,
    proof: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result as plain JSON values. Without a plan `kpis` is None; the needs of each year stand all the same."""
    figures = warehouse_figures(outcome)
    result = {
        "schema": SCHEMA,
        "type": "warehouse",
        **identity,
        "status": outcome.status.value,
        "objective": known(outcome.objective),
        "bound": known(outcome.bound),
        "gap": known(outcome.gap),
        "bound_source": RECOMPUTED,
        "engine": outcome.engine,
        "seconds": outcome.seconds,
        "partial": partial,
        "certificate": plain(certificate.as_dict()),
        "parameters": stated_values(parameters),
        "kpis": _kpis(outcome, figures) if outcome.space else None,
        "years": [
            {"year": year["year"], "warehouse_cost": year["cost"], "total_cost": year["cost"]}
            for year in figures["years"]
            if outcome.space
        ],
        "warehouses": [figures],
        "notes": list(notes),
        "infeasibility": None if outcome.infeasibility is None else plain(outcome.infeasibility.as_dict()),
        "proof": proof,
    }
    return result | {"headline": warehouse_headline(result), "verdict": warehouse_verdict(result)}


def warehouse_figures(outcome: WarehouseOutcome) -> dict[str, Any]:
    """One warehouse: what each year needs and how it is met."""
    return {
        "facility": outcome.facility,
        "status": outcome.status.value,
        "objective": known(outcome.objective),
        "bound": known(outcome.bound),
        "gap": known(outcome.gap),
        "rack_levels": outcome.levels,
        "years": [_year(need, space) for need, space in zip_longest(outcome.needs, outcome.space)],
    }


def stated_values(parameters: object, prefix: str = "") -> dict[str, Any]:
    """What was given of a sheet's parameters; one not given is absent."""
    return {
        f"{prefix}{spec.name}": {"value": _written(value), "unit": spec.metadata["unit"], "source": "given"}
        for spec in fields(parameters)  # type: ignore[arg-type]  # a frozen class of parameters
        if (value := getattr(parameters, spec.name)) is not None
    }


def _written(value: Any) -> Any:
    return value if isinstance(value, int | float) else str(value)


def _year(need: SpaceNeed, space: SpaceYear | None) -> dict[str, Any]:
    asked = {name: getattr(need, name) for name in need.__dataclass_fields__}
    names = SpaceYear.__dataclass_fields__
    if space is None:
        return asked | dict.fromkeys([*names, "cost"], None)
    return asked | {name: getattr(space, name) for name in names} | {"cost": space.cost}


def _kpis(outcome: WarehouseOutcome, figures: Mapping[str, Any]) -> dict[str, Any]:
    years = figures["years"]
    units = sum(year["units"] for year in years)
    return {
        "total_cost": outcome.objective,
        **{name: sum(year[name] for year in years) for name in _COSTS},
        "cost_per_unit": ratio(outcome.objective or 0.0, units),
        "total_units": units,
        "largest_gross_area": max(year["gross_area"] for year in years),
        "buildings_added": outcome.space[-1].buildings,
        "most_hired_area": max(year["hired_area"] for year in years),
        "most_outbound_doors": max(year["outbound_doors"] for year in years),
        "most_inbound_doors": max(year["inbound_doors"] for year in years),
    }
