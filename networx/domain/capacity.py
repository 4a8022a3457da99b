"""What a capacity analysis found: how each year is served, what is short, what would help, and the proof of each.

Facilities and destinations are the positions of the dataset's tables, years positions in `CapacityOutcome.years`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats
from networx.domain.plan import Infeasibility, ResultStatus

MULTIPLIERS = "multipliers"  # of a bound: recomputed from multipliers that go with the answer
MORE = 0.1  # the share of its capacity by which a facility is enlarged, to see what that saves


@dataclass(frozen=True, slots=True)
class Multipliers:
    """The prices that prove a year's answer: any numbers of these signs give a bound, by weak duality.

    `capacity` (one a facility, 0 or less): what a unit of its capacity adds to the objective. `service` (0 or more):
    what a unit of demand that has to be within the distance adds. `shortage` (0 or less): what a unit that may stay
    unserved adds.
    """

    capacity: Floats
    service: float = 0.0
    shortage: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {"capacity": self.capacity.tolist(), "service": self.service, "shortage": self.shortage}

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> Multipliers:
        return cls(np.array(stated["capacity"], dtype=np.float64), stated["service"], stated["shortage"])


@dataclass(frozen=True, slots=True)
class YearAnswer:
    """How one year is served by the facilities `opened` (I,): each flow is one (facility, destination) with units > 0.

    `unserved` (J,) are units; `short` is their sum, which no other way of serving makes smaller: `least_short` proves
    it where it is above 0. `cost` in dollars of transport is the least at which so much is served: `least_cost` proves
    it. It is None, as is `least_cost`, where only the shortage was asked for. In this answer the facility `larger` has
    the capacity `enlarged`, in place of its own.
    """

    year: int
    opened: Flags
    facility: Codes
    destination: Codes
    units: Floats
    unserved: Floats
    short: float
    cost: float | None
    least_short: Multipliers | None
    least_cost: Multipliers | None
    larger: int | None = None
    enlarged: float | None = None

    def as_dict(self) -> dict[str, Any]:
        stated = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name, value in stated.items():
            if isinstance(value, np.ndarray):
                stated[name] = value.tolist()
            elif isinstance(value, Multipliers):
                stated[name] = value.as_dict()
        return stated

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> YearAnswer:
        proofs = {
            name: None if stated[name] is None else Multipliers.from_dict(stated[name])
            for name in ("least_short", "least_cost")
        }
        arrays = {
            "opened": np.array(stated["opened"], dtype=bool),
            "facility": np.array(stated["facility"], dtype=np.int32),
            "destination": np.array(stated["destination"], dtype=np.int32),
            "units": np.array(stated["units"], dtype=np.float64),
            "unserved": np.array(stated["unserved"], dtype=np.float64),
        }
        return cls(**{**stated, **arrays, **proofs})


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A facility that more capacity would relieve in a year.

    `price` is what one more unit of capacity saves, in dollars a year, or in a short year the units it serves; it
    holds up to the capacity of the answer `resolved[holds_in]`. `resolved[tenth]` is solved again with a tenth more.
    """

    year: int
    facility: int
    price: float
    holds_in: int
    tenth: int


@dataclass(frozen=True, slots=True)
class Relief:
    """The cheapest way found to serve all demand: facilities opened, each from a year on to the end.

    `objective` and `bound` are dollars over all years, transport and facilities; `bound` is the solver's word. `years`
    has an answer a year.
    """

    opened: tuple[tuple[int, int], ...]
    years: tuple[YearAnswer, ...]
    objective: float
    bound: float
    gap: float


@dataclass(frozen=True, slots=True)
class CapacityOutcome:
    """What an analysis of the facilities `sites` (I,) found.

    `base` has an answer a year. `not_examined` facilities in a year are full, but time ran out before they were solved
    again. `everything` are answers for the short years with every allowed facility open, where even that is too little.
    """

    status: ResultStatus
    engine: str
    seconds: float
    years: tuple[int, ...]
    sites: Flags
    base: tuple[YearAnswer, ...]
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    bound_source: str = MULTIPLIERS
    bottlenecks: tuple[Bottleneck, ...] = ()
    resolved: tuple[YearAnswer, ...] = ()
    not_examined: int = 0
    relief: Relief | None = None
    everything: tuple[YearAnswer, ...] = ()
    infeasibility: Infeasibility | None = None

    @property
    def short(self) -> bool:
        """Whether some year's demand cannot be served."""
        return any(answer.short > 0 for answer in self.base)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, to travel between processes without pickling."""
        stated = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return stated | {
            "status": self.status.value,
            "sites": self.sites.tolist(),
            **{name: [one.as_dict() for one in stated[name]] for name in ("base", "resolved", "everything")},
            "bottlenecks": [
                {name: getattr(one, name) for name in one.__dataclass_fields__} for one in self.bottlenecks
            ],
            "relief": None if self.relief is None else _relief_dict(self.relief),
            "infeasibility": None if self.infeasibility is None else self.infeasibility.as_dict(),
        }

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> CapacityOutcome:
        answers = {
            name: tuple(YearAnswer.from_dict(one) for one in stated[name])
            for name in ("base", "resolved", "everything")
        }
        parts = {
            "status": ResultStatus(stated["status"]),
            "years": tuple(stated["years"]),
            "sites": np.array(stated["sites"], dtype=bool),
            "bottlenecks": tuple(Bottleneck(**one) for one in stated["bottlenecks"]),
            "relief": None if stated["relief"] is None else _relief(stated["relief"]),
            "infeasibility": (
                None if stated["infeasibility"] is None else Infeasibility.from_dict(stated["infeasibility"])
            ),
        }
        return cls(**{**stated, **answers, **parts})


def _relief_dict(relief: Relief) -> dict[str, Any]:
    stated = {name: getattr(relief, name) for name in relief.__dataclass_fields__}
    return stated | {"years": [answer.as_dict() for answer in relief.years]}


def _relief(stated: dict[str, Any]) -> Relief:
    opened = tuple((int(site), int(year)) for site, year in stated["opened"])
    years = tuple(YearAnswer.from_dict(one) for one in stated["years"])
    return Relief(**{**stated, "opened": opened, "years": years})
