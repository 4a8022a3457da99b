"""What was wrong with an upload, in the record: bad cells in the order they were found, and columns nobody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from networx.db.keyset import Key, Page, orders
from networx.db.pool import Connection
from networx.errors import Problem
from networx.ingest.bad_rows import Cells, RowCells


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem of an upload, and the how-manieth that was found, from 0."""

    position: int
    problem: Problem


ORDERS = orders("position", position=(Key("position", "bigint"),))
_FILTERS = {
    "upload_id": "upload_id = %(upload_id)s",
    "sheet": "sheet = %(sheet)s",
    "rule": "rule = %(rule)s",
}


def list_problems(
    connection: Connection,
    upload_id: UUID,
    *,
    sheet: str | None = None,
    rule: str | None = None,
    skipped: int = 0,
    page: Page,
) -> list[PlacedProblem]:
    """A page of an upload's problems in the order they were found, of a sheet and a rule if given, without the first
    `skipped`."""
    told, arguments = page.where(_FILTERS, {"upload_id": upload_id, "sheet": sheet, "rule": rule})
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            f"""SELECT position, message, rule, sheet, row_number AS row, column_name AS column, value
                FROM upload_problems {told} OFFSET %(skipped)s""",
            {**arguments, "skipped": skipped},
        ).fetchall()
    return [PlacedProblem(row.pop("position"), Problem(**row)) for row in found]


def count_kept(connection: Connection, upload_id: UUID, *, sheet: str | None = None, rule: str | None = None) -> int:
    """How many of the problems that were kept are of this sheet and this rule."""
    given = {"upload_id": upload_id, "sheet": sheet, "rule": rule}
    stated = {name: value for name, value in given.items() if value is not None}
    conditions = " AND ".join(_FILTERS[name] for name in stated)
    row = connection.execute(f"SELECT count(*) FROM upload_problems WHERE {conditions}", stated).fetchone()
    return 0 if row is None else int(row[0])


def keep_problems(
    connection: Connection,
    upload_id: UUID,
    tenant_id: UUID,
    problems: Sequence[Problem],
    cells: RowCells | None = None,
) -> None:
    """In place of those that an earlier reading found; `cells` are those of rows by sheet and number."""
    connection.execute("DELETE FROM upload_problems WHERE upload_id = %s", (upload_id,))
    left = dict(cells or {})  # beside the first problem of a row
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO upload_problems (upload_id, position, tenant_id, sheet, row_number, column_name, value,
                                            rule, message, row_cells)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                (
                    upload_id,
                    position,
                    tenant_id,
                    problem.sheet,
                    problem.row,
                    problem.column,
                    problem.value,
                    problem.rule,
                    problem.message,
                    None if row is None else Jsonb(row),
                )
                for position, problem in enumerate(problems)
                for row in (left.pop((problem.sheet or "", problem.row or 0), None),)
            ],
        )


def cells_of_rows(connection: Connection, upload_id: UUID) -> dict[tuple[str, int], Cells]:
    """The cells of the bad rows that were kept, by sheet and number."""
    found = connection.execute(
        """SELECT sheet, row_number, row_cells FROM upload_problems
           WHERE upload_id = %s AND row_cells IS NOT NULL ORDER BY position""",
        (upload_id,),
    ).fetchall()
    return {(sheet, row): cells for sheet, row, cells in found}


def forget_cells(connection: Connection, upload_id: UUID) -> None:
    """Nothing of a refused file stays but what was wrong with it."""
    connection.execute(
        "UPDATE upload_problems SET row_cells = NULL WHERE upload_id = %s AND row_cells IS NOT NULL", (upload_id,)
    )


def keep_unmatched(
    connection: Connection, upload_id: UUID, tenant_id: UUID, unmatched: Sequence[Mapping[str, Any]]
) -> None:
    """Columns that nobody knows what they are, as the reader tells them: patterns, and no value."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO upload_columns (upload_id, position, tenant_id, tab, header, patterns, fields)
               VALUES (%s, %s, %s, %s, %s, %s, %s)""",
            [
                (
                    upload_id,
                    position,
                    tenant_id,
                    column["tab"],
                    column["header"],
                    list(column["patterns"]),
                    list(column["fields"]),
                )
                for position, column in enumerate(unmatched)
            ],
        )
