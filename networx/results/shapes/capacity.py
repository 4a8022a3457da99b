"""The result of a capacity analysis."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from networx.results.shapes.parts import Dollars, OfNetwork, Part, ProofFile, Share, Status, Units


class CapacityProof(Part):
    """Each year's flows with the multipliers that prove them."""

    outcome: dict[str, Any]


class CapacityKpis(Part):
    """Over all years, of the network as it is."""

    first_year_of_shortage: int | None
    units_short: Units
    total_units: Units
    demand_units: Units
    transport_cost: Dollars
    handling_cost: Dollars = 0.0
    inbound_cost: Dollars = 0.0
    service_penalty: Dollars = 0.0
    fixed_cost: Dollars
    one_time_cost: Dollars = 0.0
    total_cost: Dollars
    cost_per_unit: Dollars | None
    facilities_open: int
    highest_utilisation: Share | None
    bottlenecks: int


class CapacityYear(Part):
    """One year of the network as it is, or with relief."""

    year: int
    demand_units: Units
    units: Units
    units_short: Units
    capacity_units: Units | None
    utilisation: Share | None
    transport_cost: Dollars
    handling_cost: Dollars = 0.0
    inbound_cost: Dollars = 0.0
    service_penalty: Dollars = 0.0
    fixed_cost: Dollars
    one_time_cost: Dollars = 0.0
    total_cost: Dollars


class Utilisation(Part):
    """Use of one facility in one year."""

    facility: str
    year: int
    capacity: Units | None
    throughput: Units
    utilisation: Share | None
    spare: Units | None


class ShortDestination(Part):
    """Units that a destination lacks."""

    name: str
    units: Units


class ShortYear(Part):
    """A year in which demand cannot all be served."""

    year: int
    units: Units
    share_of_demand: Share | None
    destinations: list[ShortDestination]
    more_destinations: int
    facilities: list[str]
    held_back_by: list[str] = Field(default_factory=list)
    held_back_by_service: bool = False


class Shortage(Part):
    """What stays unserved at least."""

    first_year: int | None
    units: Units
    by_year: list[ShortYear]


class TenthMore(Part):
    """What a tenth more capacity saves, solved again."""

    capacity: Units
    saves: float
    unit: str


class Bottleneck(Part):
    """A facility, a lane, a supplier or a lane from one that more capacity would relieve."""

    kind: Literal["facility", "lane", "supplier", "inbound lane"]
    name: str
    year: int
    shadow_price: float
    unit: str
    valid_from: Units
    valid_to: Units | None
    tenth_more: TenthMore


class Change(Part):
    """A facility that the relief opens, or keeps of those open before, or a tier that it takes, from a year on."""

    change: Literal["open", "keep", "expand"]
    facility: str
    tier: int | None = None
    from_year: int
    to_year: int | None = Field(default=None, description="the last year in which it is open; null: to the end")
    capacity: Units | None
    fixed_cost_in_first_year: Dollars
    fixed_cost: Dollars
    opening_cost: Dollars = 0.0
    closing_cost: Dollars = 0.0


class Relief(Part):
    """The cheapest way found to serve all demand."""

    status: Status
    changes: list[Change]
    added_fixed_cost: Dollars
    added_one_time_cost: Dollars = 0.0
    transport_cost: Dollars
    handling_cost: Dollars = 0.0
    inbound_cost: Dollars = 0.0
    service_penalty: Dollars = 0.0
    fixed_cost: Dollars
    one_time_cost: Dollars = 0.0
    total_cost: Dollars
    bound: Dollars
    gap: float
    bound_source: str
    years: list[CapacityYear]
    utilisation: list[Utilisation]


class CapacityResult(OfNetwork):
    """How far the facilities `sites` reach, what is short, and the cheapest relief."""

    type: Literal["capacity"]
    sites: list[str]
    kpis: CapacityKpis | None
    years: list[CapacityYear]
    utilisation: list[Utilisation]
    shortage: Shortage
    bottlenecks: list[Bottleneck]
    bottlenecks_not_examined: int
    relief: Relief | None
    headline: str
    verdict: str
    proof: CapacityProof | ProofFile | None
