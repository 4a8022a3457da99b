"""Commands that go the whole way: they speak to one platform with web and workers, started for all of them."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from .commands import networx, networx_process
from .conftest import Started
from .test_command_line import LEAST_COST, workbook
from .test_model_commands import CLASH, JSON, MPS, written

pytestmark = pytest.mark.platform


def test_run_takes_a_workbook_the_whole_way(whole_platform: Started, tmp_path: Path) -> None:
    ran = networx_process("run", str(workbook(tmp_path / "a small one.xlsx")), "--exit", home=whole_platform.home)
    assert ran.returncode == 0, ran.stderr
    assert "Proven optimal" in ran.stdout
    (folder,) = (whole_platform.home / "results").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        "assignments.parquet",
        "report.html",
        "result.json",
        "result.xlsx",
    }
    assert json.loads((folder / "result.json").read_text())["objective"] == pytest.approx(LEAST_COST)
    listed = networx("jobs", "--json", home=whole_platform.home)
    assert listed.returncode == 0, f"{listed.stderr}\n{whole_platform.said()}"
    assert folder.name in [job["id"] for job in json.loads(listed.stdout)]
    explained = networx("explain", folder.name, "--json", home=whole_platform.home)
    story = json.loads(explained.stdout)
    (attempt,) = story["attempts"]
    assert attempt["outcome"] == "finished"
    assert attempt["worker"].startswith("optimization@")
    assert attempt["seconds"] > 0
    assert attempt["peak_mib"] > 10
    assert story["data"]["filename"] == "a small one.xlsx"


def test_run_of_an_infeasible_workbook_ends_with_three(whole_platform: Started, tmp_path: Path) -> None:
    ran = networx("run", str(workbook(tmp_path / "small.xlsx", demand=500)), "--json", home=whole_platform.home)
    assert ran.returncode == 3, ran.stderr
    assert json.loads(ran.stdout)["status"] == "infeasible"


def test_run_of_a_bad_workbook_shows_its_cells(whole_platform: Started, tmp_path: Path) -> None:
    ran = networx("run", str(workbook(tmp_path / "small.xlsx", capacity="plenty")), "--exit", home=whole_platform.home)
    assert ran.returncode == 3
    assert "plenty" in ran.stderr
    assert "nothing of it was kept" in ran.stderr


def test_status_tells_the_health_of_every_part(whole_platform: Started) -> None:
    ran = networx("status", "--json", home=whole_platform.home)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert {check["status"] for check in said["health"]["checks"].values()} <= {"healthy", "degraded"}
    assert [queue["name"] for queue in said["engine"]["queues"]] == [
        "optimization.fifo",
        "file-processing.fifo",
        "capacity.fifo",
    ]


def test_run_sweeps_the_number_of_facilities(whole_platform: Started, tmp_path: Path) -> None:
    file = str(workbook(tmp_path / "to sweep.xlsx"))
    ran = networx("run", file, "--nodes", "1:2", "--json", home=whole_platform.home)
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    # B serves Y for 20 less than A and costs 1,000 more.
    assert [(row["nodes"], row["cost"]) for row in result["frontier"]] == [
        (1, pytest.approx(LEAST_COST)),
        (2, pytest.approx(LEAST_COST + 1000 - 20)),
    ]
    assert (result["best"]["nodes"], result["proven"]) == (1, True)
    ran = networx("run", file, "--nodes", "1:2", "--exit", home=whole_platform.home)
    assert ran.returncode == 0, ran.stderr
    assert "Best: 1 facilit" in ran.stdout
    assert "Proven: no other number" in ran.stdout
    assert "assignments.parquet" in ran.stdout
    folder = re.findall("Files in (.*)", ran.stdout)[0]
    assert {"result.json", "result.xlsx", "report.html"} < {path.name for path in Path(folder).iterdir()}
    again = networx("verify", f"{folder}/result.json", file)
    assert again.returncode == 0, again.stdout
    assert "1 open: the bound" in " ".join(again.stdout.split())


def test_run_of_a_sweep_that_the_data_cannot_have_is_refused(whole_platform: Started, tmp_path: Path) -> None:
    file = str(workbook(tmp_path / "small.xlsx"))
    ran = networx("run", file, "--nodes", "1:3", "--json", home=whole_platform.home)
    assert ran.returncode == 3
    assert "3 is above what may open" in " ".join(ran.stderr.split())


def test_run_of_a_sweep_without_any_plan_ends_with_three(whole_platform: Started, tmp_path: Path) -> None:
    file = str(workbook(tmp_path / "small.xlsx", demand=500))
    ran = networx("run", file, "--nodes", "1:2", "--json", home=whole_platform.home)
    assert ran.returncode == 3, ran.stderr
    assert json.loads(ran.stdout)["status"] == "infeasible"


@pytest.mark.parametrize(("name", "text", "objective"), [("m.mps.gz", MPS, 10.5), ("m.json", JSON, 8.0)])
def test_run_takes_a_model_the_whole_way(
    whole_platform: Started, tmp_path: Path, name: str, text: str, objective: float
) -> None:
    file = written(tmp_path / name, text)
    ran = networx("run", str(file), "--json", home=whole_platform.home)
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    assert (result["status"], result["objective"]) == ("optimal", objective)
    assert (result["bound_source"], result["certificate"]["valid"]) == ("recomputed", True)
    if name != "m.json":
        assert (result["filename"], result["model_sha256"]) == (name, hashlib.sha256(file.read_bytes()).hexdigest())


def test_run_of_a_model_that_contradicts_itself_or_is_none_ends_with_three(
    whole_platform: Started, tmp_path: Path
) -> None:
    clash = networx("run", str(written(tmp_path / "clash.lp", CLASH)), "--exit", home=whole_platform.home)
    assert (clash.returncode, "No answer can meet every requirement" in clash.stdout) == (3, True)
    wrong = networx("run", str(written(tmp_path / "m.mps", MPS[:-7])), "--exit", home=whole_platform.home)
    assert (wrong.returncode, "no section ENDATA" in wrong.stdout + wrong.stderr) == (3, True)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_small_load_on_a_platform_that_runs(whole_platform: Started) -> None:
    ended = networx("loadtest", "--requests", "20", "--concurrency", "2", "--json", home=whole_platform.home)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)["operations"]
    assert {name: numbers["requests"] for name, numbers in found.items()} == {
        "all": 20,
        "reads": 14,
        "submits": 4,
        "uploads": 2,
    }
    assert found["all"]["succeeded"] == 20
    assert found["all"]["errors"] == {}
    assert 0 < found["all"]["p50_ms"] <= found["all"]["p95_ms"] <= found["all"]["p99_ms"]
