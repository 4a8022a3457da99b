"""What a solved scenario is: its verdict, its plan and the proof that goes with them.

Models write these, `verify` checks them and `results` reports them; none of the three knows the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from networx.domain.arrays import Codes, Flags, Floats, codes_of, flags_of
from networx.domain.bound_proofs import BoundProof
from networx.errors import CertificateRefused, Problem

# Where a bound comes from, as `bound_source` says it.
SOLVER = "solver"
EARLIER_ATTEMPT = "earlier_attempt"  # the same solver, in an earlier attempt at the same job
CLOSED_FORM = "closed_form"
RECOMPUTED = "recomputed"  # by the certificate, from a proof that came with the plan


class ResultStatus(StrEnum):
    """The verdict on a scenario, not on its job: a job that ends `infeasible` has succeeded."""

    OPTIMAL = "optimal"  # proven within the requested gap
    FEASIBLE = "feasible"  # a plan that meets every requirement, with the gap that is still open
    INFEASIBLE = "infeasible"  # proven that no plan meets every requirement
    UNBOUNDED = "unbounded"
    NO_SOLUTION = "no_solution"  # the limit came before a plan was found; nothing is proven


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a solve stands. Costs are in the objective's currency; `gap` is relative to the incumbent."""

    stage: str
    percent: float | None = None
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def finite(self) -> Progress:
        """The same with what is infinite or no number unknown: a solver's infinite bound means that it has none yet."""
        figures = (self.percent, self.incumbent, self.bound, self.gap)
        return Progress(self.stage, *(one if one is not None and math.isfinite(one) else None for one in figures))


@dataclass(frozen=True, slots=True)
class TransportPlan:
    """Which facilities are open in each year, and who serves whom.

    `years` has T entries, `opened` is of shape (T, facilities), and so is `tiers`: how many of its tiers a facility has
    in use, none where it is left out. Each flow is one (year, facility, destination, mode) with units > 0: `flow_year`
    indexes `years`, `flow_facility` and `flow_destination` index the dataset's tables, and `flow_mode` indexes `modes`,
    or is -1 where the lane has no mode. Both may be left out where there are no modes. What comes in from suppliers is
    told likewise, each by (year, supplier, facility, mode) with units > 0 and modes of their own; there is none where
    there are no suppliers.
    """

    years: tuple[int, ...]
    opened: Flags
    flow_year: Codes
    flow_facility: Codes
    flow_destination: Codes
    flow_units: Floats
    flow_mode: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    modes: tuple[str, ...] = ()
    tiers: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    inbound_year: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    inbound_supplier: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    inbound_facility: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    inbound_units: Floats = field(default_factory=lambda: np.zeros(0))
    inbound_mode: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    inbound_modes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.modes:
            object.__setattr__(self, "flow_mode", np.full(len(self.flow_units), -1, dtype=np.int32))
        if not self.inbound_modes:
            object.__setattr__(self, "inbound_mode", np.full(len(self.inbound_units), -1, dtype=np.int32))
        if not np.size(self.tiers):
            object.__setattr__(self, "tiers", np.zeros(np.shape(self.opened), dtype=np.int32))

    def modes_among(self, names: Sequence[str]) -> Codes:
        """For each flow the place of its mode among these names; -1 where it has none, or one that is not there."""
        return _places_among(names, self.modes, self.flow_mode)

    def inbound_modes_among(self, names: Sequence[str]) -> Codes:
        """The same for what comes in."""
        return _places_among(names, self.inbound_modes, self.inbound_mode)

    @property
    def open(self) -> tuple[bool, ...]:
        """For each facility, whether it is open in at least one year."""
        return tuple(bool(flag) for flag in np.any(self.opened, axis=0))

    def arrays(self) -> dict[str, Any]:
        """The plan as plain arrays, to travel between processes without pickling."""
        return {
            "years": np.asarray(self.years, dtype=np.int64),
            "opened": self.opened,
            "flow_year": self.flow_year,
            "flow_facility": self.flow_facility,
            "flow_destination": self.flow_destination,
            "flow_units": self.flow_units,
            "flow_mode": self.flow_mode,
            "modes": np.array(self.modes, dtype=np.str_),
            "tiers": self.tiers,
            "inbound_year": self.inbound_year,
            "inbound_supplier": self.inbound_supplier,
            "inbound_facility": self.inbound_facility,
            "inbound_units": self.inbound_units,
            "inbound_mode": self.inbound_mode,
            "inbound_modes": np.array(self.inbound_modes, dtype=np.str_),
        }

    @classmethod
    def from_arrays(cls, arrays: Any) -> TransportPlan:
        """Raises KeyError where a part is missing that every version wrote, ValueError for what is no position."""
        return cls(
            years=tuple(int(year) for year in arrays["years"]),
            opened=flags_of(arrays["opened"]),
            flow_year=codes_of(arrays["flow_year"]),
            flow_facility=codes_of(arrays["flow_facility"]),
            flow_destination=codes_of(arrays["flow_destination"]),
            flow_units=np.asarray(arrays["flow_units"], dtype=np.float64),
            # Plans stored before there were modes, tiers and suppliers have none of them.
            flow_mode=codes_of(arrays.get("flow_mode", ())),
            modes=tuple(str(mode) for mode in arrays.get("modes", ())),
            tiers=codes_of(arrays.get("tiers", ())),
            inbound_year=codes_of(arrays.get("inbound_year", ())),
            inbound_supplier=codes_of(arrays.get("inbound_supplier", ())),
            inbound_facility=codes_of(arrays.get("inbound_facility", ())),
            inbound_units=np.asarray(arrays.get("inbound_units", ()), dtype=np.float64),
            inbound_mode=codes_of(arrays.get("inbound_mode", ())),
            inbound_modes=tuple(str(mode) for mode in arrays.get("inbound_modes", ())),
        )


def _places_among(names: Sequence[str], modes: tuple[str, ...], codes: Codes) -> Codes:
    place = {name: code for code, name in enumerate(names)}
    known = np.array([*(place.get(mode, -1) for mode in modes), -1], dtype=np.int32)
    places: Codes = known[codes]
    return places


@dataclass(frozen=True, slots=True)
class Clash:
    """One requirement that cannot be met together with the others, in business words.

    `short_by` says by how much in `unit`; `cure` is the nearest value that would work.
    """

    requirement: str
    message: str
    short_by: float | None = None
    unit: str | None = None
    year: int | None = None
    cure: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Infeasibility:
    """Why no plan exists. `evidence` is `closed_form` (a sum to redo) or `elastic_model` (a solver's optimum)."""

    evidence: str
    clashes: tuple[Clash, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"evidence": self.evidence, "clashes": [clash.as_dict() for clash in self.clashes]}

    @classmethod
    def from_dict(cls, stated: dict[str, Any]) -> Infeasibility:
        return cls(stated["evidence"], tuple(Clash(**clash) for clash in stated["clashes"]))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a solve found. `objective`, `bound` in dollars over the horizon; `gap` relative; None where unknown.

    `proof` shows how the bound comes about, where `bound_source` is `recomputed`.
    """

    status: ResultStatus
    engine: str
    seconds: float
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    bound_source: str = SOLVER
    plan: TransportPlan | None = None
    infeasibility: Infeasibility | None = None
    proof: BoundProof | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a certificate: the worst violation found, in `unit`, against its limit."""

    name: str
    worst: float
    limit: float
    passed: bool
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """An independent check of a plan against the dataset it answers, named by the dataset's SHA-256."""

    dataset_sha256: str
    valid: bool
    checks: tuple[Check, ...]
    objective: float | None
    bound: float | None
    gap: float | None
    bound_source: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def refusal(self) -> CertificateRefused:
        """The error that one ends as which is not valid."""
        failed = [check for check in self.checks if not check.passed]
        return CertificateRefused(failed="; ".join(check.name for check in failed), checks=[*map(asdict, failed)])


__all__ = [
    "Certificate",
    "Check",
    "Clash",
    "Infeasibility",
    "Outcome",
    "Problem",
    "Progress",
    "ResultStatus",
    "TransportPlan",
]
