"""What was paid, summed up: the outcome of a baseline of shipments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from networx.domain.arrays import Floats, Ints

# A place is what it is and what it is called: `("facility", "Chicago")`, `("zip3", "606")`, `("name", "Shanghai")`.
Place = tuple[str, str]
# Of a lane both places, of an origin one; else a word, a month (2025-03) or a year.
GroupKey = tuple[str, ...]
GROUPINGS = ("lane", "mode", "direction", "origin", "month", "year")
NOT_KNOWN = "not stated"  # the direction of shipments whose row does not say it


@dataclass(frozen=True, slots=True)
class PaidGroups:
    """Shipments grouped one way, keys ascending; row i of every array is one group.

    Cents are whole. A unit cost is of the shipments that state their units alone: `counted` of them, which cost
    `counted_cents`; in the same way `weighed` of weights. Not stated counts as 0 in `weight_lb`, `units` and `pkgs`.
    """

    keys: tuple[GroupKey, ...]
    shipments: Ints
    cents: Ints
    weight_lb: Floats
    weighed: Ints
    weighed_cents: Ints
    units: Floats
    counted: Ints
    counted_cents: Ints
    pkgs: Floats

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Paid:
    """All groupings by their name in GROUPINGS, the whole as one group under `all`, and the first and last day."""

    groups: Mapping[str, PaidGroups]
    first_day: int
    last_day: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """As plain values and arrays."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stated: Mapping[str, Any]) -> Paid:
        """What `as_dict` gave, also once it was JSON."""
        return cls(**{**stated, "groups": {name: _groups(told) for name, told in stated["groups"].items()}})

    @property
    def whole(self) -> PaidGroups:
        return self.groups["all"]


def _groups(stated: Mapping[str, Any]) -> PaidGroups:
    keys = tuple(tuple(key) for key in stated["keys"])
    types = {spec.name: np.float64 if spec.type == "Floats" else np.int64 for spec in fields(PaidGroups)}
    arrays: dict[str, Any] = {
        name: np.asarray(values, types[name]) for name, values in stated.items() if name != "keys"
    }
    return PaidGroups(keys, **arrays)


# Which sheets of a network a shipment's end may stand in, by its direction, the likelier first.
ORIGIN_SHEETS: Mapping[str | None, tuple[str, ...]] = {
    "outbound": ("facility",),
    "inbound": ("supplier",),
    "transfer": ("facility",),
    None: ("facility", "supplier"),
}
DESTINATION_SHEETS: Mapping[str | None, tuple[str, ...]] = {
    "outbound": ("destination",),
    "inbound": ("facility",),
    "transfer": ("facility",),
    None: ("destination", "facility"),
}


def places_of(tables: Any) -> dict[str, tuple[tuple[str, ...], tuple[str | None, ...]]]:
    """Names and ZIPs of each kind of place of a network; of none without one."""
    if tables is None:
        return {}
    sheets = {"facility": tables.facilities, "destination": tables.destinations, "supplier": tables.suppliers}
    return {kind: (tuple(sheet.name), tuple(sheet.zip)) for kind, sheet in sheets.items()}
