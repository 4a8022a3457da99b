"""The side of the confined child: a sweep's workbook or report, out of its result and those of its runs.

request["result"] is the sweep's result, `sweep` what was asked, `identity` of which job and scenario it is, `runs` one
of {"file", "why"} a row of the frontier: where the run's own result lies, or why there is none. `name` says which of
FILES is written to `target`.

{"written": true}       the last
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from networx.domain.sweep import Sweep
from networx.results.report import write_sweep_report
from networx.results.sweep_runs import read_run, run_without
from networx.results.sweep_workbook import write_sweep_workbook

FILES = {"result_xlsx": write_sweep_workbook, "report_html": write_sweep_report}


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Write it."""
    result = request["result"]
    runs = [
        run_without(row, one["why"]) if one["file"] is None else read_run(row, Path(one["file"]))
        for row, one in zip(result["frontier"], request["runs"], strict=True)
    ]
    write = FILES[request["name"]]
    write(Path(request["target"]), result, Sweep.from_dict(request["sweep"]), runs, request["identity"])
    send({"written": True})
