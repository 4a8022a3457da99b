"""The reference page of the network workbook, written from the schema so that the two cannot drift apart."""

from __future__ import annotations

from dataclasses import MISSING

from networx.domain.geography import CENTROID_SOURCE
from networx.domain.schema import DOCUMENTATION_SHEETS, PARAMETERS, SUPPORTED_SHEETS, Sheet
from networx.ingest.parameter_sheets import PARAMETER_SHEETS


def render_workbook_page() -> str:
    """The text of docs/workbook.md."""
    sections = [_INTRODUCTION, *map(sheet_section, SUPPORTED_SHEETS), *map(_parameters, PARAMETER_SHEETS)]
    return "\n\n".join(sections) + "\n"


_INTRODUCTION = f"""# The network workbook

One .xlsx file, one sheet a table, headers in the first filled row; sheets and columns may stand in any order. Headers
are matched by name without regard to case, spaces and underscores, then by the other headers listed. Units are units,
miles and US dollars.

Nothing is filled in: a required cell that is empty is refused by sheet, row and column. A place without coordinates
stands at the centroid of its ZIP ({CENTROID_SOURCE}), and the dataset says how many do.
Numbers are plain (`1234.5`, no currency, percent or thousands separators). Hidden sheets are not read. The sheets
{", ".join(f"`{name}`" for name in DOCUMENTATION_SHEETS)} are for readers. Any other sheet or column is refused by name.

What was shipped is no sheet of it: [shipments](shipments.md) come in files of their own.

This page is generated from the schema; a test compares the two."""


def sheet_section(sheet: Sheet) -> str:
    """A sheet with its columns, as a section of a page."""
    rows = [
        f"| `{column.name}`{' *' if column.required else ''} | {column.rule} | {column.unit} | {column.note} "
        f"| {', '.join(f'`{synonym}`' for synonym in column.synonyms)} |"
        for column in sheet.supported_columns
    ]
    later = [column.name for column in sheet.columns if not column.supported]
    table = [
        f"## {sheet.name}{' *' if sheet.required else ''}",
        "",
        sheet.note,
        "",
        "| column | must be | unit | note | other headers |",
        "|---|---|---|---|---|",
        *rows,
    ]
    if later:
        table += ["", f"Not supported yet, refused where filled in: {', '.join(f'`{name}`' for name in later)}."]
    return "\n".join(table)


def _parameters(sheet: str) -> str:
    title = "The parameters" if sheet == PARAMETERS.name else f"The parameters of {sheet}"
    specs = PARAMETER_SHEETS[sheet]
    if all(spec.default in (None, MISSING) for spec in specs):
        rows = [f"| `{spec.name}` | {spec.metadata['unit']} | {spec.metadata['note']} |" for spec in specs]
        return "\n".join([f"## {title}", "", "| name | unit | note |", "|---|---|---|", *rows])
    rows = [
        f"| `{spec.name}` | {spec.metadata['unit']} | {spec.metadata['note']} | {_default(spec.default)} |"
        for spec in specs
    ]
    head = [f"## {title}", "", "| name | unit | note | engineering default |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


def _default(value: object) -> str:
    if value is None:
        return ""
    return f"`{value}`" if isinstance(value, str) else f"{value:g}"
