"""`networx check` for a model of one's own: how large it is, or every line and word that cannot be used."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from cli.model_names import JSON, model_suffix
from cli.solve_model import require_size
from cli.terminal import Exit, out, print_json, print_problems
from networx.domain.json_model import INVALID_MODEL
from networx.domain.json_model_reading import read_json_model
from networx.domain.json_text import parsed_json
from networx.errors import Problem, RefusedInput
from networx.ingest.model_look import look_for_model
from networx.ingest.ranges import FileRanges, RangeFile
from networx.resilience.confine import Child, Confinement
from networx.topology import TOPOLOGY

_READING = Confinement("networx.work.solve_model_child:read_only", memory_mib=TOPOLOGY.kind("model").child_memory_mib)
_LONGEST = timedelta(minutes=30)


def check_model(file: Path, *, as_json: bool) -> None:
    """Read the whole model, as a solve of it would, and say what it is."""
    require_size(file)
    found: dict[str, Any] = {"usable": False, "model": None, "warnings": [], "problems": []}
    try:
        found |= _json(file) if model_suffix(file) == JSON else {"model": _file(file)}
        found["usable"] = True
    except RefusedInput as refused:
        found["problems"] = [problem.as_dict() for problem in refused.problems]
    print_json(found) if as_json else _print(found)
    if not found["usable"]:
        raise typer.Exit(Exit.REFUSED)


def _json(file: Path) -> dict[str, Any]:
    model = read_json_model(parsed_json(file.read_bytes()))
    size = {
        "rows": len(model.requirements),
        "columns": len(model.variables),
        "integers": len(model.integers),
        "coefficients": sum(map(len, model.variables.values())),
    }
    return {"model": {"format": "json", "packed": False, "name": None, **size}, "warnings": list(model.warnings)}


def _file(file: Path) -> dict[str, Any]:
    ranges = FileRanges(file)
    look = look_for_model(RangeFile(ranges, ranges.size), ranges.size, file.name)
    if look is None:
        raise RefusedInput([Problem("The file is no model: neither MPS nor LP.", "model_file")], code=INVALID_MODEL)
    with tempfile.TemporaryDirectory() as scratch:
        # The reader goes by the name's end, and this one is what the content says.
        path = Path(scratch) / f"model.{look.format}{'.gz' if look.packed else ''}"
        path.symlink_to(file.resolve())
        (told,) = Child(_READING).run({"model": str(path)}, longest=_LONGEST)
    return {**look.as_dict(), **told["read"]}


def _print(found: dict[str, Any]) -> None:
    if found["model"] is not None:
        for word, value in found["model"].items():
            shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
            if value not in (None, False):
                out.print(f"  {word:<14}{escape(str(shown)):>16}")
    for warning in found["warnings"]:
        out.print(f"  Note: {escape(warning)}", soft_wrap=True)
    if found["usable"]:
        out.print("The model can be run.")
    else:
        print_problems(found["problems"])
