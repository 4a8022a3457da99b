"""The digest of a dataset's content, which outlives the version that took it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from networx.domain.network import Assignments, CostLines, Expansions, InboundLanes, OperatingCosts, Suppliers
from tests.core.models.small_networks import two_sites


def test_columns_that_came_later_and_are_empty_leave_the_digest_as_it_was():
    # Taken before facilities had windows, leases and one-time costs, and a network its Assignments.
    taken = "1a4f9bef7a7a5ed413fd5f784e3191ef1fc2e4545b6606412da9d76ec492d434"

    assert two_sites(facility_years=[(1, 2027, 60, 45)]).sha256() == taken


def test_a_dataset_with_suppliers_keeps_its_digest_too():
    # Taken before lanes from suppliers had modes, capacities, zones and years.
    taken = "a50ce6bc66de98f40504ef6aea7b5f6f0e0b271599aec3a2beff3b88d2becccf"
    some, code = np.array([5.0]), np.array([0], dtype=np.int32)
    suppliers = Suppliers(("Mill",), (None,), np.array([np.nan]), np.array([np.nan]), some, some)
    lanes = InboundLanes(code, code, some, np.array([np.nan]))

    assert replace(two_sites(), suppliers=suppliers, inbound_lanes=lanes).sha256() == taken


def test_each_column_that_came_later_changes_the_digest_where_it_is_filled_in():
    plain = two_sites()
    some = np.array([np.nan, 5.0])
    changed = [
        replace(plain, facilities=replace(plain.facilities, **{name: some}))
        for name in ("available_from_year", "forced_to_year", "lease_years", "opening_cost", "min_throughput_units")
    ] + [
        replace(plain, facilities=replace(plain.facilities, **{name: some}))
        for name in ("square_feet", "lease_rate_per_sqft", "operating_cost_per_sqft")
    ]
    changed.append(replace(plain, facilities=replace(plain.facilities, existing=(None, "yes"))))
    rules = Assignments(np.array([0], dtype=np.int32), np.array([1], dtype=np.int32), ("fixed",))
    changed.append(replace(plain, assignments=rules))
    changed.append(replace(plain, assignments=replace(rules, rule=("forbidden",))))
    one, code, number = np.array([5.0]), np.array([0], dtype=np.int32), np.array([1])
    empty = np.array([np.nan])
    changed.append(replace(plain, expansions=Expansions(code, number, one, one, empty)))
    changed.append(replace(plain, expansions=Expansions(code, number, one, one, one)))
    changed.append(replace(plain, suppliers=Suppliers(("Mill",), (None,), empty, empty, one, empty)))
    changed.append(replace(plain, inbound_lanes=InboundLanes(code, code, one, empty)))
    told = ({"capacity_units": one}, {"mode": ("tl",)}, {"year": one}, {"zone": ("tl",)})
    changed += [replace(plain, inbound_lanes=InboundLanes(code, code, one, empty, **more)) for more in told]

    changed.append(replace(plain, operating_costs=OperatingCosts(code, number, ("rent",), one)))
    changed.append(replace(plain, control_totals=CostLines(number, ("rent",), one)))
    changed.append(replace(plain, one_time_costs=CostLines(number, ("rent",), one)))

    assert len({tables.sha256() for tables in (plain, *changed)}) == len(changed) + 1
