"""What a capacity analysis found: how each year is served, what is short, what would help, and the proof of each.

Facilities and destinations are the positions of the dataset's tables, years positions in `CapacityOutcome.years`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats
from networx.domain.plan import Infeasibility, ResultStatus

MULTIPLIERS = "multipliers"  # of a bound: recomputed from multipliers that go with the answer
MORE = 0.1  # the share of its capacity by which a place is enlarged, to see what that saves
FACILITY, LANE, SUPPLIER, INBOUND = "facility", "lane", "supplier", "inbound lane"


@dataclass(frozen=True, slots=True)
class Place:
    """What has a capacity: a facility, a supplier, a lane (its facility, destination and mode) or a lane from a
    supplier (its supplier, facility and mode). -1: not of it.

    `mode` indexes `CapacityOutcome.modes`, of a lane from a supplier its `inbound_modes`.
    """

    kind: str
    facility: int = -1
    destination: int = -1
    mode: int = -1
    supplier: int = -1

    @property
    def ends(self) -> tuple[int, int, int]:
        """Where a lane starts and ends, and its mode."""
        if self.kind == INBOUND:
            return self.supplier, self.facility, self.mode
        return self.facility, self.destination, self.mode

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_stated(cls, stated: Any) -> Place:
        """From `as_dict`, or from the number of a facility, as analyses of facilities alone were stored."""
        return cls(FACILITY, facility=int(stated)) if isinstance(stated, int) else cls(**stated)


@dataclass(frozen=True, slots=True)
class Multipliers:
    """The prices that prove a year's answer: any numbers of these signs give a bound, by weak duality.

    `capacity` (one a facility, 0 or less): what a unit of its capacity adds to the objective. `service` (0 or more):
    what a unit of demand that has to be within the distance adds. `shortage` (0 or less): what a unit that may stay
    unserved adds. `supply` (one a supplier) and `lane_price` (one for each lane of `lane`, (L, 3): facility,
    destination, mode) are 0 or less: what a unit of theirs adds; so are those of lanes from suppliers, `inbound_price`
    for each of `inbound` (supplier, facility, mode). `least` (one a facility, 0 or more, empty where
    nothing asks for it): what a unit of its minimum throughput adds.
    """

    capacity: Floats
    service: float = 0.0
    shortage: float = 0.0
    supply: Floats = field(default_factory=lambda: np.zeros(0))
    lane: Codes = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int32))
    lane_price: Floats = field(default_factory=lambda: np.zeros(0))
    least: Floats = field(default_factory=lambda: np.zeros(0))
    inbound: Codes = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int32))
    inbound_price: Floats = field(default_factory=lambda: np.zeros(0))

    def of(self, place: Place) -> float:
        """The price of a unit of this place's capacity; 0 where it has none."""
        if place.kind == FACILITY:
            return float(self.capacity[place.facility])
        if place.kind == SUPPLIER:
            return float(self.supply[place.supplier])
        lane, price = (self.inbound, self.inbound_price) if place.kind == INBOUND else (self.lane, self.lane_price)
        return float(price[(lane == place.ends).all(axis=1)].sum())

    def places(self, above: float = 0.0) -> list[Place]:
        """Facilities, lanes, suppliers, then lanes from them, with a price of more than this on a unit of capacity."""
        facilities = [Place(FACILITY, facility=site) for site in np.flatnonzero(self.capacity < -above).tolist()]
        lanes = [Place(LANE, *lane) for lane in self.lane[self.lane_price < -above].tolist()]
        suppliers = [Place(SUPPLIER, supplier=at) for at in np.flatnonzero(self.supply < -above).tolist()]
        inbound = [
            Place(INBOUND, supplier=supplier, facility=facility, mode=mode)
            for supplier, facility, mode in self.inbound[self.inbound_price < -above].tolist()
        ]
        return [*facilities, *lanes, *suppliers, *inbound]

    def as_dict(self) -> dict[str, Any]:
        stated = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in stated.items()}

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> Multipliers:
        return cls(
            np.array(stated["capacity"], dtype=np.float64),
            stated["service"],
            stated["shortage"],
            np.array(stated.get("supply", []), dtype=np.float64),
            np.array(stated.get("lane", []), dtype=np.int32).reshape(-1, 3),
            np.array(stated.get("lane_price", []), dtype=np.float64),
            np.array(stated.get("least", []), dtype=np.float64),
            np.array(stated.get("inbound", []), dtype=np.int32).reshape(-1, 3),
            np.array(stated.get("inbound_price", []), dtype=np.float64),
        )


@dataclass(frozen=True, slots=True)
class YearAnswer:
    """How one year is served by the facilities `opened` (I,): a flow is (facility, destination, mode) with units > 0.

    `mode` indexes `CapacityOutcome.modes`, -1 where the lane has none, and may be left out where there are none.
    What comes in from suppliers is told likewise, with a mode of `inbound_modes`; nothing does without suppliers.
    `unserved` (J,) are units; `short` is their sum, which no other way of serving makes smaller: `least_short` proves
    it where it is above 0. `cost` in dollars is the least at which so much is served: of it `inbound_cost` is paid for
    what comes in, and `penalty` for service that is lacking. `least_cost` proves it. It is None, as is `least_cost`,
    where only the shortage was asked for. Where even the minimum throughputs cannot be met, `missed` (I,) are the units
    that facilities lack of theirs, in sum as few as can be: `least_missed` proves it, and nothing else is proven.
    `tiers` (I,) says how many of its tiers a facility has in use, none where it is left out.
    In this answer `larger` has the capacity `enlarged`, in place of its own.
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
    larger: Place | None = None
    enlarged: float | None = None
    mode: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    inbound_supplier: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    inbound_facility: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    inbound_units: Floats = field(default_factory=lambda: np.zeros(0))
    inbound_cost: float = 0.0
    penalty: float = 0.0
    tiers: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    missed: Floats = field(default_factory=lambda: np.zeros(0))
    least_missed: Multipliers | None = None
    inbound_mode: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))

    def __post_init__(self) -> None:
        if not len(self.mode):
            object.__setattr__(self, "mode", np.full(np.shape(self.units), -1, dtype=np.int32))
        if not len(self.inbound_mode):
            object.__setattr__(self, "inbound_mode", np.full(np.shape(self.inbound_units), -1, dtype=np.int32))
        if not len(self.tiers):
            object.__setattr__(self, "tiers", np.zeros(np.shape(self.opened), dtype=np.int32))
        if not len(self.missed):
            object.__setattr__(self, "missed", np.zeros(np.shape(self.opened)))

    def as_dict(self) -> dict[str, Any]:
        stated = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name, value in stated.items():
            if isinstance(value, np.ndarray):
                stated[name] = value.tolist()
            elif isinstance(value, Multipliers | Place):
                stated[name] = value.as_dict()
        return stated

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> YearAnswer:
        proofs = {
            name: None if stated.get(name) is None else Multipliers.from_dict(stated[name])
            for name in ("least_short", "least_cost", "least_missed")
        }
        arrays = {
            name: np.array(stated[name], dtype=kind) for name, kind in _ARRAYS_OF_AN_ANSWER.items() if name in stated
        }
        larger = stated.get("larger")
        return cls(**{**stated, **arrays, **proofs, "larger": None if larger is None else Place.from_stated(larger)})


_ARRAYS_OF_AN_ANSWER: dict[str, Any] = {
    **dict.fromkeys(("facility", "destination", "mode", "tiers"), np.int32),
    **dict.fromkeys(("inbound_supplier", "inbound_facility", "inbound_mode"), np.int32),
    **dict.fromkeys(("units", "unserved", "inbound_units", "missed"), np.float64),
    "opened": bool,
}


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
