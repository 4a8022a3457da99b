"""Rows of shipments as they are stored, written the way one would say them."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from networx.domain.shipment_columns import PLACES, TABLE
from networx.domain.shipment_record import ShipmentDigest

_EPOCH = dt.date(1970, 1, 1)


def shipment(date: str = "2026-03-01", **cells: Any) -> tuple[Any, ...]:
    """A truck outbound from ZIP code 60601 to 10001 for $100; `cells` replace its own, charges in cents."""
    usual = {
        "tab": "CSV",
        "order_id": "A",
        "origin_zip": "60601",
        "dest_zip": "10001",
        "mode": "tl",
        "direction": "outbound",
        "charge": 10_000,
        "ship_date": (dt.date.fromisoformat(date) - _EPOCH).days,
    }
    stated = {**dict.fromkeys(PLACES), **usual, **cells}
    return tuple(stated[name] for name in PLACES)


def digest_of(rows: list[tuple[Any, ...]]) -> str:
    digest = ShipmentDigest()
    digest.update_rows(TABLE, rows)
    return digest.hexdigest()


def drawn(chance: random.Random, count: int, names: tuple[str, ...] = ("North", "Riga")) -> list[tuple[Any, ...]]:
    """Shipments of every kind that there is."""
    zips = ("60601", "60699", "02139-1234", "10001", None)

    def one() -> tuple[Any, ...]:
        origin, destination = chance.choice(zips), chance.choice(zips)
        return shipment(
            f"{chance.choice((2025, 2026))}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
            origin_zip=origin,
            dest_zip=destination,
            origin=chance.choice(names) if origin is None or chance.random() < 0.3 else None,
            destination=chance.choice(names) if destination is None or chance.random() < 0.3 else None,
            mode=chance.choice(("parcel", "ltl", "tl")),
            direction=chance.choice(("outbound", "inbound", "transfer", None)),
            charge=chance.randint(-5_000, 10**9),
            weight_lb=chance.choice((None, 0.0, chance.random() * 1e5)),
            units=chance.choice((None, 0.0, float(chance.randint(1, 500)))),
            pkgs=chance.choice((None, float(chance.randint(1, 9)))),
        )

    return [one() for _ in range(count)]
