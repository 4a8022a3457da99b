"""What `today` means in a network: its sites and its tables, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.business_parameters import ASSIGNMENTS
from networx.domain.network import Assignments, Expansions, NetworkTables, ServiceYears
from networx.domain.plan import Outcome

CLOSED = 1e-6  # the gap to which a baseline is proven


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
