"""Models from MPS and LP files, by the solver's own readers. Read a stranger's file in a confined process only."""

from __future__ import annotations

import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import highspy
import numpy as np

from networx.domain.json_model import INVALID_MODEL
from networx.domain.model_answer import ModelData
from networx.domain.model_file import check_model_lines, check_size
from networx.errors import Problem, RefusedInput
from networx.topology import TOPOLOGY

PACKED = ".gz"
_PIECE_BYTES = 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NUMBERED = re.compile(r"\bCol (\d+)\b")
_KINDS = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)


def read_file(path: Path) -> ModelData:
    """The model in a file that ends in .mps or .lp, or in one of them and .gz; every line of it is looked over first.

    Raises RefusedInput with each line that does not say what a reader would make of it.
    """
    if path.suffix != PACKED:
        return _read_checked(path)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        plain = Path(folder) / path.name.removesuffix(PACKED)
        _unpack(path, plain)
        return _read_checked(plain)


def _read_checked(path: Path) -> ModelData:
    check_model_lines(_lines(path), path.suffix[1:])
    return _read(path)


def _lines(path: Path) -> Iterator[str]:
    """Line by line, as the reader parts them. Raises RefusedInput at a line that is no UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield (line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line).decode()
            except UnicodeDecodeError:
                message = f"Line {number} has characters that are no UTF-8. Save the file as UTF-8 and send it again."
                raise RefusedInput([Problem(message, "text", row=number)], code=INVALID_MODEL) from None


def _unpack(path: Path, plain: Path) -> None:
    """Unpack to a file as large as a model may be. Raises RefusedInput beyond it, and for what cannot be unpacked."""
    most = TOPOLOGY.limits.model_upload_bytes
    written = 0
    try:
        with gzip.open(path, "rb") as packed, plain.open("wb") as file:
            while piece := packed.read(_PIECE_BYTES):
                written += len(piece)
                if written > most:
                    raise _refused(f"is more than {most // 1024**2} MB large when it is unpacked")
                file.write(piece)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise _refused("is damaged or was cut off: it cannot be unpacked. Pack it again and send it anew") from None


def _read(path: Path) -> ModelData:
    """The model in a file that ends in .mps or .lp. Raises RefusedInput with what the reader said."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        highs.setOptionValue("log_to_console", False)
        highs.setOptionValue("log_file", str(said))
        status = highs.readModel(str(path))
        # Closes the file, so that all of it is there to be read.
        highs.setOptionValue("log_file", "")
        told = _complaints(said)
    if status != highspy.HighsStatus.kOk:
        raise _refused(f"cannot be read: {_by_name(told, list(highs.getLp().col_names_)) or _broken(path.suffix)}")
    model = highs.getModel()
    if model.hessian_.dim_ > 0:
        raise _refused("has a quadratic objective; only linear models are solved")
    lp = highs.getLp()
    kinds = list(lp.integrality_)
    if any(kind not in _KINDS for kind in kinds):
        raise _refused("has semi-continuous variables; state each with a binary of its own")
    if lp.num_col_ == 0:
        raise _refused("has no variables")
    check_size(rows=lp.num_row_, columns=lp.num_col_, coefficients=len(lp.a_matrix_.value_))
    return _data(lp, kinds)


def _data(lp: highspy.HighsLp, kinds: list[highspy.HighsVarType]) -> ModelData:
    starts = np.asarray(lp.a_matrix_.start_, dtype=np.int64)
    lines = np.repeat(np.arange(len(starts) - 1, dtype=np.int64), np.diff(starts))
    others = np.asarray(lp.a_matrix_.index_, dtype=np.int64)
    by_column = lp.a_matrix_.format_ == highspy.MatrixFormat.kColwise
    return ModelData(
        columns=_names(list(lp.col_names_), lp.num_col_, "x"),
        rows=_names(list(lp.row_names_), lp.num_row_, "r"),
        maximise=lp.sense_ == highspy.ObjSense.kMaximize,
        offset=float(lp.offset_),
        cost=_floats(lp.col_cost_),
        lower=_floats(lp.col_lower_),
        upper=_floats(lp.col_upper_),
        integer=np.array([kind == highspy.HighsVarType.kInteger for kind in kinds] or [False] * lp.num_col_),
        row_lower=_floats(lp.row_lower_),
        row_upper=_floats(lp.row_upper_),
        entry_row=others if by_column else lines,
        entry_column=lines if by_column else others,
        entry_value=_floats(lp.a_matrix_.value_),
    )


def _floats(values: object) -> np.ndarray:
    numbers = np.asarray(values, dtype=np.float64)
    if np.isnan(numbers).any():
        raise _refused("has a value that is not a number")
    return numbers


def _names(names: list[str], count: int, letter: str) -> tuple[str, ...]:
    return tuple(names) if len(names) == count else tuple(f"{letter}{at}" for at in range(count))


def _complaints(path: Path) -> str:
    if not path.exists():
        return ""
    lines = path.read_text(errors="replace").splitlines()
    said = [" ".join(line.split(":", 1)[-1].split()) for line in lines if line.startswith(("ERROR", "WARNING"))]
    # Where in the file, the reader does not say; which of our own files it is would tell nobody anything.
    told = [line for line in said if not line.startswith("Parser error")]
    return " ".join(told[:3])[:500]


def _by_name(told: str, names: list[str]) -> str:
    """What the reader said, columns that it only numbers by their names."""

    def named(found: re.Match[str]) -> str:
        at = int(found[1])
        return f"the column {names[at]}" if at < len(names) else found[0]

    return _NUMBERED.sub(named, told)


def _broken(suffix: str) -> str:
    kind = suffix[1:].upper()
    cure = "look for a name or an operator out of place" if kind == "LP" else "look at its sections"
    return f"it breaks the rules of the {kind} format; {cure}"


def _refused(what: str) -> RefusedInput:
    return RefusedInput([Problem(f"The model file {what}.", "model_file")], code=INVALID_MODEL)
