"""The result of a greenfield study."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from networx.results.shapes.parts import Certificate, Dollars, OfNetwork, Part, Status, Units


class Place(Part):
    """A ZIP centroid that was chosen, and whom it serves."""

    zip: str
    latitude: float
    longitude: float
    destinations: list[str]


class GreenfieldRow(Part):
    """The best places for one number of them."""

    count: int
    status: Status
    unit_miles: float = Field(description="units x miles of all years")
    weighted_distance_miles: float
    transport_cost: Dollars | None = Field(description="unit_miles x cost_per_unit_mile; null where that is not stated")
    bound: float | None = Field(description="units x miles that no such number of places is below")
    gap: float | None = Field(description="relative")
    bound_source: str
    seconds: float
    places: list[Place]
    certificate: Certificate


class Candidates(Part):
    """Which ZIP centroids might be chosen."""

    rule: str
    meaning: str
    count: int
    source: str


class GreenfieldKpis(Part):
    """How many numbers of places there were, and what came of them."""

    numbers_asked: int
    numbers_answered: int
    numbers_proven: int
    demand_units: Units


class Located(Part):
    """Where a destination is."""

    name: str
    latitude: float | None
    longitude: float | None


class GreenfieldProof(Part):
    """The proof of each row's bound, in the rows' order; null where none was kept: then the bound is our word."""

    bounds: list[dict[str, Any] | None]


class GreenfieldResult(OfNetwork):
    """The best places for each number of them. `objective`, `bound` and `gap` are null: each row has its own."""

    type: Literal["greenfield"]
    kpis: GreenfieldKpis
    candidates: Candidates
    circuity: float | None
    distance: str
    demand_units: Units
    frontier: list[GreenfieldRow]
    destinations: list[Located]
    notes: list[str]
    headline: str
    proof: GreenfieldProof | None = None
