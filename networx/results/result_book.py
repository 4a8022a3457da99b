"""What the Excel workbooks of results share: the writer, and the lines and sheets that each of them has.

Rows stream to disk, so a workbook's memory does not grow with the assignments. Text is always written as text: a name
that begins like a formula stays a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from networx.domain.plan import ResultStatus
from networx.results import wording

SHEET_ROWS = 1_048_576
NO_LIMIT = "unlimited"

# Per column: header, number format key, width in characters.
Column = tuple[str, str, int]
# Name, value, number format key, and what it means.
SummaryLine = tuple[str, Any, str, str]
CERTIFICATE_COLUMNS: tuple[Column, ...] = (
    ("Check", "text", 36),
    ("Worst found", "exact", 16),
    ("Limit", "exact", 16),
    ("Passed", "text", 10),
    ("Where", "text", 60),
)
PARAMETER_COLUMNS: tuple[Column, ...] = (
    ("Parameter", "text", 26),
    ("Meaning", "text", 34),
    ("Value", "exact", 16),
    ("Unit", "text", 24),
    ("Source", "text", 22),
)
NUMBER_FORMATS = {
    "year": "0",
    "units": "#,##0",
    "part": "#,##0.00",
    "money": "$#,##0.00",
    "price": "$#,##0.0000",
    "share": "0.0%",
    "gap": "0.0000%",
    "miles": "#,##0.0",
    "degrees": "0.0000",
    "exact": "General",
    "text": "@",
}


class ResultBook:
    """One open workbook with its formats; sheets are written in order, rows top to bottom."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats = {key: book.add_format({"num_format": form}) for key, form in NUMBER_FORMATS.items()}
        self._header = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True})
        self._title = book.add_format({"bold": True, "font_size": 16})
        self._strong = book.add_format({"bold": True})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})

    def table(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
        """A table that goes on in `<name> 2`, `<name> 3` where a sheet ends."""
        pending = iter(rows)
        part, row = 1, next(pending, None)
        while row is not None or part == 1:
            sheet = self._sheet(name if part == 1 else f"{name} {part}", columns)
            line = 1
            while row is not None and line < SHEET_ROWS:
                self._row(sheet, line, columns, row)
                line, row = line + 1, next(pending, None)
            sheet.autofilter(0, 0, max(line - 1, 1), len(columns) - 1)
            part += 1

    def proof(self, result: dict[str, Any]) -> None:
        """The certificate and what was asked, the last sheets of every result."""
        self.table("Certificate", CERTIFICATE_COLUMNS, _certificate_rows(result))
        self.table("Parameters", PARAMETER_COLUMNS, _parameter_rows(result))

    def summary(self, verdict: str, checked: str, lines: Iterable[SummaryLine]) -> None:
        """The answer in plain words, with the figures that carry it."""
        sheet = self._book.add_worksheet("Summary")
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 24)
        sheet.set_column(2, 2, 80)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, "NetWORX result", self._title)
        sheet.write_string(1, 0, verdict, self._strong)
        sheet.write_string(2, 0, checked)
        for offset, (name, value, kind, note) in enumerate(lines):
            line = 4 + offset
            sheet.write_string(line, 0, name, self._strong)
            self._cell(sheet, line, 1, value, kind)
            sheet.write_string(line, 2, note, self._wrap)

    def _sheet(self, name: str, columns: Sequence[Column]) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for index, (title, _, width) in enumerate(columns):
            sheet.set_column(index, index, width)
            sheet.write_string(0, index, title, self._header)
        return sheet

    def _row(self, sheet: Any, line: int, columns: Sequence[Column], row: Sequence[Any]) -> None:
        for index, (value, (_, kind, _)) in enumerate(zip(row, columns, strict=True)):
            self._cell(sheet, line, index, value, kind)

    def _cell(self, sheet: Any, line: int, index: int, value: Any, kind: str) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_string(line, index, "yes" if value else "no")
        elif isinstance(value, int | float):
            sheet.write_number(line, index, value, self._formats[_form(value, kind)])
        else:
            sheet.write_string(line, index, str(value))


def _form(value: float, kind: str) -> str:
    """Of few units the part of one matters; `#,##0.##` for all would leave a point behind each whole number."""
    return "part" if kind == "units" and abs(value) < 100 and value != round(value) else kind


def verdict_lines(result: dict[str, Any]) -> Iterator[SummaryLine]:
    """The status with what it costs, and how surely."""
    status = wording.STATUS_TERMS[result["status"]]
    yield "Verdict", status.label, "text", status.technical
    if result["status"] != ResultStatus.INFEASIBLE:
        for name, kind in {"objective": "money", "bound": "money", "gap": "gap"}.items():
            yield summary_line(name, result[name], kind)
    source = result["bound_source"]
    if source is not None:
        label = "Shown by" if result["status"] == ResultStatus.INFEASIBLE else "Bound comes from"
        yield label, wording.words(source), "text", wording.BOUND_SOURCES.get(source, "")


def clash_lines(result: dict[str, Any]) -> Iterator[SummaryLine]:
    """Why there is no answer, where there is none."""
    for clash in (result["infeasibility"] or {"clashes": []})["clashes"]:
        yield f"Clash: {wording.parameter_label(clash['requirement'])}", clash["short_by"], "units", _clash_words(clash)


def identity_lines(result: dict[str, Any]) -> Iterator[SummaryLine]:
    """Of which job and data the result is, and what solved it."""
    for name in ("job_id", "scenario_id", "scenario_version", "dataset_id", "dataset_sha256", "solved_at"):
        if result.get(name) is not None:
            yield wording.words(name), result[name] if name == "scenario_version" else str(result[name]), "year", ""
    yield summary_line("engine", result["engine"], "text")
    yield "Seconds", result["seconds"], "exact", "Wall-clock seconds of the solve"


def summary_line(name: str, value: Any, kind: str) -> SummaryLine:
    """One figure with its plain label and meaning."""
    term = wording.TERMS[name]
    return term.label, wording.NOT_KNOWN if value is None else value, kind, term.technical


def _clash_words(clash: dict[str, Any]) -> str:
    return " ".join(part for part in (clash["message"], clash["cure"]) if part)


def _certificate_rows(result: dict[str, Any]) -> Iterator[list[Any]]:
    for check in (result["certificate"] or {"checks": ()})["checks"]:
        yield [wording.words(check["name"]), check["worst"], check["limit"], check["passed"], check["where"]]


def _parameter_rows(result: dict[str, Any]) -> Iterator[list[Any]]:
    for name, parameter in result["parameters"].items():
        yield [name, wording.parameter_label(name), parameter["value"], parameter["unit"], parameter["source"]]
