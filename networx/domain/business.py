"""What a plan is held against: the parameters of baseline and business case, and what `today` means in a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.network import Assignments, Expansions, Floats, NetworkTables, ServiceYears
from networx.domain.parameter_rules import only as _only
from networx.domain.parameter_rules import parameter as _parameter
from networx.domain.parameter_rules import share as _share
from networx.domain.plan import Outcome

CHEAPEST, ASSIGNMENTS = "cheapest", "assignments"
DEFAULT_TOLERANCE = 0.02
CLOSED = 1e-6  # the gap to which a baseline is proven


@dataclass(frozen=True, slots=True)
class BusinessParameters:
    """Read beside those of a transport scenario; none of them changes its plan."""

    baseline_flows: str | None = _parameter(
        _only(CHEAPEST, ASSIGNMENTS),
        "Asks for savings against today's network: the sites with existing yes. cheapest: each destination is served "
        "from them at least cost; assignments: as the fixed rows of Assignments say. Empty: no savings are stated.",
    )
    calibration_tolerance: float = _parameter(
        _share,
        "How far the modelled baseline may be from what was paid; beyond it every saving is called uncalibrated.",
        "share 0-1",
        DEFAULT_TOLERANCE,
    )
    discount_rate: float | None = _parameter(
        _share, "The yearly rate of the net present value. Empty: none is stated.", "share 0-1"
    )


NOTHING_ASKED = BusinessParameters()


@dataclass(frozen=True, slots=True)
class Baseline:
    """Today's network, priced: `outcome` has its plan, or `why` says in a sentence why there is no price."""

    flows: str
    outcome: Outcome | None = None
    why: str | None = None


def sites_of_today(tables: NetworkTables) -> Sequence[bool]:
    """For each facility, whether it is open today."""
    return [word == "yes" for word in tables.facilities.existing]


def tables_of_today(tables: NetworkTables, flows: str) -> NetworkTables:
    """The same demand, lanes and yearly costs with today's sites open in every year, and no others.

    What is about change has no part: windows, leases, opening and closing, tiers, least throughputs, service. Fixed
    rows of Assignments hold only where they say today's flows; forbidden ones always do.
    """
    sites, years = tables.facilities, tables.facility_years
    nothing: Floats = np.full(len(sites), np.nan)
    open_today = sites_of_today(tables)
    return replace(
        tables,
        facilities=replace(
            sites,
            status=tuple("mandatory" if here else "forbidden" for here in open_today),
            available_from_year=nothing,
            available_to_year=nothing,
            forced_from_year=nothing,
            forced_to_year=nothing,
            lease_years=nothing,
            opening_cost=nothing,
            closing_cost=nothing,
            min_throughput_units=nothing,
        ),
        facility_years=replace(years, status=(None,) * len(years)),
        expansions=Expansions(),
        service_years=ServiceYears(),
        assignments=tables.assignments if flows == ASSIGNMENTS else _forbidden(tables.assignments),
    )


def parameters_of_today(values: Mapping[str, object], years: int) -> dict[str, object]:
    """A transport scenario's parameters without what it asks of a new network: counts, changes and service."""
    counts = ("min_facilities", "max_facilities", "max_changes_per_year")
    asked = (*counts, "service_level", "service_penalty_per_unit", "max_transit_days")
    # What is not the cheapest, by however wide a gap was asked for, would let savings look larger than they are.
    return {**values, **dict.fromkeys(asked), "lease_years": years, "engine": "auto", "gap": CLOSED}


def _forbidden(rules: Assignments) -> Assignments:
    kept = np.array([rule == "forbidden" for rule in rules.rule], dtype=bool)
    return Assignments(rules.facility[kept], rules.destination[kept], ("forbidden",) * int(kept.sum()))
