"""The results on warehouses and stock."""

from __future__ import annotations

from typing import Any, Literal

from networx.results.shapes.capacity import CapacityProof
from networx.results.shapes.network import Facility, FittedPricing, Pricing, Supplier
from networx.results.shapes.parts import OfNetwork, Part, ProofFile
from networx.results.shapes.transport import TransportProof


class StockProof(Part):
    """The whole answer on stock, and the assignments that it rests on."""

    outcome: dict[str, Any]
    service: dict[str, Any]
    compared: dict[str, Any] | None


class IntegratedProof(TransportProof):
    """The network's, and what its warehouses and stock are."""

    stores: dict[str, Any]


class OfStorage(OfNetwork):
    """What results on warehouses and stock have; docs/models says what their tables hold."""

    kpis: dict[str, Any] | None
    years: list[dict[str, Any]]
    notes: list[str]
    headline: str
    verdict: str


class WarehouseResult(OfStorage):
    """Space, doors and third-party space by year: docs/models/warehouse.md."""

    type: Literal["warehouse"]
    proof: CapacityProof | ProofFile | None
    warehouses: list[dict[str, Any]]


class InventoryResult(OfStorage):
    """Safety and cycle stock by facility: docs/models/inventory.md."""

    type: Literal["inventory"]
    proof: StockProof | ProofFile | None
    stock: dict[str, Any]


class IntegratedResult(OfStorage):
    """A network, then its warehouses, then its stock: docs/models/integrated.md. Its network is that of `transport`."""

    type: Literal["integrated"]
    proof: IntegratedProof | ProofFile | None
    facilities: list[Facility]
    suppliers: list[Supplier]
    pricing: Pricing | None = None
    inbound_pricing: Pricing | None = None
    fitted_rates: list[FittedPricing] | None = None
    warehouses: list[dict[str, Any]]
    stock: dict[str, Any]
    steps: dict[str, Any]
