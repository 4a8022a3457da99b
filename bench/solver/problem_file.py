"""A location problem in a file, to pass it to another process."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np

from networx.solver.location.problem import LocationProblem

NAME = "problem.npz"


def write(problem: LocationProblem, folder: Path) -> None:
    np.savez(folder / NAME, **{field.name: getattr(problem, field.name) for field in fields(problem)})


def read(folder: Path) -> LocationProblem:
    with np.load(folder / NAME) as arrays:
        given = {name: arrays[name] for name in arrays.files}
    return LocationProblem(**{name: int(value) if value.ndim == 0 else value for name, value in given.items()})
