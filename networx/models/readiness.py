"""What stands in the way of running a dataset as each type of scenario: asked of it before there is a job.

No rule stands here: each type asks what its own job asks, with nothing stated over the dataset's own parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from networx.domain.greenfield_parameters import greenfield_parameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import business_parameters, capacity_parameters, transport_parameters
from networx.domain.plan import Infeasibility
from networx.domain.refusals import Refusals
from networx.domain.storage_questions import assignments_asked, parameters_by_facility, warehouse_parameters_of
from networx.errors import Problem, RefusedInput
from networx.models import greenfield, transport, warehouse
from networx.models.capacity import chosen_sites, prepare_analysis, require_complete_analysis
from networx.models.integrated import require_stores, usable_facilities
from networx.models.inventory import fixed_service
from networx.models.transport.location import engine_of
from networx.models.transport.periods import merged_years


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a type of scenario would refuse of a dataset, and what no plan could meet, where sums alone show that."""

    problems: tuple[Problem, ...] = ()
    infeasibility: Infeasibility | None = None

    @property
    def runnable(self) -> bool:
        return not self.problems and self.infeasibility is None

    def as_dict(self) -> dict[str, Any]:
        return {
            "usable": self.runnable,
            "problems": [problem.as_dict() for problem in self.problems],
            "infeasibility": None if self.infeasibility is None else self.infeasibility.as_dict(),
        }


def readiness(tables: NetworkTables, kind: str) -> Readiness:
    """How a dataset stands to one of TYPES."""
    try:
        return Readiness(infeasibility=TYPES[kind](tables))
    except RefusedInput as refused:
        return Readiness(tuple(refused.problems))


def _transport(tables: NetworkTables) -> Infeasibility | None:
    refusals = Refusals()
    refusals.found(partial(business_parameters, tables.parameters))
    parameters = refusals.found(partial(transport_parameters, tables.parameters))
    instance = None if parameters is None else refusals.found(partial(transport.prepare, tables, parameters))
    refusals.require()
    assert instance is not None
    clash = transport.clashes(instance)
    if clash is None:
        engine_of(instance, merged_years(instance))  # refuses one that is named and cannot solve this
    return clash


def _warehouse(tables: NetworkTables) -> Infeasibility | None:
    refusals = Refusals()
    parameters = refusals.found(partial(warehouse_parameters_of, tables.warehouse, {}))
    refusals.found(partial(warehouse.require_volume, tables))
    found = refusals.found(partial(warehouse.network_units, tables))
    refusals.require()
    assert parameters is not None
    assert found is not None
    years, units = found
    needs, _ = warehouse.prepare(tables, parameters, years, units.tolist())
    return warehouse.exceeded(parameters, needs, None)


def _inventory(tables: NetworkTables) -> None:
    refusals = Refusals()
    asked = refusals.found(partial(assignments_asked, tables.inventory, {}))
    fixed = asked is not None and asked[0].job is None
    service = refusals.found(partial(fixed_service, tables, "assignment")) if fixed else None
    # Where it is not known here who serves, any facility may.
    serving = usable_facilities(tables) if service is None else sorted(set(service.facility.tolist()))
    names = tables.facilities.name
    refusals.found(partial(parameters_by_facility, tables.inventory, {}, tables.warehouse, serving, names))
    refusals.require()


def _integrated(tables: NetworkTables) -> Infeasibility | None:
    refusals = Refusals()
    clash = refusals.found(partial(_transport, tables))
    refusals.found(partial(require_stores, tables, {}))
    refusals.require()
    return clash


def _capacity(tables: NetworkTables) -> None:
    refusals = Refusals()
    stated = refusals.found(partial(capacity_parameters, tables.parameters))
    if stated is not None:
        parameters, own = stated
        refusals.found(partial(require_complete_analysis, parameters, own))
        if own.sites is not None and own.sites.job is None:
            refusals.found(partial(chosen_sites, tables, parameters, own.sites.names or None))
        refusals.found(partial(prepare_analysis, tables, parameters, own))
    refusals.require()


def _greenfield(tables: NetworkTables) -> None:
    # How many places is for whoever asks to say.
    asked = greenfield_parameters(tables.parameters, {"min_sites": 1, "max_sites": 1})
    greenfield.asked_of(tables, asked.candidates, 1)


def _baseline(_: NetworkTables) -> None:
    message = "A baseline is of shipments, which come in a file of their own; check that file."
    raise RefusedInput([Problem(message, "required")])


def _rates(_: NetworkTables) -> None:
    message = "Rates are fitted to shipments, which come in a file of their own; check that file."
    raise RefusedInput([Problem(message, "required")])


TYPES: Mapping[str, Callable[[NetworkTables], Infeasibility | None]] = {
    "transport": _transport,
    "warehouse": _warehouse,
    "inventory": _inventory,
    "integrated": _integrated,
    "capacity": _capacity,
    "greenfield": _greenfield,
    "baseline": _baseline,
    "rates": _rates,
}
