"""How one year of a capacity analysis is served: its flows, what has a capacity, and the prices that prove it.

Facilities and destinations are the positions of the dataset's tables, years positions in `CapacityOutcome.years`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats

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
