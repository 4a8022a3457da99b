"""What a capacity analysis found: how each year is served, what is short, what would help, and the proof of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from networx.domain.arrays import Flags
from networx.domain.capacity_answer import Place, YearAnswer
from networx.domain.plan import Infeasibility, ResultStatus

MULTIPLIERS = "multipliers"  # of a bound: recomputed from multipliers that go with the answer
MORE = 0.1  # the share of its capacity by which a place is enlarged, to see what that saves


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A facility, a lane, a supplier or a lane from one that more capacity would relieve in a year.

    `price` is what one more unit of capacity saves, in dollars a year, or in a short year the units it serves; it
    holds up to the capacity of the answer `resolved[holds_in]`. `resolved[tenth]` is solved again with a tenth more.
    """

    year: int
    place: Place
    price: float
    holds_in: int
    tenth: int

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"place": self.place.as_dict()}

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> Bottleneck:
        rest = {name: stated[name] for name in ("year", "price", "holds_in", "tenth")}
        return cls(place=Place.from_stated(stated.get("place", stated.get("facility"))), **rest)


@dataclass(frozen=True, slots=True)
class Relief:
    """The cheapest way found to serve all demand: facilities that open beside the sites, and tiers that are taken.

    `opened` are (facility, year), one a time that it opens; it stays so to the end, or until it is `closed`, told
    likewise. `tiers` are (facility, number of the tier, year); a facility that closes gives its own up.
    `objective` and `bound` are dollars over all years, transport and facilities; `bound` is the solver's word. `years`
    has an answer a year.
    """

    opened: tuple[tuple[int, int], ...]
    years: tuple[YearAnswer, ...]
    objective: float
    bound: float
    gap: float
    tiers: tuple[tuple[int, int, int], ...] = ()
    closed: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CapacityOutcome:
    """What an analysis of the facilities `sites` (I,) found; `modes` are the names of those that its flows go by, and
    `inbound_modes` of those by which units come in.

    `base` has an answer a year. `not_examined` places in a year are full, but time ran out before they were solved
    again. `everything` are answers for the short years with every allowed facility open, where even that is too little;
    there only the sites have to ship their minimum throughput. `missed` are answers for the years in which the sites
    cannot do so; then there are no others.
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
    modes: tuple[str, ...] = ()
    missed: tuple[YearAnswer, ...] = ()
    inbound_modes: tuple[str, ...] = ()

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
            **{name: [one.as_dict() for one in stated[name]] for name in ("base", "resolved", "everything", "missed")},
            "modes": list(self.modes),
            "inbound_modes": list(self.inbound_modes),
            "bottlenecks": [one.as_dict() for one in self.bottlenecks],
            "relief": None if self.relief is None else _relief_dict(self.relief),
            "infeasibility": None if self.infeasibility is None else self.infeasibility.as_dict(),
        }

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> CapacityOutcome:
        answers = {
            name: tuple(YearAnswer.from_dict(one) for one in stated.get(name, ()))
            for name in ("base", "resolved", "everything", "missed")
        }
        parts = {
            "status": ResultStatus(stated["status"]),
            "years": tuple(stated["years"]),
            "modes": tuple(stated.get("modes", ())),
            "inbound_modes": tuple(stated.get("inbound_modes", ())),
            "sites": np.array(stated["sites"], dtype=bool),
            "bottlenecks": tuple(Bottleneck.from_dict(one) for one in stated["bottlenecks"]),
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
    opened, closed = (
        tuple((int(site), int(year)) for site, year in stated.get(name, ())) for name in ("opened", "closed")
    )
    years = tuple(YearAnswer.from_dict(one) for one in stated["years"])
    tiers = tuple((int(site), int(tier), int(year)) for site, tier, year in stated.get("tiers", ()))
    return Relief(**{**stated, "opened": opened, "years": years, "tiers": tiers, "closed": closed})
