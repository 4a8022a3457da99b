"""What the command line says of waiting, of a cancel and of progress, at the widths that terminals have."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli import terminal
from cli.arrival import Arrival
from cli.jobs import _TO_SPARE, _row, _what_became_of
from cli.terminal import CommandFailed, Exit, plain_table, print_figures, print_unbroken
from cli.watching import Watching

LOG = Path("/home/somebody/networx/logs/aws.log")
RECEIVED = {"status": "received"}
ID = "0198c2b7-1111-7abc-8def-0123456789ab"
HEADINGS = ("Job", "Type", "Status", "Result", "Cost", "Still open", "Made")


def job(status: str, *, partial: bool = False, answer: str | None = None) -> dict[str, Any]:
    result = None if answer is None else {"status": answer, "objective": 1.23e6, "gap": 1e-9}
    made = "2026-11-22T01:30:00.123+00:00"
    return {"id": ID, "type": "transport", "status": status, "partial": partial, "result": result, "created_at": made}


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_upload_that_is_not_taken_in_is_spoken_of_once_after_half_a_minute(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "err", Console(stderr=True, width=500))
    arrival = Arrival(LOG, clock)
    for clock.now in (0, 10, 29.9):
        arrival.seen(RECEIVED)
    assert capsys.readouterr().err == ""
    for clock.now in (30, 31, 100):
        arrival.seen(RECEIVED)
    said = capsys.readouterr().err
    assert said.count("still waiting for the event of its arrival") == 1
    assert str(LOG) in said


def test_an_upload_that_is_not_taken_in_for_two_minutes_ends_the_command_with_the_cure(clock: Clock) -> None:
    arrival = Arrival(LOG, clock)
    arrival.seen(RECEIVED)
    clock.now = 120
    with pytest.raises(CommandFailed, match="networx down") as failed:
        arrival.seen(RECEIVED)
    assert failed.value.code is Exit.FAILED
    assert str(LOG) in str(failed.value)


def test_an_upload_that_is_worked_on_may_take_its_time(clock: Clock) -> None:
    arrival = Arrival(LOG, clock)
    arrival.seen(RECEIVED)
    for clock.now in (119, 500):
        arrival.seen({"status": "loading"})


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (job("running"), job("cancelled"), "is cancelled. No checked answer had been found yet."),
        (
            job("running"),
            job("cancelled", partial=True, answer="feasible"),
            "is cancelled. The best answer so far was kept.",
        ),
        (
            job("succeeded", answer="optimal"),
            job("succeeded", answer="optimal"),
            "had ended already: succeeded (optimal). There was nothing to cancel.",
        ),
        (job("failed"), job("failed"), "had ended already: failed. There was nothing to cancel."),
        (
            job("cancelled", partial=True, answer="feasible"),
            job("cancelled", partial=True, answer="feasible"),
            "had ended already: cancelled (feasible). There was nothing to cancel.",
        ),
        (job("running"), job("succeeded", answer="optimal"), "had ended already: succeeded (optimal)"),
    ],
)
def test_a_cancel_says_what_became_of_the_job(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    assert _what_became_of(before, after).startswith(f"Job {ID} {said}")


def printed_jobs(monkeypatch: pytest.MonkeyPatch, width: int, *, terminal_bounds: bool) -> str:
    written = io.StringIO()
    console = Console(file=written, width=width, force_terminal=terminal_bounds, color_system=None)
    monkeypatch.setattr(terminal, "out", console)
    print_unbroken(HEADINGS, [_row(job("succeeded", answer="optimal"))], _TO_SPARE)
    return written.getvalue()


@pytest.mark.parametrize(
    ("width", "left_out"),
    [(130, ()), (100, ("Still open",)), (80, ("Still open", "Type", "Made")), (40, _TO_SPARE)],
)
def test_an_id_stays_in_one_piece_and_columns_give_way(
    monkeypatch: pytest.MonkeyPatch, width: int, left_out: tuple[str, ...]
) -> None:
    written = printed_jobs(monkeypatch, width, terminal_bounds=True)
    assert ID in written
    assert [heading for heading in HEADINGS if heading not in written] == [
        heading for heading in HEADINGS if heading in left_out
    ]
    assert max(map(len, written.splitlines())) <= max(width, len(ID) + 15)


def test_nothing_is_left_out_where_no_terminal_bounds_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    written = printed_jobs(monkeypatch, 80, terminal_bounds=False)
    assert ID in written
    assert all(heading in written for heading in HEADINGS)


@pytest.mark.parametrize("width", [80, 100, 140])
def test_progress_shows_time_and_everything_known_at_any_width(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with Watching(console) as watching:
        watching.done("loading", "loaded", "25 facilities, 300 destinations, 5 forecast, 8 parameters, 7,500 lanes")
        watching.job({"progress": {"incumbent": 1.23e8, "bound": 1.22e8, "gap": 0.0081, "percent": 40}, "status": "x"})
        screen = Console(file=io.StringIO(), width=width, color_system=None)
        screen.print(watching._bars.get_renderable())
    assert isinstance(screen.file, io.StringIO)
    shown = screen.file.getvalue()
    assert shown.count("0:00:00") == 2
    assert "…" not in shown
    words = " ".join(shown.split())
    for word in ("7,500", "lanes", "$123 M,", "$122 M,", "0.81", "open"):
        assert word in words


@pytest.mark.parametrize("terminal_bounds", [True, False])
def test_no_figure_is_cut_where_the_terminal_is_narrow(monkeypatch: pytest.MonkeyPatch, terminal_bounds: bool) -> None:
    written = io.StringIO()
    console = Console(file=written, width=40, force_terminal=terminal_bounds, color_system=None)
    monkeypatch.setattr(terminal, "out", console)
    figures = ["$283,249,150", "$246,075,000", "$529,324,150", "91.9 %"]
    table = plain_table("Year", "Transport", "Facilities", "Total cost", "Served within reach", numbers=True)
    table.add_row("a year of a long name that is folded", *figures)
    print_figures(table)
    assert [figure for figure in figures if figure not in written.getvalue()] == []
