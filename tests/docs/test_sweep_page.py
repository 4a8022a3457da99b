"""The page of sweeps says what the code does: its examples are accepted, and its names and limits are the real ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep, parse_sweep
from networx.ingest.inline import read_inline
from networx.ingest.json_cells import PROBLEMS_NAMED
from networx.results.frontier import Member
from networx.results.sweep_result import sweep_result
from networx.topology import TOPOLOGY

PAGE = (Path(__file__).parents[2] / "docs" / "models" / "sweep.md").read_text()


def examples() -> list[dict[str, Any]]:
    """The JSON of the indented blocks."""
    blocks = re.findall(r"^((?:    .*\n)+)", PAGE, re.MULTILINE)
    return [json.loads(block) for block in blocks if block.lstrip().startswith("{")]


def test_its_examples_are_accepted() -> None:
    sweep, network = examples()
    most = TOPOLOGY.limits.batch_members
    assert list(parse_sweep(sweep["scenario"], most_members=most).nodes) == [3, 4, 5, 6, 7, 8]
    assert list(parse_sweep(network.pop("scenario"), most_members=most).nodes) == [1, 2]
    assert read_inline(network).ignored == ()


def test_its_names_are_those_of_the_answer() -> None:
    ours = ("total_cost", "transport_cost", "fixed_cost", "weighted_service_level", "cost_per_unit", "facilities_open")
    kpis = dict.fromkeys((*ours, "service_level", "weighted_distance_miles"), 1.0)
    member = Member("job", 1, "succeeded", True, ResultStatus.OPTIMAL, 1.0, 1.0, 0.0, kpis)
    result = sweep_result(Sweep(1, 1), [member])
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert set(result["best"]["kpis"]) <= named
    assert set(result["batch_summary"]) <= named
    assert set(result["frontier"][0]) <= named
    assert set(result) - {"schema", "type", "kpis", "certificate", "criterion"} <= named


def test_its_limits_are_the_real_ones() -> None:
    assert f"more than {TOPOLOGY.limits.batch_members} runs" in PAGE
    assert f"{TOPOLOGY.limits.body_bytes // 1024**2} MB and {TOPOLOGY.limits.inline_lanes:,} cells" in PAGE
    assert f"The first {PROBLEMS_NAMED:,} faults" in PAGE
