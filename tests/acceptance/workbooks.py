"""Network workbooks for the whole way, written by a writer that the product does not read with."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

Sheets = dict[str, list[list[Any]]]


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """The bytes of an .xlsx with these sheets, header row first."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return written.getvalue()


def three_towns() -> Sheets:
    """One year, worked out by hand: 1,570 dollars.

                capacity  fixed a year    to Ash (40)    to Birch (50)   to Cedar (30)
        Harbor     80        1,000        $2, 10 miles    $3, 30 miles    $8, 80 miles
        Hill       60          300        $6, 60 miles    $4, 40 miles    $1,  5 miles
        Field   unlimited    5,000        $1, 20 miles    $1, 20 miles    $1, 20 miles
        Marsh   unlimited        0        $0              $0              $0             forbidden

    120 units are asked for. Harbor alone holds 80 and Hill alone 60; Field alone costs 5,000 + 120 = 5,120, and any
    set with Field at least 5,000. Harbor and Hill: fixed 1,300. Ash from Harbor (2 < 6) and Cedar from Hill (1 < 8).
    Birch is cheapest from Harbor, whose 80 - 40 = 40 units it takes; the other 10 come from Hill, since moving Birch
    costs 1 a unit and moving Ash 4: 40 x 2 + 40 x 3 + 10 x 4 + 30 x 1 = 80 + 120 + 40 + 30 = 270. Total 1,570.
    Within 35 miles travel 40 + 40 + 30 = 110 of 120 units (91.7 %, 90 % asked for). The average unit travels
    (40 x 10 + 40 x 30 + 10 x 40 + 30 x 5) / 120 = 2,150 / 120 miles.
    """
    prices = {"Harbor": (2, 3, 8), "Hill": (6, 4, 1), "Field": (1, 1, 1), "Marsh": (0, 0, 0)}
    miles = {"Harbor": (10, 30, 80), "Hill": (60, 40, 5), "Field": (20, 20, 20), "Marsh": (1, 1, 1)}
    towns = ("Ash", "Birch", "Cedar")
    return {
        "Facilities": [
            ["name", "zip", "capacity_units", "fixed_cost_per_year", "status"],
            ["Harbor", "60601", 80, 1000, "candidate"],
            ["Hill", "80202", 60, 300, "candidate"],
            ["Field", "30303", "unlimited", 5000, "candidate"],
            ["Marsh", "02108", "unlimited", 0, "forbidden"],
        ],
        "Destinations": [["name", "demand_units"], ["Ash", 40], ["Birch", 50], ["Cedar", 30]],
        "Lanes": [
            ["origin", "destination", "cost_per_unit", "distance_miles"],
            *(
                [site, town, prices[site][column], miles[site][column]]
                for site in prices
                for column, town in enumerate(towns)
            ),
        ],
        "Parameters": [
            ["name", "value"],
            ["single_sourcing", "no"],
            ["service_level", 0.9],
            ["max_distance_miles", 35],
        ],
    }


def two_years() -> Sheets:
    """The three towns in 2030 and 2031, with every requirement at once; worked out by hand: 3,715 dollars.

    Hill is mandatory, two or three facilities are to be open, one set for both years. 2030 has the 120 units as they
    are: 1,300 + 270 = 1,570. 2031 is forecast at half as much again (Ash 60, Birch 75, Cedar 45), but Demand states 60
    for Birch; Harbor holds 120 that year and costs 1,500. Ash and Birch fill Harbor to the unit, Cedar is Hill's:
    1,500 + 300 + 60 x 2 + 60 x 3 + 45 x 1 = 2,145. Together 3,715; with Field it would be above 10,000.
    """
    sheets = three_towns()
    sheets["Facilities"][2][4] = "mandatory"
    sheets["Forecast"] = [["year", "annual_units"], [2030, 120], [2031, 180]]
    sheets["Demand"] = [["destination", "year", "units"], ["Birch", 2031, 60]]
    sheets["FacilityYears"] = [["facility", "year", "fixed_cost", "capacity_units"], ["Harbor", 2031, 1500, 120]]
    sheets["Parameters"] += [["lease_years", 2], ["min_facilities", 2], ["max_facilities", 3]]
    return sheets


def hard(sites: int = 70, places: int = 500, seed: int = 11) -> Sheets:
    """A network on a random map with tight, unequal capacities: HiGHS finds a plan at once, its proof takes minutes.

    Our own engine, which proves it in a second, is left out of it.
    """
    rng = np.random.default_rng(seed)
    where = rng.uniform((30, -120), (47, -75), (sites + places, 2)).round(4).tolist()
    demand = rng.integers(50, 2_000, places)
    capacity = np.round(rng.uniform(0.5, 1.5, sites) * 4 * demand.sum() / sites)
    fixed = np.round(capacity * rng.uniform(8, 30, sites))
    return {
        "Facilities": [
            ["name", "latitude", "longitude", "capacity_units", "fixed_cost_per_year", "status"],
            *([f"F{i}", *where[i], float(capacity[i]), float(fixed[i]), "candidate"] for i in range(sites)),
        ],
        "Destinations": [
            ["name", "latitude", "longitude", "demand_units"],
            *([f"D{j}", *where[sites + j], int(demand[j])] for j in range(places)),
        ],
        "Parameters": [
            ["name", "value"],
            ["single_sourcing", "no"],
            ["cost_per_unit_mile", 0.05],
            ["circuity", 1.2],
            ["gap", 0],
            ["engine", "highs"],
            ["time_limit_seconds", 300],
        ],
    }


def published(path: Path) -> Sheets:
    """An instance of OR-Library's capacitated warehouse location: its costs are those of all of a customer's demand."""
    numbers = iter(path.read_text().split())
    sites, customers = int(next(numbers)), int(next(numbers))
    facilities = [[f"W{i}", float(next(numbers)), float(next(numbers)), "candidate"] for i in range(sites)]
    destinations: list[list[Any]] = []
    lanes: list[list[Any]] = []
    for customer in range(customers):
        demand = float(next(numbers))
        destinations.append([f"C{customer}", demand])
        for site in range(sites):
            cost = float(next(numbers))
            # A customer who asks for nothing costs nothing, whoever serves it.
            lanes.append([f"W{site}", f"C{customer}", cost / demand if demand else 0.0])
    return {
        "Facilities": [["name", "capacity_units", "fixed_cost_per_year", "status"], *facilities],
        "Destinations": [["name", "demand_units"], *destinations],
        "Lanes": [["origin", "destination", "cost_per_unit"], *lanes],
        "Parameters": [["name", "value"], ["single_sourcing", "no"], ["gap", 1e-7]],
    }
