"""What an upload is, told from ranges alone; what it must not be, each with its code and its cure."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from networx.errors import ObjectStoreUnavailable, RefusedInput
from networx.ingest.preflight import Preflight, preflight
from networx.ingest.ranges import BLOCK_BYTES, FileRanges


class Ranges:
    """Ranges of bytes in memory, counting what is fetched."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.fetched = 0

    def read(self, offset: int, length: int) -> bytes:
        piece = self.content[offset : offset + length]
        self.fetched += len(piece)
        return piece


def check(path: Path) -> Preflight:
    ranges = FileRanges(path)
    return preflight(ranges, ranges.size, path.name)


def refusal_of(content: bytes, filename: str = "network.xlsx") -> RefusedInput:
    with pytest.raises(RefusedInput) as refused:
        preflight(Ranges(content), len(content), filename)
    assert str(refused.value)
    return refused.value


def test_an_honest_workbook_is_accepted_with_its_sheets(
    write_book: Callable[..., Path], network: dict[str, Any]
) -> None:
    accepted = check(write_book({**network, "Extra": [["hidden"]]}, hidden=("Extra",)))
    assert [sheet.name for sheet in accepted.sheets] == [*network, "Extra"]
    assert {sheet.state for sheet in accepted.sheets if sheet.name != "Extra"} == {"visible"}
    assert accepted.sheets[-1].state == "hidden"
    assert accepted.size_bytes > 0
    assert accepted.date1904 is False


def test_the_1904_epoch_is_seen(write_hostile: Callable[..., Path]) -> None:
    assert check(write_hostile(properties='<workbookPr date1904="1"/>')).date1904 is True


def test_a_large_file_is_known_by_a_few_blocks(write_hostile: Callable[..., Path]) -> None:
    noise = bytes(range(256)) * 64 * 1024  # 16 MB that stay 16 MB when stored
    path = write_hostile(extra=(("xl/media/picture.bin", noise),), compression=zipfile.ZIP_STORED)
    ranges = Ranges(path.read_bytes())
    preflight(ranges, len(ranges.content), path.name)
    assert ranges.fetched <= 4 * BLOCK_BYTES


def test_a_zip64_directory_is_read(write_hostile: Callable[..., Path], tmp_path: Path) -> None:
    source = zipfile.ZipFile(write_hostile())
    path = tmp_path / "zip64.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as part:
                part.write(source.read(name))
    # The end record says "see the zip64 record", as in archives beyond 4 GB.
    content = path.read_bytes()
    end = content.rfind(b"PK\x05\x06")
    entries, size, start = struct.unpack_from("<HII", content, end + 10)
    record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, entries, entries, size, start)
    locator = struct.pack("<IIQI", 0x07064B50, 0, end, 1)
    last = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(content[:end] + record + locator + last)
    assert [sheet.name for sheet in check(path).sheets] == ["Facilities", "Destinations"]


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"", "network.xlsx", "EMPTY_FILE"),
        (b"%PDF-1.7 ...", "network.xlsx", "NOT_A_WORKBOOK"),
        (b"<html><table></table></html>", "network.xls", "NOT_A_WORKBOOK"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><html>", "network.xlsx", "NOT_A_WORKBOOK"),
        (b"PAR1" + bytes(100), "network.xlsx", "NOT_A_WORKBOOK"),
        (b"PK\x05\x06" + bytes(18), "network.xlsx", "NOT_A_WORKBOOK"),
        (b"\x00\x01\x02\x03" * 100, "network.xlsx", "NOT_A_WORKBOOK"),
        (b"hello, this is no table", "network.xlsx", "NOT_A_WORKBOOK"),
        (b"name,city\nA,B\n", "network.xlsx", "NOT_SUPPORTED_YET"),
        ("name;Zürich\nA;B\n".encode("utf-16"), "network.csv", "NOT_SUPPORTED_YET"),
        (b"name\nChicago\n", "facilities.csv", "NOT_SUPPORTED_YET"),
        (b"PK\x03\x04 cut off right here", "network.xlsx", "DAMAGED_FILE"),
    ],
)
def test_what_is_no_workbook_is_refused_by_what_it_is(content: bytes, filename: str, code: str) -> None:
    assert refusal_of(content, filename).code == code


def ole2(stream: str) -> bytes:
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<I", header, 48, 1)
    return bytes(header) + bytes(512) + stream.encode("utf-16-le").ljust(512, b"\0")


@pytest.mark.parametrize(
    ("stream", "code", "cure"),
    [
        ("EncryptedPackage", "ENCRYPTED", "password"),
        ("Workbook", "NOT_SUPPORTED_YET", r"\.xlsx"),
        ("WordDocument", "NOT_A_WORKBOOK", r"\.xlsx"),
    ],
)
def test_an_ole2_file_is_told_apart_by_its_directory(stream: str, code: str, cure: str) -> None:
    refused = refusal_of(ole2(stream))
    assert refused.code == code
    assert cure.replace("\\", "") in str(refused)


def test_a_truncated_workbook_is_damaged(write_book: Callable[..., Path], network: dict[str, Any]) -> None:
    content = write_book(network).read_bytes()
    assert refusal_of(content[: len(content) // 2]).code == "DAMAGED_FILE"
    assert refusal_of(content[:-30]).code == "DAMAGED_FILE"


def test_what_a_library_says_of_a_damaged_file_is_for_the_log_alone(
    write_hostile: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    refused = refusal_of(write_hostile().read_bytes()[:-30])
    assert "on its way (its directory cannot be read). Open it in Excel" in str(refused)
    assert "zip" not in str(refused)
    [line] = [record for record in caplog.records if record.message == "file.damaged"]
    assert "BadZipFile" in line.fields["fault"]  # type: ignore[attr-defined]


def test_an_archive_of_other_things_is_no_workbook() -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("photo.txt", "nothing")
    assert refusal_of(memory.getvalue()).code == "NOT_A_WORKBOOK"


@pytest.mark.parametrize(
    ("main_type", "code"),
    [
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "MACROS"),
        ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "NOT_SUPPORTED_YET"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", "NOT_A_WORKBOOK"),
    ],
)
def test_other_office_documents_are_refused(write_hostile: Callable[..., Path], main_type: str, code: str) -> None:
    assert refusal_of(write_hostile(main_type=main_type).read_bytes()).code == code


def test_macros_are_refused_whatever_the_name_of_the_file(write_hostile: Callable[..., Path]) -> None:
    assert refusal_of(write_hostile(extra=(("xl/vbaProject.bin", b"code"),)).read_bytes()).code == "MACROS"


@pytest.mark.parametrize(
    "name", ["/abs/evil.xml", "../../evil.xml", "xl\\..\\evil.bin", "C:evil.xml", "XL/workbook.xml"]
)
def test_names_that_no_writer_gives_are_refused(write_hostile: Callable[..., Path], name: str) -> None:
    assert refusal_of(write_hostile(extra=((name, b"x"),)).read_bytes()).code == "SUSPICIOUS_ARCHIVE"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused(write_hostile: Callable[..., Path]) -> None:
    path = write_hostile(extra=(("xl/worksheets/sheet1.xml", b"<other/>"),))
    assert "twice" in str(refusal_of(path.read_bytes()))


def test_a_bomb_is_refused_by_its_ratio(write_hostile: Callable[..., Path]) -> None:
    refused = refusal_of(write_hostile(body=" " * 20_000_000).read_bytes())
    assert refused.code == "SUSPICIOUS_ARCHIVE"
    assert "fold" in str(refused)


def test_a_part_that_declares_fewer_bytes_than_it_takes_up_is_refused(write_hostile: Callable[..., Path]) -> None:
    content = bytearray(write_hostile(body=" " * 20_000_000).read_bytes())
    entry = content.rfind(b"xl/worksheets/sheet1.xml") - 46
    struct.pack_into("<I", content, entry + 24, 1000)
    assert refusal_of(bytes(content)).code == "SUSPICIOUS_ARCHIVE"


def test_parts_that_overlap_are_refused(write_hostile: Callable[..., Path]) -> None:
    content = bytearray(write_hostile().read_bytes())
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    assert "overlaps" in str(refusal_of(bytes(content)))


def test_an_encrypted_part_is_refused(write_hostile: Callable[..., Path]) -> None:
    content = bytearray(write_hostile().read_bytes())
    content[content.find(b"PK\x01\x02") + 8] |= 1
    assert refusal_of(bytes(content)).code == "ENCRYPTED"


def test_unusual_compression_is_refused(write_hostile: Callable[..., Path]) -> None:
    assert refusal_of(write_hostile(compression=zipfile.ZIP_BZIP2).read_bytes()).code == "SUSPICIOUS_ARCHIVE"


def test_a_document_type_in_a_sheet_is_refused(write_hostile: Callable[..., Path]) -> None:
    path = write_hostile(doctype='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>')
    assert refusal_of(path.read_bytes()).code == "SUSPICIOUS_ARCHIVE"


def test_a_directory_larger_than_any_workbook_is_refused_without_being_fetched(
    write_hostile: Callable[..., Path],
) -> None:
    path = write_hostile(extra=tuple((f"part{number}.xml", b"") for number in range(2_001)))
    assert "parts" in str(refusal_of(path.read_bytes()))


def test_too_many_distinct_texts_are_refused_as_too_large(write_hostile: Callable[..., Path]) -> None:
    # The last part of the file, so that it overlaps no other however large it says it is.
    content = bytearray(write_hostile(extra=(("more/sharedStrings.xml", b"<sst/>"),)).read_bytes())
    entry = content.rfind(b"more/sharedStrings.xml") - 46
    struct.pack_into("<II", content, entry + 20, 40 * 1024**2, 300 * 1024**2)
    assert refusal_of(bytes(content)).code == "FILE_TOO_LARGE"


def test_missing_sheets_are_named_all_at_once(write_book: Callable[..., Path]) -> None:
    refused = refusal_of(write_book({"Lanes": [["origin"]], "Sheet1": []}).read_bytes())
    assert refused.code == "MISSING_SHEET"
    assert [problem.sheet for problem in refused.problems] == ["Facilities", "Destinations"]
    assert "Lanes, Sheet1" in str(refused)


def test_a_required_sheet_that_is_hidden_is_refused_as_hidden(
    write_book: Callable[..., Path], network: dict[str, Any]
) -> None:
    # The first sheet of a workbook cannot be hidden, so another stands before it.
    path = write_book({"Lanes": network["Lanes"], **network}, hidden=("Facilities",))
    refused = refusal_of(path.read_bytes())
    assert refused.code == "MISSING_SHEET"
    assert "hidden" in str(refused)


def test_a_store_that_is_away_is_no_fault_of_the_file() -> None:
    class Away:
        def read(self, offset: int, length: int) -> bytes:
            raise ConnectionResetError("gone")

    with pytest.raises(ObjectStoreUnavailable):
        preflight(Away(), 10_000, "network.xlsx")


def test_the_check_needs_nothing_but_the_standard_library() -> None:
    heavy = "numpy rapidfuzz openpyxl xlsxwriter python_calamine_plus pydantic"
    program = (
        f"import sys, networx.ingest.preflight\nprint([name for name in '{heavy}'.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
