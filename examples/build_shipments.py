"""Build shipments.csv: what a company with the example's network might have exported of its year 2025.

EXAMPLE FIGURES, nobody's shipments: three sites serve the forty largest metropolitan areas, a truck a week at the
published cost of a truck mile, whose diesel share is an assumption; parcels and returns are assumptions throughout. The
file shows what exports are like: a title, two rows for a shipment and its fuel, one row twice, a credit, a total.
"""

from __future__ import annotations

import csv
import math
import sys
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
FILE = HERE / "shipments.csv"

SITES = ("Memphis, TN", "Allentown, PA", "Riverside, CA")
ZIPS = {"Memphis, TN": "38103", "Allentown, PA": "18101", "Riverside, CA": "92501"}
AREAS = 40
TRUCK_COST_PER_MILE = 2.26  # American Transportation Research Institute, 2025 Update (costs of 2024)
FUEL_SHARE = 0.2  # an assumption of the example
CIRCUITY = 1.2
EARTH_MILES = 3958.8
PALLETS, POUNDS_A_PALLET = 26, 1_400
FIRST_DAY, WEEKS = date(2025, 1, 6), 52
HEADER = (
    "Order #",
    "Ship Date",
    "Origin",
    "Origin Zip",
    "Destination",
    "Mode",
    "Direction",
    "Weight",
    "Units",
    "Packages",
    "Miles",
    "Net Charge",
    "Fuel",
    "PRO",
)


def build(path: Path = FILE) -> Path:
    """Write the file to `path`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["Example figures: freight of 2025, made by build_shipments.py; nobody's data"])
        writer.writerow(HEADER)
        rows = list(_rows())
        writer.writerows(rows)
        total = sum(round(float(row[11]) * 100) for row in rows)
        writer.writerow(["Total", *[""] * 10, f"{total / 100:.2f}", "", ""])
    return path


def _rows() -> list[list[str]]:
    metros = _read("us_metros.csv")
    places = {f"{metro['city']}, {metro['state']}": metro for metro in metros}
    found: list[list[str]] = []
    for at, (name, metro) in enumerate(list(places.items())[:AREAS]):
        site = min(SITES, key=lambda one: _miles(places[one], metro))
        miles = max(round(_miles(places[site], metro) * CIRCUITY), 15)
        for week in range(at % 4, WEEKS, 4):
            found += _shipment(site, name, miles, at, week)
    found.append(found[0])  # exported twice
    credit = list(found[1])
    credit[11], credit[12] = "-25.00", ""
    found.append(credit)
    return found


def _shipment(site: str, name: str, miles: int, at: int, week: int) -> list[list[str]]:
    """The charge of a truck, and its fuel in a row of its own."""
    day = FIRST_DAY + timedelta(weeks=week)
    number = f"{at:02d}{week:02d}"
    cents = round(miles * TRUCK_COST_PER_MILE * 100)
    fuel = round(cents * FUEL_SHARE)
    shared = [f"SO-{number}", f"{day.month}/{day.day}/{day.year}", site, ZIPS[site], name, "Truckload", "outbound"]
    measured = [str(PALLETS * POUNDS_A_PALLET), str(PALLETS), str(PALLETS), str(miles)]
    return [
        [*shared, *measured, f"{(cents - fuel) / 100:.2f}", "", f"T{number}"],
        [*shared, *measured, f"{fuel / 100:.2f}", f"{fuel / 100:.2f}", f"T{number}"],
    ]


def _miles(one: dict[str, str], other: dict[str, str]) -> float:
    lat1, lon1, lat2, lon2 = (
        math.radians(float(place[name])) for place in (one, other) for name in ("latitude", "longitude")
    )
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_MILES * math.asin(math.sqrt(half))


def _read(name: str) -> list[dict[str, str]]:
    with (HERE / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


if __name__ == "__main__":
    sys.stdout.write(f"{build()}\n")
