"""A model among the uploads: recognised by what its first lines say, as they stand or packed by gzip.

By ranges only, as everything the validator does: the first lines, the end of the file and what it says of its size.
Every line is for the confined process that reads the whole file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from networx.domain.json_model import INVALID_MODEL
from networx.domain.model_file import MpsLines
from networx.errors import Problem, RefusedInput
from networx.ingest.archive import MAX_RATIO, RATIO_COUNTS_FROM_BYTES
from networx.ingest.ranges import RangeFile
from networx.ingest.refusals import Refusal, refuse
from networx.topology import TOPOLOGY

HEAD_BYTES = 128 * 1024
_TAIL_BYTES = 4096
_PIECE_BYTES = 64  # what was unpacked before a fault is still looked at
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SENSES = frozenset({"min", "max", "minimize", "maximize", "minimise", "maximise", "minimum", "maximum"})
_LP_SECTIONS = ("subject to", "such that", "st", "s.t.", "bound", "bounds", "general", "generals", "gen", "binary")
_LP_ENDINGS = ("binaries", "bin", "end")
_FIRST_SECTIONS = frozenset({"ROWS", "OBJSENSE"})
_ENDINGS = tuple(f".{kind}{packed}" for kind in ("mps", "lp") for packed in ("", ".gz"))
_MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class ModelLook:
    """What is known of a model's file. `rows` (constraints) and `columns` where the first lines say all of them."""

    format: str
    packed: bool
    name: str | None = None
    rows: int | None = None
    columns: int | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """What could be counted, by name."""
        counted = {"rows": self.rows, "columns": self.columns}
        return {name: count for name, count in counted.items() if count is not None}

    def as_dict(self) -> dict[str, Any]:
        return {"format": self.format, "packed": self.packed, "name": self.name}


def look_for_model(file: RangeFile, size: int, filename: str) -> ModelLook | None:
    """What a file of `size` bytes is if it is a model, else None. Raises RefusedInput for one that cannot be used."""
    head, packed = _head(file, size)
    named = filename.lower().endswith(_ENDINGS)
    if named and head.content.startswith(_UTF_16):
        raise _refused("The model is written in UTF-16. Save it as UTF-8 and upload it again.")
    lines = _lines(head.content.removeprefix(_BYTE_ORDER_MARK), whole=head.whole)
    kind = _kind(lines, named=filename.lower().removesuffix(".gz").endswith(".lp"))
    if kind is None:
        _refuse_named(head, named=named)
        return None
    if not head.sound:
        raise _damaged()
    _check_sizes(file, size, packed=packed)
    if kind == "lp":
        return ModelLook("lp", packed)
    if not packed and not head.whole:
        _require_end(file, size)
    return _look_at_mps(lines, whole=head.whole, packed=packed)


def _refuse_named(head: _Head, *, named: bool) -> None:
    """Raise RefusedInput for what its name calls a model, and for a model in JSON, which is not sent as a file."""
    if _is_json(head.content):
        raise refuse(
            Refusal.NOT_SUPPORTED_YET,
            "The file is JSON. Paste or open a model in JSON on the page's start, send it as the body of POST "
            "/api/optimize/run-batch, or with `networx run`; uploaded as a file, a model is MPS or LP.",
        )
    if named and not head.sound:
        raise _damaged()
    if named and head.content and _is_text(head.content):
        raise _refused(
            "The file is named as a model, and does not begin as one: MPS begins with NAME or ROWS, LP with min or max."
        )


def _damaged() -> RefusedInput:
    return refuse(
        Refusal.DAMAGED_FILE,
        "The file is damaged or was cut off on its way: it cannot be unpacked. Pack it again and upload it anew.",
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """The first bytes of a file, unpacked. `whole`: they are all of it; `sound`: nothing contradicts itself in them."""

    content: bytes
    whole: bool
    sound: bool = True


def _head(file: RangeFile, size: int) -> tuple[_Head, bool]:
    """The first bytes, and whether the file is packed."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    ends = size <= HEAD_BYTES
    return (_unpacked(head, ends=ends), True) if head.startswith(_GZIP) else (_Head(head, ends), False)


def _unpacked(head: bytes, *, ends: bool) -> _Head:
    """What of a gzip file can be unpacked; never more than is looked at. `ends`: there is no more of the file."""
    inflating = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    content = bytearray()
    for start in range(0, len(head), _PIECE_BYTES):
        try:
            content += inflating.decompress(head[start : start + _PIECE_BYTES], HEAD_BYTES - len(content))
        except zlib.error:
            return _Head(bytes(content), whole=False, sound=False)
        if len(content) >= HEAD_BYTES or inflating.eof:
            break
    full = len(content) >= HEAD_BYTES
    whole = inflating.eof and not inflating.unused_data and not full
    return _Head(bytes(content), whole, sound=inflating.eof or full or not ends)


def _lines(head: bytes, *, whole: bool) -> list[str]:
    """The lines that are all there. What is no UTF-8 is for the reader of the whole file to refuse."""
    lines = head.decode(errors="replace").split("\n")
    return lines if whole else lines[:-1]


def _kind(lines: Sequence[str], *, named: bool) -> str | None:
    """`mps`, `lp` or None. What a name says decides only between an LP file and a text that begins like one."""
    mps = list(islice(_significant(lines, "*"), 2))
    first = [line.split()[0].upper() for line in mps if not line[0].isspace()]
    if first[:1] == ["NAME"] and len(mps) == 2 and first[1:] and first[1] in _FIRST_SECTIONS:
        return "mps"
    if first and first[0] in _FIRST_SECTIONS and mps[0].split() in ([first[0]], ["OBJSENSE", "MAX"]):
        return "mps"
    lp = [line.strip().lower() for line in _significant(lines, "\\")]
    if lp and lp[0].split()[0] in _SENSES and (named or any(map(_is_lp_section, lp[1:]))):
        return "lp"
    return None


def _significant(lines: Sequence[str], comment: str) -> Iterator[str]:
    return (line for line in lines if line.strip() and not line.lstrip().startswith(comment))


def _is_lp_section(line: str) -> bool:
    return line in (*_LP_SECTIONS, *_LP_ENDINGS)


def _is_text(head: bytes) -> bool:
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in head)


def _is_json(head: bytes) -> bool:
    return head.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith((b"{", b"[")) and _is_text(head)


def _check_sizes(file: RangeFile, size: int, *, packed: bool) -> None:
    """Of a packed file its end says how large it is unpacked. A lie there is met again when it is unpacked."""
    most = TOPOLOGY.limits.model_upload_bytes
    if size > most:
        raise _too_large("is", size)
    if not packed:
        return
    file.seek(size - 4)
    (unpacked,) = struct.unpack("<I", file.read(4).ljust(4, b"\0"))
    if unpacked > most:
        raise _too_large("unpacked is, by what its end says,", unpacked)
    if unpacked > max(RATIO_COUNTS_FROM_BYTES, MAX_RATIO * size):
        raise refuse(
            Refusal.SUSPICIOUS_ARCHIVE,
            f"By what its end says the file would grow {unpacked // max(size, 1):,} fold when it is unpacked, which no "
            "model does: it is no model, or was cut off on its way. Upload it as it is, without gzip.",
        )


def _too_large(what: str, size: int) -> RefusedInput:
    most = TOPOLOGY.limits.model_upload_bytes
    return refuse(
        Refusal.FILE_TOO_LARGE,
        f"The model {what} {size / 1024**2:,.0f} MB large; at most {most // 1024**2} MB can be solved. Leave out what "
        "is 0, or solve it in parts.",
    )


def _require_end(file: RangeFile, size: int) -> None:
    file.seek(max(size - _TAIL_BYTES, 0))
    if b"ENDATA" not in file.read(_TAIL_BYTES).upper():
        raise _refused("The file does not end with ENDATA: it was cut off on its way. Upload it again.")


def _look_at_mps(lines: Sequence[str], *, whole: bool, packed: bool) -> ModelLook:
    """The first lines judged as the reader of the whole file will judge them."""
    seen = MpsLines()
    found = list(islice(seen.problems(lines), _MOST_PROBLEMS))
    if whole:
        found += seen.missing()
    if found:
        raise RefusedInput(found[:_MOST_PROBLEMS], code=INVALID_MODEL)
    after = seen.seen
    return ModelLook(
        "mps",
        packed,
        name=_name(lines),
        rows=seen.constraints if "COLUMNS" in after else None,
        columns=len(seen.columns) if {"RHS", "RANGES", "BOUNDS", "ENDATA"} & set(after) else None,
    )


def _name(lines: Sequence[str]) -> str | None:
    words = next(_significant(lines, "*")).split(maxsplit=1)
    return words[1].strip()[:200] if words[0].upper() == "NAME" and len(words) == 2 else None


def _refused(message: str) -> RefusedInput:
    return RefusedInput([Problem(message, "model_file")], code=INVALID_MODEL)
