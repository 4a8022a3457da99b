"""The rows of Parameters: each known, stated once, with a value its own rule accepts and in its own unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from networx.domain.parameters import NETWORK_PARAMETERS, parse_parameter
from networx.domain.schema import fold
from networx.ingest.problems import ProblemLog
from networx.ingest.tables import TableRow

UNITS = {spec.name: spec.metadata["unit"] for spec in NETWORK_PARAMETERS}


def parameter_rows(rows: Iterable[TableRow], log: ProblemLog) -> Iterator[tuple[str, str]]:
    """The good rows as (name, value text); a row without a value states nothing and is left out."""
    seen: dict[str, int] = {}
    for row in rows:
        name, value, unit = row.values

        def fault(message: str, rule: str, column: str, cell: object, row: TableRow = row) -> None:
            log.add(message, rule, sheet=row.tab, row=row.number, column=column, value=cell)

        if name is None or (value is None and not row.bad and name in UNITS):
            continue
        if name in seen:
            fault(f"{name} is the same as in row {seen[name]}; state it once.", "duplicate_name", "name", name)
            continue
        seen[name] = row.number
        if row.bad:
            continue
        try:
            parse_parameter(name, value or "")
        except ValueError as error:
            fault(
                f"{name} {error}.", "parameter", "value" if name in UNITS else "name", value if name in UNITS else name
            )
            continue
        expected = UNITS[name]
        if unit is not None and expected and fold(unit) != fold(expected):
            fault(f"{name} is stated in {expected}, not {unit}; convert the value.", "unit", "unit", unit)
            continue
        yield name, value
