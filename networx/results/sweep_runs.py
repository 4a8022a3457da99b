"""What the files of a sweep tell of each number of facilities beside its row of the frontier: its run's own result.

A run's result may be large, so that of each only this is kept while the next is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from networx.domain.phrases import years_listed
from networx.domain.plan import ResultStatus
from networx.results.wording import STATUS_TERMS

OPEN = "open"  # in every year
_IDENTITY = ("scenario_name", "dataset_id", "dataset_file", "dataset_sha256", "solved_at")
_COUNTS = ("min_facilities", "max_facilities")  # of a run its own number; the sweep's are its range
_WITHOUT_STORES = "It was stopped before its warehouses and stock were planned: what it has costs less than the whole."


@dataclass(frozen=True, slots=True)
class Run:
    """One number of facilities. `why` says why it has no plan, and is None where it has one; costs are in dollars.

    `facilities` are all of them in the dataset's order, each with when it is open: `open`, `2026 and 2027`, or nothing.
    """

    nodes: int
    why: str | None = None
    facilities: Mapping[str, str] = field(default_factory=dict)
    kpis: Mapping[str, Any] | None = None
    certificate: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)
    engine: str | None = None
    bound_source: str | None = None
    seconds: float = 0.0
    savings: Mapping[str, Any] | None = None


def run_of(row: Mapping[str, Any], result: Mapping[str, Any]) -> Run:
    """The run of a row of the frontier, from its own whole result."""
    about: dict[str, Any] = {
        "certificate": result["certificate"],
        "parameters": {name: value for name, value in result["parameters"].items() if name not in _COUNTS},
        "identity": {name: result[name] for name in _IDENTITY if result.get(name) is not None},
        "engine": result["engine"],
        "bound_source": None if result["bound"] is None else result["bound_source"],
        "seconds": result["seconds"],
    }
    if row["cost"] is None:
        return Run(row["nodes"], _why(row, result), **about)
    return Run(
        row["nodes"],
        facilities={site["name"]: _open_in(site, len(result["years"])) for site in result["facilities"]},
        kpis=result["kpis"],
        savings=result.get("savings"),
        **about,
    )


def read_run(row: Mapping[str, Any], path: Path) -> Run:
    """The same from the file of its result."""
    return run_of(row, orjson.loads(path.read_bytes()))


def run_without(row: Mapping[str, Any], why: str | None = None) -> Run:
    """The run of a row that left no result, or whose result cannot be had; `why` is what its job said of it."""
    return Run(row["nodes"], why or _UNSAID.get(row["status"], "It left no result."))


_UNSAID = {
    "cancelled": "It was cancelled before it had a checked plan.",
    "queued": "It waits for a worker.",
    "running": "It has not ended yet.",
    "failed": "It failed.",
}


def _open_in(site: Mapping[str, Any], years: int) -> str:
    if not site["open"]:
        return ""
    return OPEN if len(site["years"]) == years else years_listed(year["year"] for year in site["years"])


def _why(row: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    if result["infeasibility"] is not None:
        clashes = result["infeasibility"]["clashes"]
        return " ".join(part for clash in clashes for part in (clash["message"], clash["cure"]) if part)
    if result["kpis"] is not None:
        return _WITHOUT_STORES
    return STATUS_TERMS[ResultStatus(row["status"])].label + "."
