"""The result of a transport scenario."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from networx.results.shapes.business import Baseline, BusinessCase, Savings
from networx.results.shapes.network import Costs, Facility, FittedPricing, Pricing, Supplier, TransportYear
from networx.results.shapes.parts import Dollars, OfNetwork, Part, ProofFile, Share, Units
from networx.results.shapes.sensitivity import Sensitivity


class TransportProof(Part):
    """The plan as arrays, and the proof of its bound where an engine wrote one; see docs/operations/verify.md."""

    plan: dict[str, list[Any]]
    bound: dict[str, Any] | None
    baseline: dict[str, Any] | None = None
    answers: list[dict[str, Any] | None] = Field(default=[], description="of `sensitivity`, a plan and its bound each")


class TransportKpis(Costs):
    """Over all years; `service_level` is the lowest year's."""

    service_penalty_cost: Dollars = Field(description="a price on missing a service target, in total_cost")
    total_cost: Dollars
    cost_per_unit: Dollars | None
    total_units: Units
    facilities_open: int
    service_level: Share | None
    weighted_service_level: Share | None
    weighted_distance_miles: float | None
    savings: Dollars | None = None
    savings_share: float | None = None
    transport_savings_share: float | None = Field(
        default=None, description="of what transport, inbound included, costs in the modelled baseline"
    )


class TransportResult(OfNetwork):
    """Which facilities are open, and what it costs. Who serves whom: `assignments`, and the plan in `proof`."""

    type: Literal["transport"]
    kpis: TransportKpis | None
    years: list[TransportYear]
    facilities: list[Facility]
    suppliers: list[Supplier]
    pricing: Pricing | None = None
    inbound_pricing: Pricing | None = None
    fitted_rates: list[FittedPricing] | None = None
    baseline: Baseline | None = None
    savings: Savings | None = None
    business_case: BusinessCase | None = None
    sensitivity: Sensitivity | None = None
    proof: TransportProof | ProofFile | None
