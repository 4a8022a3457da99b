"""The rows of Parameters, Warehouse and Inventory: each known, stated once, with a good value in its own unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from networx.domain.facility_parameters import parse_value, units_of
from networx.domain.parameters import NETWORK_PARAMETERS, parse_parameter
from networx.domain.schema import fold
from networx.ingest.problems import ProblemLog
from networx.ingest.tables import TableRow

UNITS = {spec.name: spec.metadata["unit"] for spec in NETWORK_PARAMETERS}


def parameter_rows(rows: Iterable[TableRow], log: ProblemLog) -> Iterator[tuple[Any, ...]]:
    """The good rows of Parameters as (name, value text); one without a value states nothing and is left out."""
    yield from stated_rows(rows, log, UNITS, parse_parameter)


def facility_parameter_rows(rows: Iterable[TableRow], kind: type, log: ProblemLog) -> Iterator[tuple[Any, ...]]:
    """The same of Warehouse or Inventory, whose parameters are the fields of `kind`, each with the facility or None."""
    yield from stated_rows(rows, log, units_of(kind), lambda name, text: parse_value(kind, name, text))


def stated_rows(
    rows: Iterable[TableRow], log: ProblemLog, units: Mapping[str, str], parse: Callable[[str, str], Any]
) -> Iterator[tuple[Any, ...]]:
    """The good rows without their units: name, value, and what else there is, which may set rows of a name apart.

    A row's values are its name, value, what else there is, and its unit.
    """
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        name, value, *whose, unit = row.values

        def fault(message: str, rule: str, column: str, cell: object, row: TableRow = row) -> None:
            log.add(message, rule, sheet=row.tab, row=row.number, column=column, value=cell)

        if name is None or (value is None and not row.bad and name in units):
            continue
        if (name, *whose) in seen:
            fault(f"{name} is the same as in row {seen[name, *whose]}; state it once.", "duplicate_name", "name", name)
            continue
        seen[name, *whose] = row.number
        if row.bad:
            continue
        try:
            parse(name, value or "")
        except ValueError as error:
            fault(
                f"{name} {error}.", "parameter", "value" if name in units else "name", value if name in units else name
            )
            continue
        expected = units[name]
        if unit is not None and expected and fold(unit) != fold(expected):
            fault(f"{name} is stated in {expected}, not {unit}; convert the value.", "unit", "unit", unit)
            continue
        yield name, value, *whose
