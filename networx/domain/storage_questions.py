"""What a scenario asks of warehouses and of stock: the parameters of the dataset with the scenario's over them.

In a scenario of type `integrated` those of the sheets Warehouse and Inventory have the sheet's name and a dot before
them, since both have names that the sheet Parameters has too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from networx.domain import inventory_parameters, warehouse_parameters
from networx.domain.facility_parameters import missing_names, parse_value, read_parameters
from networx.domain.inventory_parameters import AssignmentAsked, InventoryParameters
from networx.domain.refusals import Refusals
from networx.domain.storage import StatedValues
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.errors import Problem, RefusedInput

WAREHOUSE, INVENTORY = "warehouse.", "inventory."
_STOCK = inventory_parameters.SHEET
_WHO_SERVES_WHOM = ("assignment", "compare_with")


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a scenario of type integrated states, by the sheet whose values it replaces."""

    network: Mapping[str, Any]
    warehouse: Mapping[str, Any]
    inventory: Mapping[str, Any]


def split_overrides(stated: Mapping[str, Any]) -> Overrides:
    """The parameters of an integrated scenario, each with the name that it has in its sheet."""
    return Overrides(
        network={name: value for name, value in stated.items() if not name.startswith((WAREHOUSE, INVENTORY))},
        warehouse=_after(WAREHOUSE, stated),
        inventory=_after(INVENTORY, stated),
    )


def warehouse_parameters_of(
    stated: StatedValues, overrides: Mapping[str, Any], facility: str | None = None
) -> WarehouseParameters:
    """Those of one warehouse. Raises RefusedInput naming what is wrong or missing."""
    return read_parameters(WarehouseParameters, warehouse_parameters.SHEET, stated, overrides, facility)


def inventory_parameters_of(
    stated: StatedValues, overrides: Mapping[str, Any], facility: str | None, warehouse: StatedValues
) -> InventoryParameters:
    """Those of one facility. Where operating_days is stated in the sheet Warehouse alone, that is taken.

    Raises RefusedInput naming what is wrong or missing.
    """
    days = {**warehouse.of(None), **({} if facility is None else warehouse.of(facility))}.get("operating_days")
    otherwise = {} if days is None else {"operating_days": parse_value(WarehouseParameters, "operating_days", days)}
    return read_parameters(
        InventoryParameters, inventory_parameters.SHEET, stated, overrides, facility, otherwise=otherwise
    )


def assignments_asked(
    stated: StatedValues, overrides: Mapping[str, Any]
) -> tuple[AssignmentAsked, AssignmentAsked | None]:
    """Who serves whom, and what that is compared with. Raises RefusedInput where it is not said, or not for all."""
    problems = [
        Problem(f"{name} holds for all facilities; leave the facility empty.", "parameter", sheet=_STOCK, column=name)
        for name, whose in zip(stated.name, stated.facility, strict=True)
        if name in _WHO_SERVES_WHOM and whose is not None
    ]
    texts = {**stated.of(None), **overrides}
    found: list[AssignmentAsked | None] = []
    for name in _WHO_SERVES_WHOM:
        text = texts.get(name)
        try:
            found.append(None if text is None else parse_value(InventoryParameters, name, str(text)))
        except ValueError as error:
            problems.append(Problem(f"{name} {error}.", "parameter", sheet=_STOCK, column=name, value=str(text)))
    if not problems and found[0] is None:
        message = "assignment is missing: state fixed, or job and the id of a finished job that says who serves whom."
        problems.append(Problem(message, "required", sheet=_STOCK, column="assignment"))
    if problems:
        raise RefusedInput(problems)
    assert found[0] is not None
    return found[0], found[1]


def parameters_by_facility(
    stated: StatedValues,
    overrides: Mapping[str, Any],
    warehouse: StatedValues,
    facilities: Iterable[int],
    names: tuple[str, ...],
) -> dict[int, InventoryParameters]:
    """Those of each of these facilities, by position. Raises RefusedInput naming all that is wrong or missing.

    What all facilities without values of their own lack is said once.
    """
    own = {*stated.facility, *warehouse.facility}
    refusals = Refusals()
    found: dict[int, InventoryParameters] = {}
    for site in facilities:
        whose = names[site] if names[site] in own else None
        parameters = refusals.found(partial(inventory_parameters_of, stated, overrides, whose, warehouse))
        if parameters is not None:
            found[site] = parameters
    refusals.require()
    return found


def require_stated(
    kind: type, sheet: str, stated: StatedValues, overrides: Mapping[str, Any], elsewhere: Iterable[str] = ()
) -> None:
    """Refuse at once what every facility would miss, and values that no rule takes. Raises RefusedInput.

    What is missing for one facility alone is known when it is known which facilities are open.
    """
    problems: list[Problem] = []
    for name, value in overrides.items():
        try:
            if value is not None:
                parse_value(kind, name, ("yes" if value else "no") if isinstance(value, bool) else str(value))
        except ValueError as error:
            problems.append(
                Problem(f"{name} {error}.", "parameter", sheet="scenario parameters", column=name, value=str(value))
            )
    taken_away = {name for name, value in overrides.items() if value is None}
    known = (set(stated.of(None)) - taken_away) | (set(overrides) - taken_away) | set(elsewhere)
    known |= {name for name, whose in zip(stated.name, stated.facility, strict=True) if whose is not None}
    problems += [
        Problem(f"{name} is missing: state it in the sheet {sheet}.", "required", sheet=sheet, column=name)
        for name in missing_names(kind, dict.fromkeys(known))
    ]
    if problems:
        raise RefusedInput(problems)


def _after(prefix: str, stated: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in stated.items() if name.startswith(prefix)}
