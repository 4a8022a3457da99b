"""What a dataset of domain *transport* holds, column by column.

Needs nothing beyond the standard library: a confined child that reads a network has no memory to spare for numpy.
"""

from __future__ import annotations

TABLE = "shipments"
# `s` text, `d` days since 1970-01-01, `f` float64, `c` whole cents; all but ship_date, mode and charge may be empty.
SHIPMENT_COLUMNS: tuple[tuple[str, str], ...] = (
    ("tab", "s"),
    ("order_id", "s"),
    ("ship_date", "d"),
    ("origin_zip", "s"),
    ("dest_zip", "s"),
    ("origin", "s"),
    ("destination", "s"),
    ("origin_city", "s"),
    ("origin_state", "s"),
    ("dest_city", "s"),
    ("dest_state", "s"),
    ("service_level", "s"),
    ("mode", "s"),
    ("carrier", "s"),
    ("direction", "s"),
    ("weight_lb", "f"),
    ("cube_cf", "f"),
    ("pkgs", "f"),
    ("units", "f"),
    ("miles", "f"),
    ("freight_class", "s"),
    ("zone", "s"),
    ("tracking_number", "s"),
    ("net_charge", "c"),
    ("freight_cost_usd", "c"),
    ("gross_charge", "c"),
    ("fuel_charge", "c"),
    ("accessorial_charge", "c"),
    ("charge", "c"),
)
TRANSPORT_COLUMNS = {TABLE: SHIPMENT_COLUMNS}
PLACES = {name: at for at, (name, _) in enumerate(SHIPMENT_COLUMNS)}
