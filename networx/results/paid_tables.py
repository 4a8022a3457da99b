"""The tables of what was paid, once for every presentation: workbook, report and terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from networx.domain.baseline_questions import CONTROL_TOTALS
from networx.results import wording
from networx.results.storage_tables import Table

_KINDS = {
    "facility": "facility",
    "destination": "destination",
    "supplier": "supplier",
    "zip3": "ZIP codes that begin so",
    "name": "as written",
}
SUMS = (
    ("Shipments", "units", "shipments"),
    ("Paid", "money", "paid_cost"),
    ("Per shipment", "price", "cost_per_shipment"),
    ("Pounds", "units", "weight_lb"),
    ("Per 100 lb", "price", "cost_per_cwt"),
    ("Units", "units", "units"),
    ("Per unit", "price", "cost_per_unit"),
    ("Packages", "units", "pkgs"),
)
_ORIGIN = (("From", "text", "origin"), ("is", "text", "origin_kind"))
LANE = (*_ORIGIN, ("To", "text", "destination"), ("it is", "text", "destination_kind"), *SUMS)
_SAID = {True: "yes", False: "NO", None: ""}
_PARTLY = "Prices of a unit and of 100 lb are of the shipments that state them."


def paid_tables(result: Mapping[str, Any]) -> list[Table]:
    """All tables of a result, in reading order."""
    paid = result["paid"]
    rest = paid["lanes_not_listed"]
    more = ""
    if rest["lanes"]:
        more = f" {rest['lanes']:,} more lanes, ${rest['paid_cost']:,.2f}, are in the workbook."
    months = ("Months", "units", "months")
    tables = [
        _table(
            "Paid by year",
            "Months: how many of the year have shipments.",
            _with("Year", "year", months),
            result["years"],
        ),
        *_compared(result),
        _table("Paid by mode", _PARTLY, _with("Mode", "mode"), paid["by_mode"]),
        _table("Paid by direction", _PARTLY, _with("Direction", "direction"), paid["by_direction"]),
        _table("Paid by month", _PARTLY, _with("Month", "month"), paid["by_month"]),
        _table("Paid by origin", _PARTLY, (*_ORIGIN, *SUMS), paid["by_origin"]),
        _table("Paid by lane", f"The dearest first.{more}", LANE, paid["lanes"]),
        _account(result["account"]),
    ]
    if result["operating_costs"]:
        columns = (("Year", "year", "year"), ("Line", "text", "line"), ("Paid", "money", "amount"))
        tables.insert(2, _table("Other costs", "As the sheet OperatingCosts says.", columns, result["operating_costs"]))
    return tables


def lane_table(rows: Iterable[Mapping[str, Any]]) -> Iterable[tuple[Any, ...]]:
    """The cells of lanes as they come."""
    return (_cells(row, LANE) for row in rows)


def _with(heading: str, name: str, *more: tuple[str, str, str]) -> tuple[tuple[str, str, str], ...]:
    return ((heading, "year" if name == "year" else "text", name), *more, *SUMS)


def _compared(result: Mapping[str, Any]) -> list[Table]:
    booked = any(line["control"] is not None for line in result["lines"])
    if booked and result["kpis"]["modelled_cost"] is None:
        return [_beside_books(result)]
    if result["network"] is None:
        return []
    columns = (
        ("Year", "year", "year"),
        ("Line", "text", "line"),
        ("Paid", "money", "paid"),
        ("Modelled", "money", "modelled"),
        ("Not modelled", "money", "not_modelled"),
        ("Books", "money", "control"),
        ("Difference", "money", "difference"),
        ("Within tolerance", "text", "within"),
        ("Paid meets books", "text", "meets"),
    )
    rows = [
        {**line, "within": _SAID[line["within_tolerance"]], "meets": _SAID[line["reconciled"]]}
        for line in result["lines"]
    ]
    return [_table("Paid, modelled and booked", f"{_within(result)} {_books(result)}", columns, rows)]


def _beside_books(result: Mapping[str, Any]) -> Table:
    """Where nothing is modelled: what was paid, and what the books say."""
    columns = (
        ("Year", "year", "year"),
        ("Line", "text", "line"),
        ("Paid", "money", "paid"),
        ("Control total", "money", "control"),
        ("Difference", "money", "paid_difference"),
        ("of it", "text", "share"),
        ("Within tolerance", "text", "meets"),
    )
    rows = [
        {**line, "meets": _SAID[line["reconciled"]], "share": "" if share is None else f"{share:+.1%}"}
        for line in result["lines"]
        for share in (line["paid_difference_share"],)
    ]
    said = wording.words(result["calibration"])
    note = f"{said}. Paid less the control total. {_within(result)} {_books(result)}"
    return _table("Paid beside control totals", note, columns, rows)


def _within(result: Mapping[str, Any]) -> str:
    return f"Within {result['tolerance']:.1%}."


def _books(result: Mapping[str, Any]) -> str:
    if CONTROL_TOTALS not in result["parameters"]:
        return "Books: the sheet ControlTotals."
    if result["network"] is None:
        return "Books: the scenario's control_totals."
    return "Books: the sheet ControlTotals, and the scenario's control_totals over it."


_REASONS = {
    "bad": "a cell that cannot be read",
    "total": "a total of other rows",
    "repeated": "stands in the file already",
}


def _account(tabs: Iterable[Mapping[str, Any]]) -> Table:
    rows = []
    for tab in tabs:
        rows.append((tab["tab"], "read", tab["read"]["rows"], tab["read"]["cents"] / 100))
        rows.append((tab["tab"], "kept", tab["kept"]["rows"], tab["kept"]["cents"] / 100))
        rows += [
            (tab["tab"], f"left out: {_REASONS[reason]}", left["rows"], left["cents"] / 100)
            for reason, left in tab["left_out"].items()
        ]
    columns = (("Tab", "text"), ("What", "text"), ("Rows", "units"), ("Dollars", "price"))
    return Table("Rows and dollars", "Read is kept and left out, to the cent.", columns, tuple(rows))


def _table(
    title: str, note: str, columns: tuple[tuple[str, str, str], ...], rows: Iterable[Mapping[str, Any]]
) -> Table:
    headings = tuple((heading, kind) for heading, kind, _ in columns)
    return Table(title, note, headings, tuple(_cells(row, columns) for row in rows))


def _cells(row: Mapping[str, Any], columns: tuple[tuple[str, str, str], ...]) -> tuple[Any, ...]:
    return tuple(_cell(row, name) for _, _, name in columns)


def _cell(row: Mapping[str, Any], name: str) -> Any:
    if name.endswith("_kind"):
        return _KINDS[row[name]]
    return f"ZIP {row[name]}" if row.get(f"{name}_kind") == "zip3" else row[name]
