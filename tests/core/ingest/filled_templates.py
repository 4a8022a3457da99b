"""The template as a client fills it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from networx.ingest.template import write_network_template


def filled_template(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """The template at `path` with these rows, each sheet's headers first; its parameters are `no` and 2."""
    write_network_template(path)
    book = openpyxl.load_workbook(path)
    for name, rows in sheets.items():
        if name == "Parameters":
            book[name]["B2"], book[name]["B3"] = "no", 2
            continue
        headers = [cell.value for cell in book[name][1]]
        for number, row in enumerate(rows[1:], 2):
            for header, value in zip(rows[0], row, strict=False):  # a row may end early
                book[name].cell(number, headers.index(header) + 1, value)
    book.save(path)
    return path
