"""The result of a sweep over numbers of facilities."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from networx.results.shapes.parts import Dollars, Part, Result, Share, Status


class BatchRow(Part):
    """One number of facilities on the frontier."""

    job_id: str | None
    nodes: int
    job_status: str
    status: str
    best: bool
    efficient: bool | None
    certified: bool
    partial: bool
    cost: Dollars | None
    bound: Dollars | None
    gap: float | None
    cost_per_unit: Dollars | None
    service_level: Share | None
    weighted_distance_miles: float | None
    savings: Dollars | None = Field(default=None, description="against the modelled baseline, where there is one")


class BatchResult(Result):
    """A sweep over numbers of facilities: the best run, and the frontier. Each member has a result of its own."""

    type: Literal["batch"]
    status: Status | None  # type: ignore[assignment]  # none while no member has ended with a plan
    certificate: None
    kpis: dict[str, Any] | None
    criterion: str
    proven: bool
    note: str
    still_open: list[dict[str, Any]]
    best: dict[str, Any] | None
    service_measure: str | None
    frontier: list[BatchRow]
    scenarios: list[dict[str, Any]]
    batch_summary: dict[str, Any]
    ignored: list[dict[str, str]]
