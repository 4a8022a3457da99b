"""The pass over every part: what the directory claims is verified, and formulas without a result are found."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from networx.errors import RefusedInput
from networx.ingest.inspection import CHUNK_BYTES, FORMULAS_KEPT, inspect
from networx.ingest.network import parse_network
from networx.ingest.preflight import preflight
from networx.ingest.ranges import FileRanges

SHEET = "xl/worksheets/sheet1.xml"


def test_an_honest_file_passes_and_nothing_is_found(write_hostile: Callable[..., Path]) -> None:
    assert inspect(write_hostile(), [SHEET]) == {}


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ('<c r="B7"><f>A1*2</f></c>', True),
        ('<c r="B7"><f>A1*2</f><v></v></c>', True),
        ('<c r="B7" s="1"><f>A1*2</f><v/></c>', True),
        ('<c r="B7"><f t="shared" si="0"/></c>', True),
        ('<c r="B7" t="str"><f>IF(A1,"","")</f><v></v></c>', False),
        ('<c r="B7"><f>A1*2</f><v>0</v></c>', False),
        ('<c r="B7" t="s"><v>0</v></c>', False),
    ],
)
def test_a_formula_whose_result_was_never_saved_is_found(
    write_hostile: Callable[..., Path], cell: str, found: bool
) -> None:
    path = write_hostile(body=f'<row r="7"><c r="A7"><v>1</v></c>{cell}</row>')
    assert inspect(path, [SHEET]) == ({SHEET: ["B7"]} if found else {})


def test_such_formulas_are_found_across_chunks_up_to_a_limit(write_hostile: Callable[..., Path]) -> None:
    rows = (f'<row r="{n}"><c r="A{n}"><f>B{n}*{n}</f></c></row>' for n in range(1, CHUNK_BYTES // 20))
    assert len(inspect(write_hostile(body="".join(rows)), [SHEET])[SHEET]) == FORMULAS_KEPT
    # One that lies on the border of two chunks, wherever that is.
    filler = '<row r="1"><c r="A1"><v>1</v></c></row>'
    body = "".join(f"{filler}" for _ in range(CHUNK_BYTES // len(filler)))
    for shift in range(0, 400, 40):
        odd = f'{body}{" " * shift}<row r="2"><c r="A2"><f>B2*2</f></c></row>{filler * 10}'
        assert inspect(write_hostile(body=odd), [SHEET]) == {SHEET: ["A2"]}


def test_a_formula_without_a_result_is_a_problem_of_its_cell(
    write_parts: Callable[..., Path], network: dict[str, Any]
) -> None:
    sheets = {name: _as_xml(network[name]) for name in ("Facilities", "Destinations")}
    sheets["Destinations"] = sheets["Destinations"].replace("<v>120</v>", "<f>100+20</f>")
    summary = parse_network(write_parts(sheets), lambda _: None, lambda _: None)
    assert ("formula_without_value", "Destinations", 2, "G") in [
        (problem.rule, problem.sheet, problem.row, problem.column) for problem in summary.problems
    ]


@pytest.mark.parametrize("declared", [1_000, 40_000])
def test_a_part_that_is_not_as_long_as_declared_is_damage(write_hostile: Callable[..., Path], declared: int) -> None:
    content = bytearray(write_hostile(body=f"<row>{' ' * 20_000}</row>").read_bytes())
    entry = content.rfind(SHEET.encode()) - 46
    struct.pack_into("<I", content, entry + 24, declared)
    path = write_hostile()
    path.write_bytes(content)
    with pytest.raises(RefusedInput) as refused:
        inspect(path, [SHEET])
    assert refused.value.code == "DAMAGED_FILE"


def test_a_stream_that_breaks_halfway_is_damage_before_any_row_is_read(
    write_book: Callable[..., Path], network: dict[str, Any]
) -> None:
    network["Lanes"] += [[f"Nowhere {number}", "Boston", number, None] for number in range(5_000)]
    path = write_book(network, inline=True)
    content = bytearray(path.read_bytes())
    middle = content.find(b"xl/worksheets/sheet7.xml") + 20_000
    content[middle : middle + 200] = bytes(200)
    path.write_bytes(content)
    sent: list[object] = []
    with pytest.raises(RefusedInput) as refused:
        parse_network(path, sent.append, lambda _: None)
    assert refused.value.code == "DAMAGED_FILE"
    assert sent == []


@pytest.mark.parametrize("start", ['<c r="ZZZZZZ1"', "<c s='1' r='zzzzzz1'", '<x:c t="n" r="ABCD1"'])
def test_a_cell_beyond_the_last_column_is_refused(write_hostile: Callable[..., Path], start: str) -> None:
    body = '<row r="1"><c r="XFD1"><v>1</v></c></row>'
    assert inspect(write_hostile(body=body), [SHEET]) == {}
    with pytest.raises(RefusedInput, match="XFD") as refused:
        inspect(write_hostile(body=body.replace('<c r="XFD1"', start)), [SHEET])
    assert refused.value.code == "SUSPICIOUS_ARCHIVE"


def test_a_false_checksum_is_damage(write_hostile: Callable[..., Path], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    path = write_hostile()
    content = bytearray(path.read_bytes())
    entry = content.rfind(SHEET.encode()) - 46
    struct.pack_into("<I", content, entry + 16, zlib.crc32(b"something else"))
    path.write_bytes(content)
    with pytest.raises(RefusedInput, match="do not agree with its directory") as refused:
        inspect(path, [SHEET])
    assert "CRC" not in str(refused.value)
    assert "CRC" in caplog.records[-1].fields["fault"]  # type: ignore[attr-defined]


def _as_xml(rows: list[list[Any]]) -> str:
    def cell(value: Any, place: str) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c r="{place}"><v>{value}</v></c>'

    body = ""
    for number, row in enumerate(rows, 1):
        stored = [cell(value, f"{chr(ord('A') + index)}{number}") for index, value in enumerate(row)]
        body += f'<row r="{number}">{"".join(stored)}</row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'


@given(
    st.lists(st.tuples(st.integers(0, 100_000), st.binary(max_size=8), st.integers(0, 8)), min_size=1, max_size=5),
    st.integers(0, 100_000),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_file_damaged_anywhere_is_read_or_refused_and_never_crashes(
    write_hostile: Callable[..., Path], damage: list[tuple[int, bytes, int]], keep: int
) -> None:
    path = write_hostile()
    content = bytearray(path.read_bytes())
    for place, bytes_put, length in damage:
        start = place % len(content)
        content[start : start + length] = bytes_put
    path.write_bytes(content[: keep if keep % 3 == 0 else None])
    ranges = FileRanges(path)
    with suppress(RefusedInput):
        accepted = preflight(ranges, ranges.size, path.name)
        assert [sheet.name for sheet in accepted.sheets]
        inspect(path, [sheet.part for sheet in accepted.sheets])
