"""The child's side: plain messages, a summary at the end of everything, and memory that does not grow with the file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import xlsxwriter

from networx.ingest.child import run


def messages(path: Path) -> list[dict[str, Any]]:
    """What the parent gets, after the way through JSON."""
    sent: list[dict[str, Any]] = []
    run({"path": str(path)}, lambda message: sent.append(orjson.loads(orjson.dumps(message))))
    return sent


def test_a_good_file_ends_in_a_summary_without_problems(
    write_book: Callable[..., Path], network: dict[str, Any]
) -> None:
    *others, last = messages(write_book(network))
    assert all(set(message) in ({"batch", "rows"}, {"progress"}) for message in others)
    assert last["summary"]["code"] is None
    assert last["summary"]["problem_count"] == 0
    assert last["summary"]["totals"] == {"demand_units": 200.25, "lanes": 3}


def test_unlimited_and_empty_cells_survive_json(write_book: Callable[..., Path], network: dict[str, Any]) -> None:
    rows = {message["batch"]: message["rows"] for message in messages(write_book(network)) if "batch" in message}
    assert rows["facilities"][1][6] == "inf"
    assert rows["facility_years"] == [[1, 2027, None, "inf", None]]


def test_progress_is_told(write_book: Callable[..., Path], network: dict[str, Any]) -> None:
    told = [message["progress"] for message in messages(write_book(network)) if "progress" in message]
    assert told[0] == {"table": "facilities", "rows": 2}


def test_bad_cells_end_in_a_summary_that_names_them(write_book: Callable[..., Path], network: dict[str, Any]) -> None:
    network["Lanes"][1][2] = -1
    summary = messages(write_book(network))[-1]["summary"]
    assert summary["code"] == "INVALID_INPUT"
    assert summary["problem_count"] == 1
    assert summary["problems"][0]["row"] == 2


def test_a_refused_file_ends_in_a_summary_with_its_code(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    path.write_bytes(b"")
    [message] = messages(path)
    assert message["summary"]["code"] == "EMPTY_FILE"
    assert message["summary"]["problem_count"] == 1


CONFINED = """
import resource, sys, json
resource.setrlimit(resource.RLIMIT_AS, (256 * 1024**2, 256 * 1024**2))
from networx.ingest.child import run
last = {}
run({"path": sys.argv[1]}, last.update)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([last["summary"]["rows"]["lanes"], last["summary"]["problem_count"], peak, "numpy" in sys.modules]))
"""


def confined(path: Path) -> list[Any]:
    done = subprocess.run([sys.executable, "-c", CONFINED, str(path)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def write_lanes(path: Path, network: dict[str, Any], destinations: int) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        page = book.add_worksheet("Facilities")
        page.write_row(0, 0, network["Facilities"][0])
        for number in range(20):
            page.write_row(number + 1, 0, [f"F{number}", None, None, None, 40, -90, "unlimited", 1, "candidate"])
        page = book.add_worksheet("Destinations")
        page.write_row(0, 0, network["Destinations"][0])
        for number in range(destinations):
            page.write_row(number + 1, 0, [f"D{number}", None, None, None, 40, -90, 1])
        page = book.add_worksheet("Lanes")
        page.write_row(0, 0, network["Lanes"][0])
        for number in range(20 * destinations):
            page.write_row(number + 1, 0, [f"F{number % 20}", f"D{number // 20}", number / 7, number])


def test_memory_stays_the_same_for_ten_times_the_lanes(tmp_path: Path, network: dict[str, Any]) -> None:
    small, large = tmp_path / "small.xlsx", tmp_path / "large.xlsx"
    write_lanes(small, network, destinations=200)
    write_lanes(large, network, destinations=2_000)
    lanes, problems, small_peak, numpy_there = confined(small)
    assert (lanes, problems, numpy_there) == (4_000, 0, False)
    lanes, problems, large_peak, _ = confined(large)
    assert (lanes, problems) == (40_000, 0)
    assert large_peak < small_peak + 16 * 1024  # kilobytes
