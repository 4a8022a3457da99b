"""Models among the uploads: told by their first lines whatever they are called, and refused with what mends them."""

from __future__ import annotations

import gzip
import random
import struct

import pytest

from networx.errors import RefusedInput
from networx.ingest import model_look
from networx.ingest.model_look import HEAD_BYTES, ModelLook, look_for_model
from networx.ingest.ranges import RangeFile
from networx.topology import TOPOLOGY

MPS = """NAME          TEST ONE
* a comment
OBJSENSE
    MAX
ROWS
 N  COST
 L  LIM1
 G  MYEQN
COLUMNS
    X         COST   1.0   LIM1   1.0
    Y         COST   2.0   LIM1   1.0
    Y         MYEQN  1.0
RHS
    RHS       LIM1   4.0   MYEQN  1.0
ENDATA
"""
LP = "\\ a comment\nMaximize\n obj: 3 x + 2 y\nSubject To\n c1: x + y <= 4\nEnd\n"


class Ranges:
    """A file in memory that counts what is read of it."""

    def __init__(self, content: bytes) -> None:
        self.content, self.read_bytes = content, 0

    def read(self, offset: int, length: int) -> bytes:
        piece = self.content[offset : offset + length]
        self.read_bytes += len(piece)
        return piece


def look(content: bytes, filename: str = "upload", size: int | None = None) -> ModelLook | None:
    length = len(content) if size is None else size
    return look_for_model(RangeFile(Ranges(content), length), length, filename)


def refused(content: bytes, filename: str = "upload", size: int | None = None) -> RefusedInput:
    with pytest.raises(RefusedInput) as caught:
        look(content, filename, size)
    return caught.value


def long_mps(columns: int) -> bytes:
    lines = "".join(f" x{at} COST {at % 7} LIM1 1\n" for at in range(columns))
    return f"NAME LONG\nROWS\n N COST\n L LIM1\nCOLUMNS\n{lines}RHS\n RHS LIM1 9\nENDATA\n".encode()


@pytest.mark.parametrize(
    ("content", "filename", "found"),
    [
        (MPS.encode(), "model.mps", ModelLook("mps", False, "TEST ONE", 2, 2)),
        (MPS.encode(), "anything.xlsx", ModelLook("mps", False, "TEST ONE", 2, 2)),
        (MPS.replace("\n", "\r\n").encode(), "model.mps", ModelLook("mps", False, "TEST ONE", 2, 2)),
        (b"\xef\xbb\xbf" + MPS.encode(), "model.mps", ModelLook("mps", False, "TEST ONE", 2, 2)),
        (MPS.replace("NAME          TEST ONE\n", "").encode(), "model", ModelLook("mps", False, None, 2, 2)),
        (gzip.compress(MPS.encode(), mtime=0), "model.mps.gz", ModelLook("mps", True, "TEST ONE", 2, 2)),
        (LP.encode(), "model.txt", ModelLook("lp", False)),
        (gzip.compress(LP.encode(), mtime=0), "model.lp.gz", ModelLook("lp", True)),
        (b"min\n obj: x + y\n", "model.lp", ModelLook("lp", False)),
    ],
)
def test_a_model_is_told_by_its_content(content: bytes, filename: str, found: ModelLook):
    assert look(content, filename) == found


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 a workbook",
        b"%PDF-1.7",
        b"name\tcity\tstate\nA\tAtlanta\tGA\n",
        b"name,city\nmin,max\n",
        b"min\tmax\n1\t2\n",
        gzip.compress(b"name,city\nA,Atlanta\n", mtime=0),
        b"\x1f\x8b\x08 no gzip at all",
        "NAME\nROWS".encode("utf-16"),
    ],
)
def test_what_is_no_model_is_left_to_the_check_of_workbooks(content: bytes):
    assert look(content) is None


def test_only_the_ends_of_a_large_file_are_read():
    content = long_mps(200_000)
    ranges = Ranges(content)
    found = look_for_model(RangeFile(ranges, len(content)), len(content), "long.mps")
    assert found == ModelLook("mps", False, "LONG", 1, None)
    assert ranges.read_bytes <= HEAD_BYTES + 3 * 64 * 1024 < len(content)


def test_a_large_file_that_was_cut_off_is_refused():
    assert "ENDATA" in str(refused(long_mps(20_000)[:-200]))
    assert "no section" in str(refused(MPS.encode()[:-8]))


def test_what_the_first_lines_say_wrong_is_refused_by_its_line():
    wrong = refused(long_mps(20_000).replace(b" x7 COST 0 LIM1 1\n", b" x7 COST 0 LIM1 one\n"))
    assert wrong.code == "INVALID_MODEL"
    assert [(problem.row, "one is not a number" in problem.message) for problem in wrong.problems] == [(13, True)]


@pytest.mark.parametrize(
    ("content", "filename", "code", "what"),
    [
        (b'{"optimize": "z", "variables": {}}', "model.json", "NOT_SUPPORTED_YET", "body of POST"),
        (b"this is a letter", "model.mps", "INVALID_MODEL", "does not begin as one"),
        (gzip.compress(b"this is a letter", mtime=0), "model.lp.gz", "INVALID_MODEL", "does not begin as one"),
        (MPS.encode("utf-16"), "model.mps", "INVALID_MODEL", "UTF-16"),
    ],
)
def test_what_is_named_as_a_model_and_is_none_is_told_what_to_do(content: bytes, filename: str, code: str, what: str):
    wrong = refused(content, filename)
    assert (wrong.code, what in str(wrong)) == (code, True)


def test_a_model_that_is_too_large_is_refused():
    most = TOPOLOGY.limits.model_upload_bytes
    assert refused(MPS.encode(), size=most + 1).code == "FILE_TOO_LARGE"
    # Its end, which says how large it is unpacked, is beyond what is looked at.
    packed = gzip.compress(MPS.encode() + random.Random(3).randbytes(2 * HEAD_BYTES).hex().encode(), mtime=0)
    assert refused(packed[:-4] + struct.pack("<I", most + 1)).code == "FILE_TOO_LARGE"


def test_a_file_that_grows_beyond_reason_is_refused():
    bomb = gzip.compress(MPS.encode() + b" " * 50_000_000, mtime=0)
    assert len(bomb) < 60_000
    assert refused(bomb, "bomb.mps.gz").code == "SUSPICIOUS_ARCHIVE"


def test_no_more_is_unpacked_than_is_looked_at():
    head = model_look._unpacked(gzip.compress(MPS.encode() + b" " * 50_000_000, mtime=0), ends=True)
    assert (len(head.content), head.whole, head.sound) == (HEAD_BYTES, False, True)


@pytest.mark.parametrize(
    "content",
    [gzip.compress(MPS.encode(), mtime=0)[:-12], gzip.compress(MPS.encode(), mtime=0)[:-8] + b"\0" * 8],
    ids=["cut", "changed"],
)
def test_a_packed_model_that_is_damaged_is_refused_as_that(content: bytes):
    assert refused(content, "model.mps.gz").code == "DAMAGED_FILE"


def test_a_packed_file_that_is_damaged_from_the_start_is_so_by_its_name_alone():
    assert refused(b"\x1f\x8b\x08 no gzip at all", "model.lp.gz").code == "DAMAGED_FILE"
    assert look(b"\x1f\x8b\x08 no gzip at all", "something.gz") is None
