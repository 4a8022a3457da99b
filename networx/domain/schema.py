"""The network workbook: its sheets and columns as frozen data that checks itself when imported.

The reader, the validator, the template and the reference page all follow these tables. A sheet or column that no
model reads yet stands here too, marked unsupported, so that a file that uses it is refused by name and never
half-read. Needs nothing beyond the standard library, so that the upload check can import it too.
"""

from __future__ import annotations

import re

from networx.domain.sheets.columns import FIRST_YEAR, LAST_ORDINAL, LAST_YEAR, RULES, UNLIMITED, Column, Kind, Sheet
from networx.domain.sheets.costs import CONTROL_TOTALS, ONE_TIME_COSTS, OPERATING_COSTS
from networx.domain.sheets.demand import DEMAND, DESTINATIONS, FORECAST, SERVICE_YEARS
from networx.domain.sheets.facilities import EXPANSIONS, FACILITIES, FACILITY_YEARS, SUPPLIERS
from networx.domain.sheets.lanes import ASSIGNMENTS, FITTED_RATES, LANES, RATE_BASES, RATES
from networx.domain.sheets.scenario import PARAMETERS
from networx.domain.sheets.storage import INVENTORY, SKUS, WAREHOUSE

__all__ = [
    "ASSIGNMENTS",
    "CONTROL_TOTALS",
    "DEMAND",
    "DESTINATIONS",
    "DOCUMENTATION_SHEETS",
    "EXPANSIONS",
    "FACILITIES",
    "FACILITY_YEARS",
    "FIRST_YEAR",
    "FITTED_RATES",
    "FORECAST",
    "INVENTORY",
    "LANES",
    "LAST_ORDINAL",
    "LAST_YEAR",
    "ONE_TIME_COSTS",
    "OPERATING_COSTS",
    "PARAMETERS",
    "RATES",
    "RATE_BASES",
    "RULES",
    "SERVICE_YEARS",
    "SKUS",
    "SUPPLIERS",
    "SUPPORTED_SHEETS",
    "UNLIMITED",
    "WAREHOUSE",
    "Column",
    "Kind",
    "Sheet",
    "continuation_number",
    "fold",
    "is_documentation",
    "sheet_named",
]

DOCUMENTATION_SHEETS = ("Notes", "Sources", "Read me")

# In the order they are read: what others refer to comes first, the longest last.
SUPPORTED_SHEETS = (
    FACILITIES,
    DESTINATIONS,
    SUPPLIERS,
    FORECAST,
    DEMAND,
    FACILITY_YEARS,
    SERVICE_YEARS,
    RATES,
    FITTED_RATES,
    EXPANSIONS,
    ASSIGNMENTS,
    OPERATING_COSTS,
    CONTROL_TOTALS,
    ONE_TIME_COSTS,
    SKUS,
    WAREHOUSE,
    INVENTORY,
    PARAMETERS,
    LANES,
)


def fold(text: str) -> str:
    """A header or sheet name without case, spaces and underscores, by which names are matched."""
    return re.sub(r"[\s_]+", "", text).casefold()


def sheet_named(name: str) -> Sheet | None:
    """The sheet a tab's name stands for, by name without case, spaces and underscores; None if there is none."""
    folded = fold(name)
    for sheet in SUPPORTED_SHEETS:
        if folded == fold(sheet.name) or (sheet.continues and re.fullmatch(fold(sheet.name) + r"[0-9]{1,4}", folded)):
            return sheet
    return None


def continuation_number(name: str) -> int:
    """Where a tab stands in its table: 1 for `Lanes`, 2 for `Lanes 2`."""
    digits = re.search(r"[0-9]+$", name.strip())
    return int(digits.group()) if digits else 1


def is_documentation(name: str) -> bool:
    """Whether a tab is there for readers only, such as `Notes` or `Read me`."""
    return fold(name) in {fold(known) for known in DOCUMENTATION_SHEETS}


def _check() -> None:
    names = [fold(sheet.name) for sheet in SUPPORTED_SHEETS]
    assert len(set(names)) == len(names), "two sheets have the same name"
    for sheet in SUPPORTED_SHEETS:
        headers = [fold(header) for column in sheet.columns for header in (column.name, *column.synonyms)]
        assert len(set(headers)) == len(headers), f"two columns of {sheet.name} share a header"
        for column in sheet.columns:
            for other in (column.refers_to, column.or_to):
                assert other is None or fold(other) in names, f"{column.name} refers to no sheet"


_check()
