"""Which operations a load is made of. `uploads=1,submits=2,reads=7` is one upload and two submits to seven reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle

_MOST_WEIGHT = 1000


class Operation(StrEnum):
    """What a client does."""

    UPLOADS = "uploads"  # one workbook as a form; the load of it goes on behind
    SUBMITS = "submits"  # one scenario to be solved; the solve goes on behind
    READS = "reads"  # lists and single things, in turn


USUAL = "uploads=1,submits=2,reads=7"


@dataclass(frozen=True, slots=True)
class Mix:
    """The weight of each operation; those that are absent are not done."""

    weights: Mapping[Operation, int]

    @classmethod
    def read(cls, text: str) -> Mix:
        """The mix that a person wrote. Raises ValueError with what is wrong."""
        weights: dict[Operation, int] = {}
        for part in text.split(","):
            name, sign, number = part.strip().partition("=")
            if name not in set(Operation):
                raise ValueError(f"{name or 'nothing'} is no operation; there are {', '.join(Operation)}")
            if not sign or not number.isdigit() or int(number) > _MOST_WEIGHT:
                raise ValueError(f"{name} needs a whole weight from 0 to {_MOST_WEIGHT}, such as {name}=2")
            if Operation(name) in weights:
                raise ValueError(f"{name} stands there twice")
            weights[Operation(name)] = int(number)
        if not sum(weights.values()):
            raise ValueError("every weight is zero")
        return cls({operation: weight for operation, weight in weights.items() if weight})

    def turns(self) -> Iterator[Operation]:
        """The operations without end, each as often as its weight says and spread evenly."""
        return cycle(self._round())

    def _round(self) -> list[Operation]:
        total = sum(self.weights.values())
        credit = dict.fromkeys(self.weights, 0)
        turns = []
        for _ in range(total):
            for operation, weight in self.weights.items():
                credit[operation] += weight
            chosen = max(credit, key=lambda operation: credit[operation])
            credit[chosen] -= total
            turns.append(chosen)
        return turns
