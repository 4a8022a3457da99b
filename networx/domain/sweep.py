"""A sweep: one scenario asked for every number of open facilities in a range, and by what the best one is chosen.

The names are those of the wire: `minNodes`, `maxNodes`, `step`, `criterion`. How answers are compared stands in
networx.results.frontier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from networx.domain.parameters import TransportParameters
from networx.domain.phrases import counted, listed, sayable
from networx.errors import Problem, RefusedInput

FIELD = "scenario"
_NAMES = ("minNodes", "maxNodes", "step", "criterion")


class Criterion(StrEnum):
    """What makes one answer of a sweep better than another."""

    TOTAL_COST = "total_cost"  # least cost of all years
    COST_PER_UNIT = "cost_per_unit"  # least cost of all years over all units delivered
    SERVICE_LEVEL = "service_level"  # highest share within reach, of the year where it is lowest
    SAVINGS = "savings"  # most dollars saved against today's network as it is modelled, over all years


@dataclass(frozen=True, slots=True)
class Sweep:
    """From `min_nodes` to `max_nodes` open facilities in each year, `step` apart; the last may lie below the end."""

    min_nodes: int
    max_nodes: int
    step: int = 1
    criterion: Criterion = Criterion.TOTAL_COST

    @property
    def nodes(self) -> range:
        """How many facilities each member has open."""
        return range(self.min_nodes, self.max_nodes + 1, self.step)

    def as_dict(self) -> dict[str, Any]:
        """As a client states it."""
        return {
            "minNodes": self.min_nodes,
            "maxNodes": self.max_nodes,
            "step": self.step,
            "criterion": self.criterion.value,
        }

    @classmethod
    def from_dict(cls, stated: Mapping[str, Any]) -> Sweep:
        """What `as_dict` gave."""
        return cls(stated["minNodes"], stated["maxNodes"], stated["step"], Criterion(stated["criterion"]))


def parse_sweep(stated: Any, *, most_members: int) -> Sweep:
    """The sweep that a client states. Raises RefusedInput naming every field that is wrong, by its place."""
    if not isinstance(stated, Mapping):
        raise RefusedInput([_problem(None, f"{FIELD} must be an object with minNodes and maxNodes.", "object")])
    problems = [
        _problem(name, f"{name} is no field of {FIELD}; its fields are {listed(_NAMES, 'and')}.", "unknown_field")
        for name in stated
        if name not in _NAMES
    ]
    least = _count(stated, "minNodes", None, problems)
    most = _count(stated, "maxNodes", None, problems)
    step = _count(stated, "step", 1, problems)
    criterion = _criterion(stated, problems)
    if least is not None and most is not None and least > most:
        problems.append(_problem("maxNodes", f"maxNodes {most} is below minNodes {least}.", "range", most))
    if problems:
        raise RefusedInput(problems)
    assert least is not None
    assert most is not None
    assert step is not None
    sweep = Sweep(least, most, step, criterion)
    members = (most - least) // step + 1  # the range itself has no length beyond what a machine can count
    if members > most_members:
        message = (
            f"From {least} to {most} in steps of {step} are {counted(members, 'run')}; "
            f"a sweep may have {most_members}: take a larger step or a smaller range."
        )
        raise RefusedInput([_problem("maxNodes", message, "too_many", most)])
    return sweep


def require_within(sweep: Sweep, *, usable: int, mandatory: int) -> None:
    """Refuse numbers that no plan can have: above the facilities that may open, below those that must."""
    problems = []
    if sweep.max_nodes > usable:
        sites = counted(usable, "facility is", "facilities are")
        message = f"maxNodes {sweep.max_nodes} is above what may open: {sites} not forbidden."
        problems.append(_problem("maxNodes", message, "range", sweep.max_nodes))
    if sweep.min_nodes < mandatory:
        sites = counted(mandatory, "facility is", "facilities are")
        message = f"minNodes {sweep.min_nodes} is below what must open: {sites} mandatory."
        problems.append(_problem("minNodes", message, "range", sweep.min_nodes))
    if problems:
        raise RefusedInput(problems)


def require_measured(sweep: Sweep, parameters: TransportParameters) -> None:
    """Refuse a criterion that the scenario gives no measure for. Raises RefusedInput."""
    if sweep.criterion is Criterion.SERVICE_LEVEL and parameters.max_distance_miles is None:
        message = "service_level is the share served within max_distance_miles, and the scenario states none."
        raise RefusedInput([_problem("criterion", message, "required", sweep.criterion)])


def require_baseline(sweep: Sweep, flows: str | None, *, whole: bool, penalty: bool) -> None:
    """Refuse savings where nothing says what they would be: of a network `whole` with its warehouses and stock, without
    a baseline (`flows` is its `baseline_flows`), or with a `penalty` on missed service. Raises RefusedInput.
    """
    if sweep.criterion is not Criterion.SAVINGS:
        return
    if whole:
        message = (
            "savings are against today's network as it is modelled, which has neither warehouses nor stock; choose "
            "total_cost, or sweep a transport scenario."
        )
    elif flows is None:
        message = (
            "savings need a baseline to compare with, and this scenario has none: state baseline_flows (cheapest or "
            "assignments), or choose another criterion."
        )
    elif penalty:
        message = (
            "savings leave out what missing the service level costs, by which plans are chosen here; take "
            "service_penalty_per_unit away, or choose total_cost."
        )
    else:
        return
    raise RefusedInput([_problem("criterion", message, "no_baseline", sweep.criterion)])


def exactly(nodes: int) -> dict[str, int]:
    """The parameters of a run with exactly so many facilities open in each year."""
    return {"min_facilities": nodes, "max_facilities": nodes}


def with_exactly(parameters: TransportParameters, nodes: int) -> TransportParameters:
    """The same scenario's parameters as those of such a run."""
    return replace(parameters, min_facilities=nodes, max_facilities=nodes)


def _count(stated: Mapping[str, Any], name: str, default: int | None, problems: list[Problem]) -> int | None:
    value = stated.get(name, default)
    if value is None:
        problems.append(_problem(name, f"{name} is missing; state a whole number, 1 or more.", "required"))
        return None
    if type(value) is not int or value < 1:
        problems.append(_problem(name, f"{name} must be a whole number, 1 or more.", "whole_number", value))
        return None
    return value


def _criterion(stated: Mapping[str, Any], problems: list[Problem]) -> Criterion:
    word = stated.get("criterion", Criterion.TOTAL_COST.value)
    if not isinstance(word, str) or word not in set(Criterion):
        message = f"criterion must be {listed([*Criterion])}."
        problems.append(_problem("criterion", message, "choice", word))
    else:
        return Criterion(word)
    return Criterion.TOTAL_COST


def _problem(name: str | None, message: str, rule: str, value: Any = None) -> Problem:
    place = FIELD if name is None else sayable(f"{FIELD}.{name}")
    return Problem(sayable(message), rule, column=place, value=None if value is None else sayable(str(value)[:200]))
