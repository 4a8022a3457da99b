"""The tables of plans of space and stock, once for every presentation: workbook, report and terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from networx.results import wording


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its title, a sentence on it, a (heading, kind) a column, and its rows. Kinds are the workbook's."""

    title: str
    note: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]

    def shown(self) -> list[list[str]]:
        """The cells as a person reads them."""
        return [[_SHOWN[kind](cell) for cell, (_, kind) in zip(row, self.columns, strict=True)] for row in self.rows]

    def narrow(self, *, short: bool = True) -> tuple[list[str], list[list[str]]]:
        """Headings and cells for eighty characters: the columns that matter most; `short`, dollars to three figures."""
        kept = [at for at, (heading, _) in enumerate(self.columns) if heading not in _WIDE_ONLY]
        shown = {**_SHOWN, "money": _short} if short else _SHOWN
        rows = [[shown[self.columns[at][1]](row[at]) for at in kept] for row in self.rows]
        return [self.columns[at][0] for at in kept], rows


def storage_tables(result: Mapping[str, Any]) -> list[Table]:
    """All tables of a result, in reading order."""
    tables: list[Table] = []
    if result["type"] == "integrated" and result["kpis"] is not None:
        tables.append(_combined(result["years"]))
    for warehouse in result.get("warehouses", ()):
        whose = "the warehouse" if warehouse["facility"] is None else warehouse["facility"]
        tables.append(_needs(whose, warehouse["years"]))
        if warehouse["objective"] is not None:
            tables.append(_space(whose, warehouse["years"]))
    if "stock" in result:
        tables += _stock(result["stock"])
    return tables


def table_of(
    title: str, note: str, columns: Sequence[tuple[str, str, str]], rows: Iterable[Mapping[str, Any]]
) -> Table:
    """A table of rows by name; `columns` are (heading, kind, name in a row)."""
    headings = tuple((heading, kind) for heading, kind, _ in columns)
    return Table(title, note, headings, tuple(tuple(row[name] for _, _, name in columns) for row in rows))


def _combined(years: Sequence[Mapping[str, Any]]) -> Table:
    columns = [
        ("Year", "year", "year"),
        ("Units", "units", "units"),
        ("Transport", "money", "transport_cost"),
        *((label, "money", name) for name, label in _SOMETIMES.items() if any(year.get(name) for year in years)),
        ("Facilities", "money", "facility_cost"),
        ("Warehouses", "money", "warehouse_cost"),
        ("Stock", "money", "inventory_cost"),
        ("Total", "money", "total_cost"),
    ]
    whole = {name: sum(year[name] for year in years) for _, _, name in columns[1:]}
    note = "Transport, facilities, warehouses and stock of the whole network."
    return table_of("Cost by year", note, columns, [*years, {"year": "all", **whole}])


# What a network's cost has where its data asks for it.
_SOMETIMES = {"inbound_cost": "Inbound", "service_penalty_cost": "Missed service"}


def _needs(whose: str, years: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        ("Year", "year", "year"),
        ("Pallets a year", "units", "throughput_pallets"),
        ("Pallets in stock", "units", "stock_pallets"),
        ("On the floor", "units", "floor_positions"),
        ("Doors out", "units", "outbound_doors"),
        ("Doors in", "units", "inbound_doors"),
        ("Storage", "area", "storage_area"),
        ("Doors", "area", "door_area"),
        ("Support", "area", "support_area"),
        ("Gross area", "area", "gross_area"),
    )
    return table_of(f"Space needed: {whose}", "Areas in square feet; gross at the highest use allowed.", columns, years)


def _space(whose: str, years: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        ("Year", "year", "year"),
        ("Buildings added", "units", "added"),
        ("Own space", "area", "own_area"),
        ("Hired space", "area", "hired_area"),
        ("Own space costs", "money", "area_cost"),
        ("Buildings cost", "money", "fixed_cost"),
        ("Opening", "money", "opening_cost"),
        ("Hired space costs", "money", "hired_cost"),
        ("Total", "money", "cost"),
    )
    return table_of(f"Space planned: {whose}", "Areas in square feet. What is added stays.", columns, years)


def _stock(stock: Mapping[str, Any]) -> list[Table]:
    columns = (
        ("Year", "year", "year"),
        ("Facilities", "units", "facilities"),
        ("Units a year", "units", "annual_units"),
        ("Safety stock", "units", "safety"),
        ("Without pooling", "units", "unpooled_safety"),
        ("Cycle stock", "units", "cycle"),
        ("Average stock", "units", "average"),
        ("Holding cost", "money", "holding_cost"),
    )
    note = "Without pooling: the safety stock if every destination were served from a stock of its own."
    tables = [table_of("Stock by year", note, columns, stock["years"])]
    compared = stock["compared"]
    if compared is not None:
        what = "The same for the assignment that this is compared with."
        tables.append(table_of("Stock compared with", what, columns, compared["years"]))
    own = (("Facility", "text", "facility"), columns[0], ("Destinations", "units", "destinations"), *columns[2:])
    tables.append(
        table_of("Stock by facility", "Units; demand of destinations is independent.", own, stock["facilities"])
    )
    if compared is not None:
        tables.append(table_of("Stock by facility compared with", "", own, compared["facilities"]))
    return tables


# Left out where a line is short; the workbook and the report have them.
_WIDE_ONLY = frozenset(
    {
        *("Units", "On the floor", "Storage", "Doors", "Support", "Own space costs", "Buildings cost", "Opening"),
        *("Hired space costs", "Units a year", "Cycle stock", "Destinations"),
        *("Pounds", "Packages", "is", "it is", "Not modelled", "Months"),
    }
)


def _number(value: Any) -> str:
    if value is None:
        return ""
    whole = abs(value) >= 100 or value == int(value)
    return wording.count(value, 0 if whole else 1)


def _money(value: Any) -> str:
    return "" if value is None else wording.money(value, 0)


def _short(value: Any) -> str:
    return "" if value is None else wording.money_short(value)


_SHOWN: Mapping[str, Callable[[Any], str]] = {
    "text": lambda value: "" if value is None else str(value),
    "year": str,
    "units": _number,
    "area": _number,
    "money": _money,
    "price": lambda value: "" if value is None else wording.money(value),
    "share": lambda value: "" if value is None else wording.percent(value),
    "gap": lambda value: "" if value is None else wording.gap_words(value),
    "miles": lambda value: "" if value is None else wording.count(value, 1),
}
