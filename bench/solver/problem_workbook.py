"""A location problem as the workbook of a client who has it: every lane in a row, with its price a unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xlsxwriter

from networx.solver.location.problem import LocationProblem


def write_workbook(path: Path, problem: LocationProblem, *, gap: float) -> None:
    """Demand may be split, and the scenario asks for the gap. Sites and customers are numbered from 1."""
    sites = len(problem.fixed)
    price = problem.cost / problem.demand
    capacity = ["unlimited" if np.isinf(units) else units for units in problem.capacity.tolist()]
    fixed = problem.fixed.tolist()
    sheets: dict[str, list[list[object]]] = {
        "Facilities": [
            ["name", "capacity_units", "fixed_cost_per_year", "status"],
            *([f"Site {at + 1}", capacity[at], fixed[at], "candidate"] for at in range(sites)),
        ],
        "Destinations": [
            ["name", "demand_units"],
            *([f"Customer {at + 1}", units] for at, units in enumerate(problem.demand.tolist())),
        ],
        "Lanes": [
            ["facility", "destination", "cost_per_unit"],
            *(
                [f"Site {site + 1}", f"Customer {customer + 1}", float(price[site, customer])]
                for site in range(sites)
                for customer in np.flatnonzero(np.isfinite(price[site])).tolist()
            ),
        ],
        "Parameters": [["name", "value"], ["single_sourcing", "no"], ["gap", gap]],
    }
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
