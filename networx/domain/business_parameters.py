"""The parameters of what a plan is held against: today's network, what was paid, and the client's own rate."""

from __future__ import annotations

from dataclasses import dataclass

from networx.domain.parameter_rules import only, parameter, share

CHEAPEST, ASSIGNMENTS = "cheapest", "assignments"
DEFAULT_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class BusinessParameters:
    """Read beside those of a transport scenario; none of them changes its plan."""

    baseline_flows: str | None = parameter(
        only(CHEAPEST, ASSIGNMENTS),
        "Asks for savings against today's network: the sites with existing yes. cheapest: each destination is served "
        "from them at least cost; assignments: as the fixed rows of Assignments say. Empty: no savings are stated.",
    )
    calibration_tolerance: float = parameter(
        share,
        "How far the modelled baseline may be from what was paid; beyond it every saving is called uncalibrated.",
        "share 0-1",
        DEFAULT_TOLERANCE,
    )
    discount_rate: float | None = parameter(
        share, "The yearly rate of the net present value. Empty: none is stated.", "share 0-1"
    )


NOTHING_ASKED = BusinessParameters()
