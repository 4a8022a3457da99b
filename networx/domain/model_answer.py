"""What a solved model of a client's own is: the question that was asked of it, and the verdict with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from networx.domain.arrays import Flags, Floats, Ints
from networx.domain.json_model import Objective
from networx.domain.plan import Infeasibility, ResultStatus

DEFAULT_TIME_LIMIT_SECONDS = 300.0
DEFAULT_GAP = 1e-9
PROVEN_WITHIN = 1e-8  # of the larger of 1 and the objective: rounding of the solver and of the client's own numbers

# How the evidence of a verdict is called, beyond those of a transport plan.
FARKAS = "farkas"  # multipliers of the requirements that add up to a contradiction, checked exactly
ELASTIC_MODEL = "elastic_model"
RAY = "ray"  # a direction in which the objective never stops improving, checked exactly, from a checked point
SOLVER_WORD = "solver"
DUALITY = "recomputed"  # a bound that the multipliers imply, recomputed in exact fractions


def gap_of(objective: float | None, bound: float | None) -> float | None:
    """|objective - bound| over the larger of 1 and |objective|; None where either is missing."""
    if objective is None or bound is None:
        return None
    return abs(objective - bound) / max(1.0, abs(objective))


@dataclass(frozen=True, slots=True)
class ModelData:
    """A model read from a file, as arrays: optimise cost @ x + offset within the bounds of columns and rows."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    maximise: bool
    offset: float
    cost: Floats
    lower: Floats
    upper: Floats
    integer: Flags
    row_lower: Floats
    row_upper: Floats
    entry_row: Ints
    entry_column: Ints
    entry_value: Floats

    def arrays(self) -> dict[str, Any]:
        """The same as plain arrays, to travel between processes without pickling."""
        arrays = {name: getattr(self, name) for name in self.__dataclass_fields__}
        # As one text, and not as an array of texts, of which each would take the room of the longest.
        names = {word: np.frombuffer("\n".join(arrays[word]).encode(), np.uint8) for word in ("columns", "rows")}
        return {name: np.asarray(value) for name, value in {**arrays, **names}.items()}

    @classmethod
    def from_arrays(cls, arrays: Any) -> ModelData:
        found = {name: arrays[name] for name in cls.__dataclass_fields__}
        names = {word: _names(found[word]) for word in ("columns", "rows")}
        return cls(**{**found, **names, "maximise": bool(found["maximise"]), "offset": float(found["offset"])})


def _names(text: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(text.tobytes().decode().split("\n")) if len(text) else ()


@dataclass(frozen=True, slots=True)
class Question:
    """One optimisation of a model: what to optimise, and attributes held at a value. A file has its own objective."""

    objective: Objective | None = None
    pins: tuple[tuple[str, float], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        objective = None if self.objective is None else [self.objective.attribute, self.objective.maximise]
        return {"objective": objective, "pins": [list(pin) for pin in self.pins]}

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> Question:
        objective = None if stated["objective"] is None else Objective(*stated["objective"])
        return cls(objective, tuple((str(name), float(value)) for name, value in stated["pins"]))


@dataclass(frozen=True, slots=True)
class ModelOutcome:
    """The verdict on one question. Arrays are in the order of the model's variables and requirements.

    `values` is the solution, for an unbounded model a feasible point from which `ray` leads away. `multipliers`, one a
    hard requirement and then one a pin, prove that there is none; of an optimum without integers they are the dual
    values of its minimisation, from which its bound follows. `evidence` names what proves `infeasible` or `unbounded`.
    """

    status: ResultStatus
    engine: str
    seconds: float
    objective: float | None = None
    bound: float | None = None
    values: Floats | None = None
    evidence: str | None = None
    multipliers: Floats | None = None
    ray: Floats | None = None
    infeasibility: Infeasibility | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def gap(self) -> float | None:
        return gap_of(self.objective, self.bound)

    def as_dict(self) -> dict[str, Any]:
        """As JSON, to travel between processes."""
        shown: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in ("values", "multipliers", "ray"):
            shown[name] = None if shown[name] is None else shown[name].tolist()
        shown["infeasibility"] = None if self.infeasibility is None else self.infeasibility.as_dict()
        return {**shown, "status": self.status.value, "notes": list(self.notes)}

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> ModelOutcome:
        found = dict(stated)
        for name in ("values", "multipliers", "ray"):
            found[name] = None if found[name] is None else np.asarray(found[name], dtype=np.float64)
        if found["infeasibility"] is not None:
            found["infeasibility"] = Infeasibility.from_dict(found["infeasibility"])
        return cls(**{**found, "status": ResultStatus(found["status"]), "notes": tuple(found["notes"])})
