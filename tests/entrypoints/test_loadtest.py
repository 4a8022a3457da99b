"""The load test: its figures by hand, what it says of refusals, and a small one on a platform that runs."""

from __future__ import annotations

import io
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli import loadtest, terminal
from cli.__main__ import app
from cli.load import driver
from cli.load.driver import Driver, Load, Made
from cli.load.figures import LIMITED, SUCCESS, Sample, figures, percentile
from cli.load.material import workbook
from cli.load.mix import Mix, Operation
from cli.reading import read_workbook
from cli.terminal import CommandFailed, Exit
from networx.domain.parameters import transport_parameters
from networx.models.transport import clashes, prepare


def test_the_figures_of_four_requests() -> None:
    samples = [
        Sample("reads", SUCCESS, 0.010),
        Sample("reads", SUCCESS, 0.030),
        Sample("reads", LIMITED, 0.001),
        Sample("reads", "503 DATABASE_UNAVAILABLE", 9.0),
    ]
    found = figures(samples, seconds=2.0)
    assert (found.requests, found.succeeded, found.limited) == (4, 2, 1)
    assert found.errors == {"503 DATABASE_UNAVAILABLE": 1}
    # What was refused or failed is in no latency.
    assert (found.mean_ms, found.p50_ms, found.p95_ms, found.longest_ms) == (20.0, 10.0, 30.0, 30.0)
    assert (found.success_share, found.per_second) == (0.5, 1.0)


def test_figures_of_nothing_are_no_figures() -> None:
    found = figures([], seconds=1.0)
    assert (found.requests, found.success_share, found.mean_ms, found.p99_ms) == (0, None, None, None)


def test_a_percentile_is_a_value_that_was_seen() -> None:
    hundred = [float(value) for value in range(1, 101)]
    assert [percentile(hundred, percent) for percent in (50, 95, 99, 100)] == [50.0, 95.0, 99.0, 100.0]
    assert percentile([7.0], 99) == 7.0


def test_a_mix_spreads_its_operations_evenly() -> None:
    turns = list(islice(Mix.read("uploads=1,submits=2,reads=7").turns(), 20))
    assert Counter(turns) == {Operation.UPLOADS: 2, Operation.SUBMITS: 4, Operation.READS: 14}
    assert Counter(turns[:10]) == {Operation.UPLOADS: 1, Operation.SUBMITS: 2, Operation.READS: 7}


@pytest.mark.parametrize("text", ["", "writes=1", "reads", "reads=-1", "reads=x", "reads=1,reads=2", "reads=0"])
def test_a_mix_that_says_nothing_sensible_is_wrong_use(text: str) -> None:
    with pytest.raises(ValueError, match=r"operation|weight|twice|zero"):
        Mix.read(text)


@pytest.mark.parametrize(
    "arguments",
    [["--mix", "writes=1"], ["--requests", "5", "--seconds", "1"], ["--url", "http://127.0.0.1:9"]],
)
def test_wrong_use_is_told_before_anything_is_asked(arguments: list[str]) -> None:
    ended = CliRunner().invoke(app, ["loadtest", *arguments])
    assert isinstance(ended.exception, CommandFailed)
    assert ended.exception.code == Exit.WRONG_USE


def test_what_a_load_solves_has_a_plan_and_differs_each_time(tmp_path: Path) -> None:
    found = set()
    for number in (1, 2, 2**32 - 1):
        (tmp_path / "network.xlsx").write_bytes(workbook(number))
        tables, _ = read_workbook(tmp_path / "network.xlsx")
        assert clashes(prepare(tables, transport_parameters(tables.parameters))) is None
        found.add(tables.sha256())
    assert len(found) == 3


class Answers:
    """A platform that answers what it is told to, one after another."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = iter(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_client_waits_as_it_is_told_and_counts_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(driver.asyncio, "sleep", sleep)
    answers = Answers(
        httpx.Response(429, json={"code": "RATE_LIMITED"}, headers={"Retry-After": "7"}),
        httpx.Response(503, json={"code": "DATABASE_UNAVAILABLE"}, headers={"Retry-After": "5"}),
        httpx.ConnectError("gone"),
        httpx.Response(502, text="no JSON"),
        httpx.Response(200, json={"data": []}),
    )
    client = httpx.AsyncClient(transport=httpx.MockTransport(answers), base_url="http://platform")
    monkeypatch.setattr(Driver, "_client", lambda _self, _connections: client)
    made = Driver("http://platform", "key").make(
        Load(Mix.read("reads=1"), concurrency=1, requests=5), "scenario", Made()
    )
    outcomes = [sample.outcome for sample in made.samples]
    assert outcomes == [LIMITED, "503 DATABASE_UNAVAILABLE", "ConnectError", "502", SUCCESS]
    assert waited == [7.0, 5.0, 1.0, 1.0, 0.0]


def test_a_narrow_terminal_shows_what_a_load_is_judged_by(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = [*[SUCCESS] * 1440, *["503 DATABASE_UNAVAILABLE"] * 100, *[LIMITED] * 20]
    samples = [Sample("uploads", outcome, 7.9) for outcome in outcomes]
    written = io.StringIO()
    narrow = Console(file=written, width=80, force_terminal=True, color_system=None, highlight=False)
    monkeypatch.setattr(terminal, "out", narrow)
    monkeypatch.setattr(loadtest, "out", narrow)
    loadtest.print_figures(loadtest.summary(Made(samples), 60.0), 60.0)
    shown = written.getvalue()
    assert max(map(len, shown.splitlines())) <= 80
    for wanted in ("Requests", "Success", "Failed", "Mean", "p50", "p95", "p99", "92.31%", "7,900.0"):
        assert wanted in shown
    assert re.search(r"503 DATABASE_UNAVAILABLE +100", shown)
    assert re.search(r"429 +20", shown)
    assert "24.0 served a second" in shown
