"""The sheet of shipments: what one row of a freight export may say. It stands in files of its own, not in a network's.

Headers are those of the field; synonyms are what means the same beyond doubt in exports of carriers and of transport
management systems. A charge is in three columns, since exports have one, two or all of them.
"""

from __future__ import annotations

from networx.domain.sheets.columns import Column, Kind, Sheet

MODES = ("parcel", "ltl", "tl", "air", "ocean", "intermodal")
DIRECTIONS = ("outbound", "inbound", "transfer")
# The first of them that a row states is its charge.
CHARGES = ("net_charge", "freight_cost_usd", "gross_charge")
# Words that mean a mode beyond doubt.
MODE_WORDS = {
    "small parcel": "parcel",
    "small package": "parcel",
    "less than truckload": "ltl",
    "less-than-truckload": "ltl",
    "truckload": "tl",
    "full truckload": "tl",
    "ftl": "tl",
    "air freight": "air",
    "ocean freight": "ocean",
    "imdl": "intermodal",
}

SHIPMENTS = Sheet(
    "Shipments",
    "What was shipped and what was paid for it, a row a shipment or a row a charge.",
    (
        Column(
            "order_id",
            Kind.TEXT,
            "Which order; together with tracking_number it names a shipment.",
            required=True,
            synonyms=("order_number", "order_no", "order#", "order", "shipment_id", "load_id"),
        ),
        Column(
            "ship_date",
            Kind.DATE,
            "When it left.",
            required=True,
            synonyms=("shipment_date", "shipped_date", "date_shipped", "ship_dt", "pickup_date"),
        ),
        Column(
            "origin_zip",
            Kind.ZIP_OF_EXPORT,
            "Where it left; empty outside the United States, where origin must say it.",
            synonyms=("origin_zip_code", "origin_postal_code", "orig_zip", "from_zip", "ship_from_zip", "shipper_zip"),
        ),
        Column(
            "dest_zip",
            Kind.ZIP_OF_EXPORT,
            "Where it went; empty outside the United States, where destination must say it.",
            synonyms=(
                "destination_zip",
                "dest_zip_code",
                "dest_postal_code",
                "destination_postal_code",
                "to_zip",
                "ship_to_zip",
                "consignee_zip",
            ),
        ),
        Column(
            "origin",
            Kind.TEXT,
            "The client's name of where it left; a facility's or supplier's name, where a network is set beside it.",
            synonyms=("origin_facility", "origin_name", "ship_from", "shipper"),
        ),
        Column(
            "destination",
            Kind.TEXT,
            "The client's name of where it went; a destination's or facility's, where a network is set beside it.",
            synonyms=("destination_name", "dest_name", "ship_to", "consignee"),
        ),
        Column("origin_city", Kind.TEXT, "Kept with the row.", synonyms=("orig_city", "from_city", "ship_from_city")),
        Column("origin_state", Kind.TEXT, "Kept with the row.", synonyms=("orig_state", "from_state")),
        Column("dest_city", Kind.TEXT, "Kept with the row.", synonyms=("destination_city", "to_city", "ship_to_city")),
        Column("dest_state", Kind.TEXT, "Kept with the row.", synonyms=("destination_state", "to_state")),
        Column("service_level", Kind.TEXT, "Kept with the row.", synonyms=("service", "service_type")),
        Column(
            "mode",
            Kind.CHOICE,
            "How it went. Truckload, FTL, less than truckload, small parcel and the like are read as what they mean.",
            required=True,
            synonyms=("transport_mode", "transportation_mode", "ship_mode"),
            choices=MODES,
        ),
        Column("carrier", Kind.TEXT, "Kept with the row.", synonyms=("carrier_name", "scac")),
        Column("direction", Kind.CHOICE, "Empty where it is not known; it is never guessed.", choices=DIRECTIONS),
        Column(
            "weight_lb",
            Kind.QUANTITY,
            "Its weight.",
            unit="lb",
            synonyms=("weight", "weight_lbs", "weight(lb)", "weight(lbs)", "total_weight_lb"),
        ),
        Column(
            "cube_cf", Kind.QUANTITY, "Its volume.", unit="cubic feet", synonyms=("cube", "cubic_feet", "volume_cf")
        ),
        Column(
            "pkgs",
            Kind.QUANTITY,
            "How many packages.",
            unit="packages",
            synonyms=("packages", "package_count", "pieces", "cartons"),
        ),
        Column("units", Kind.QUANTITY, "How many units.", unit="units", synonyms=("quantity", "qty", "unit_count")),
        Column("miles", Kind.QUANTITY, "How far it went.", unit="miles", synonyms=("distance_miles", "distance")),
        Column("freight_class", Kind.TEXT, "Kept with the row.", synonyms=("class", "nmfc_class")),
        Column("zone", Kind.TEXT, "The carrier's zone; kept with the row.", synonyms=("ship_zone",)),
        Column(
            "tracking_number",
            Kind.TEXT,
            "With order_id it names a shipment: rows with the same two are one.",
            synonyms=("tracking_no", "tracking#", "tracking_id", "tracking", "pro_number", "pro#", "pro"),
        ),
        Column(
            "net_charge",
            Kind.DOLLARS,
            "All that was charged after discounts. Stands before the other two.",
            unit="USD",
            synonyms=("net_amount", "net_charge_usd", "net_charge_amount", "net_amount_due"),
        ),
        Column(
            "freight_cost_usd",
            Kind.DOLLARS,
            "All that was paid. The charge where net_charge is empty.",
            unit="USD",
            synonyms=("freight_cost", "amount_paid", "paid_amount", "total_freight_cost"),
        ),
        Column(
            "gross_charge",
            Kind.DOLLARS,
            "All that was charged before discounts. The charge where the other two are empty.",
            unit="USD",
            synonyms=("gross_amount", "gross_charge_usd", "gross_charge_amount"),
        ),
        Column(
            "fuel_charge",
            Kind.DOLLARS,
            "How much of the charge is for fuel; never added to it.",
            unit="USD",
            synonyms=("fuel_surcharge", "fuel"),
        ),
        Column(
            "accessorial_charge",
            Kind.DOLLARS,
            "How much of the charge is for accessorials; never added to it.",
            unit="USD",
            synonyms=("accessorials", "accessorial_charges", "accessorial"),
        ),
    ),
    table="shipments",
)
