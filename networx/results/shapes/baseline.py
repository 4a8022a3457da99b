"""The result on what was paid."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from networx.results.shapes.business import BaselineLine
from networx.results.shapes.parts import Certificate, Dollars, OfNetwork, Part, ProofFile, Share


class PaidSums(Part):
    """Sums of a group of shipments; costs of a unit and of 100 lb are of the shipments that state them."""

    shipments: int
    paid_cost: Dollars
    cost_per_shipment: Dollars
    weight_lb: float | None
    shipments_weighed: int
    cost_per_cwt: Dollars | None
    units: float | None
    shipments_with_units: int
    cost_per_unit: Dollars | None
    pkgs: float | None


class PaidKpis(PaidSums):
    """The same of all shipments."""

    lanes: int
    modelled_cost: Dollars | None


class PaidYear(PaidSums):
    """One year of the shipments; `months` is how many of it have any."""

    year: int
    months: int


class PaidMonth(PaidSums):
    """One month."""

    month: str


class PaidMode(PaidSums):
    """One mode."""

    mode: str


class PaidDirection(PaidSums):
    """One direction, or `not stated`."""

    direction: str


class PaidOrigin(PaidSums):
    """One origin: a facility or supplier, the first three digits of a ZIP code, or a name as it is written."""

    origin_kind: Literal["facility", "destination", "supplier", "zip3", "name"]
    origin: str


class PaidLane(PaidOrigin):
    """One lane; its other end is told in the same way."""

    destination_kind: Literal["facility", "destination", "supplier", "zip3", "name"]
    destination: str


class LanesNotListed(Part):
    """What the lanes add up to that only the workbook lists."""

    lanes: int
    shipments: int
    paid_cost: Dollars


class PaidGroups(Part):
    """What was paid, one way of grouping after the other; the lanes are those that most was paid on."""

    first_day: str
    last_day: str
    by_month: list[PaidMonth]
    by_mode: list[PaidMode]
    by_direction: list[PaidDirection]
    by_origin: list[PaidOrigin]
    lanes: list[PaidLane]
    lanes_not_listed: LanesNotListed


class OperatingCost(Part):
    """A line of the sheet OperatingCosts in a year, over all facilities."""

    year: int
    line: str
    amount: Dollars


class Modelled(Part):
    """Today's network, priced, or why it has no price."""

    flows: Literal["cheapest", "assignments"] | None
    why: str | None
    years: list[dict[str, Any]] | None
    bound_source: str | None
    certificate: Certificate | None


class NetworkBeside(Part):
    """The network that is set beside what was paid."""

    dataset_id: str | None = None
    dataset_file: str
    dataset_sha256: str


class BaselineProof(Part):
    """How today's network is priced: its plan as arrays, and the proof of its bound, or why it has no price."""

    baseline: dict[str, Any] | None


class BaselineResult(OfNetwork):
    """What was paid for shipments, beside what is modelled: docs/models/baseline.md. Its dataset is the shipments."""

    type: Literal["baseline"]
    kpis: PaidKpis
    years: list[PaidYear]
    paid: PaidGroups
    operating_costs: list[OperatingCost]
    lines: list[BaselineLine]
    transport_stated_twice: list[dict[str, Any]]
    calibration: Literal["calibrated", "uncalibrated", "not_compared"]
    tolerance: Share
    modelled: Modelled | None
    account: list[dict[str, Any]]
    network: NetworkBeside | None
    notes: list[str]
    headline: str
    verdict: str
    proof: BaselineProof | ProofFile | None = Field(description="null where today's network was not to be priced")
