"""What was paid, summed up: by every grouping to the cent, with each end of a lane where it belongs."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networx.domain.network import NetworkTables, Suppliers
from networx.domain.paid import GROUPINGS, Paid
from networx.errors import RefusedInput
from networx.ingest.freight_datasets import shipments_of
from networx.models.baseline import sum_paid
from networx.verify.baseline import certify_paid
from tests.core.models.small_freight import digest_of, drawn, shipment
from tests.core.models.small_networks import two_sites


def placed() -> NetworkTables:
    """North at 60601, South at 10001; Riga and Bern stand in one ZIP code; a mill at 02139."""
    plain = two_sites()
    places = plain.destinations
    return replace(
        plain,
        facilities=replace(plain.facilities, zip=("60601", "10001-0001")),
        destinations=replace(places, name=("Riga", "Bern", *places.name[2:]), zip=("60699",) * len(places.name)),
        suppliers=Suppliers(("Mill",), ("02139",), *(np.full(1, np.nan) for _ in range(4))),
    )


def summed(rows: list[tuple[Any, ...]], network: NetworkTables | None = None) -> Paid:
    return sum_paid(shipments_of([rows]), network)


def certified(rows: list[tuple[Any, ...]], paid: Paid, network: NetworkTables | None = None, **stated: Any) -> Any:
    told = {"account": None, "network": network, "network_sha256": None if network is None else network.sha256()}
    return certify_paid([rows[:1], rows[1:]], digest_of(rows), paid, **{**told, **stated})


def test_every_grouping_adds_up_and_unit_costs_are_of_what_states_units() -> None:
    rows = [
        shipment("2025-12-31", charge=150, units=10.0, weight_lb=200.0),
        shipment("2026-01-01", charge=-50, mode="ltl", direction=None),
        shipment("2026-01-31", charge=7, dest_zip=None, destination="Riga", units=1.0),
    ]
    paid = summed(rows)
    cents = {
        name: dict(zip(paid.groups[name].keys, paid.groups[name].cents.tolist(), strict=True)) for name in GROUPINGS
    }
    assert cents["lane"] == {("zip3", "606", "name", "Riga"): 7, ("zip3", "606", "zip3", "100"): 100}
    assert cents["mode"] == {("ltl",): -50, ("tl",): 157}
    assert cents["direction"] == {("not stated",): -50, ("outbound",): 157}
    assert cents["origin"] == {("zip3", "606"): 107}
    assert cents["month"] == {("2025-12",): 150, ("2026-01",): -43}
    assert cents["year"] == {("2025",): 150, ("2026",): -43}
    whole = paid.whole
    assert (whole.units.tolist(), whole.counted.tolist(), whole.counted_cents.tolist()) == ([11], [2], [157])
    assert (whole.weight_lb.tolist(), whole.weighed.tolist(), whole.weighed_cents.tolist()) == ([200], [1], [150])
    assert certified(rows, paid).valid


def test_the_ends_of_a_lane_are_places_of_the_network_where_a_name_or_a_zip_code_says_so() -> None:
    rows = {
        "by ZIP code": shipment(origin_zip="60601-9999"),
        "by name before ZIP code": shipment(origin="South", origin_zip="60601"),
        "not by the ZIP code of two": shipment(dest_zip="60699"),
        "a destination by name": shipment(destination="Bern", dest_zip="99999"),
        "a supplier where it is inbound": shipment(direction="inbound", origin_zip="02139", dest_zip="60601"),
        "no supplier where it is outbound": shipment(origin_zip="02139"),
        "either where nobody says": shipment(direction=None, origin="Mill", dest_zip="60601"),
        "as it is written": shipment(origin_zip=None, origin="Oslo"),
    }
    paid = summed(list(rows.values()), placed())
    assert sorted(paid.groups["lane"].keys) == sorted(
        [
            ("facility", "North", "zip3", "100"),
            ("facility", "South", "zip3", "100"),
            ("facility", "North", "zip3", "606"),
            ("facility", "North", "destination", "Bern"),
            ("supplier", "Mill", "facility", "North"),
            ("zip3", "021", "zip3", "100"),
            ("name", "Oslo", "zip3", "100"),
        ]
    )
    assert certified(list(rows.values()), paid, placed()).valid


@pytest.mark.parametrize("seed", range(5))
def test_drawn_shipments_pass_their_check_in_any_order(seed: int) -> None:
    chance = random.Random(seed)
    rows = drawn(chance, 400)
    for network in (None, placed()):
        paid = summed(rows, network)
        certificate = certified(rows, paid, network)
        assert certificate.valid, certificate.checks
        shuffled = chance.sample(rows, len(rows))
        for name, groups in summed(shuffled, network).groups.items():
            assert groups.keys == paid.groups[name].keys
            assert groups.cents.tolist() == paid.groups[name].cents.tolist()


def test_no_shipments_have_no_sum() -> None:
    with pytest.raises(RefusedInput, match="no shipments"):
        sum_paid(shipments_of([]))


def _changed(paid: Paid, name: str, **columns: Any) -> Paid:
    return replace(paid, groups={**paid.groups, name: replace(paid.groups[name], **columns)})


@pytest.mark.parametrize("name", ["all", *GROUPINGS])
def test_a_cent_a_shipment_or_a_place_that_is_wrong_is_refused(name: str) -> None:
    rows = drawn(random.Random(3), 60)
    paid = summed(rows)
    groups = paid.groups[name]
    off = np.zeros(len(groups), dtype=np.int64)
    off[-1] = 1
    wrong = {
        "cents": groups.cents + off,
        "shipments": groups.shipments + off,
        "counted_cents": groups.counted_cents - off,
        "weighed": groups.weighed + off,
        "weight_lb": groups.weight_lb * (1 + 1e-6 * off) + 1e-3 * off,
        "keys": (("elsewhere",) * len(groups.keys[0]) if name != "all" else ("x",), *groups.keys[1:]),
    }
    for column, values in wrong.items():
        certificate = certified(rows, _changed(paid, name, **{column: values}))
        assert not certificate.valid, column


def test_other_rows_another_day_and_an_account_that_does_not_add_up_are_refused() -> None:
    rows = drawn(random.Random(4), 20)
    paid, tables = summed(rows), placed()
    cents = sum(row[-1] for row in rows)

    def failed(certificate: Any) -> list[str]:
        return [line.name for line in certificate.checks if not line.passed]

    assert failed(certify_paid([rows], "0" * 64, paid, account=None)) == ["dataset"]
    assert failed(certified(rows, replace(paid, last_day=paid.last_day + 1))) == ["first and last day"]
    kept = {"rows": 20, "cents": cents}
    account = {"tab": "CSV", "read": kept, "kept": kept, "left_out": {}, "shipments": 20}
    assert certified(rows, paid, account=[account]).valid
    for wrong in (
        {"read": {"rows": 20, "cents": cents + 1}},
        {"left_out": {"total": {"rows": 1, "cents": 0}}},
        {"kept": {"rows": 20, "cents": cents - 1}, "read": {"rows": 20, "cents": cents - 1}},
    ):
        told = failed(certified(rows, paid, account=[{**account, **wrong}]))
        assert told == ["rows and dollars read are kept and left out"]
    placed_paid = summed(rows, tables)
    assert failed(certified(rows, placed_paid, tables, network_sha256="0" * 64)) == ["network"]
    assert failed(certified(rows, placed_paid, tables, operating_costs={(2026, "rent"): 1.0})) == ["operating costs"]
