"""`networx report` as a person and a script read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from cli import report as command
from cli.__main__ import app
from cli.report import print_weeks, stated, target, value
from cli.terminal import CommandFailed, Exit
from networx.db import hourly, pool
from networx.weekly import measures
from networx.weekly.figures import Figure
from networx.weekly.report import WeekTold, report
from networx.weekly.weeks import latest

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def told(number: int) -> list[WeekTold]:
    values = {measures.REFUSED: 101, measures.ANSWERED: 0.99987, measures.PER_JOB: 2.5, measures.STALE: None}
    figures = tuple(Figure(measure, values.get(measure, 0), f"of {measure.name}") for measure in measures.MEASURES)
    return [WeekTold(week, figures) for week in latest(number, NOW)]


def test_a_person_sees_weeks_side_by_side_targets_and_what_is_not_known(capsys, monkeypatch):
    monkeypatch.setattr(command.out, "width", 120)
    print_weeks(told(5))
    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        "2026-W47",
        "2026-W43",
        "so far",
        "101 !",
        "99.99%",
        "$2.50",
        "not known",
        "up to 9",
        "99.9% or more",
    ):
        assert words in shown
    assert f"{measures.STARTED.name}: of {measures.STARTED.name}" in shown


def test_every_measure_fits_on_a_terminal_of_a_hundred_columns(capsys, monkeypatch):
    monkeypatch.setattr(command.out, "width", 100)
    print_weeks(told(4))
    lines = capsys.readouterr().out.splitlines()
    for measure in measures.MEASURES:
        assert any(measure.name.split(",")[0][:20] in line for line in lines)


@pytest.mark.parametrize("said", ["", "2026-W47", "2026-47=5", "2026-W47=five", "2026-W47=-1", "2026-W47=NaN"])
def test_a_bill_that_cannot_be_read_is_wrong_use(said):
    with pytest.raises(CommandFailed) as failure:
        stated(said)
    assert failure.value.code is Exit.WRONG_USE


def test_a_bill_is_of_a_week():
    assert stated("2026-W47=512.30") == ("2026-W47", Decimal("512.30"))


def test_targets_and_figures_are_said_as_they_are():
    assert [target(measure) for measure in (measures.STALE, measures.REFUSED, measures.STARTED, measures.PER_JOB)] == [
        "0",
        "up to 9",
        "99.0% or more",
        "-",
    ]
    assert value(Figure(measures.STALE, None, "")) == "not known"


def test_the_command_over_a_record(record, monkeypatch):
    monkeypatch.setattr(command, "join_platform", lambda _: None)
    hour = hourly.hour_of(datetime.now(UTC) - timedelta(seconds=1))
    with pool.system() as connection:
        hourly.add(connection, {(hour, hourly.ANSWERED): 7, (hour, hourly.REFUSED): 0})
    week = report(1, bills={})[0].week.name
    ran = CliRunner().invoke(app, ["report", "--weeks", "2", "--bill", f"{week}=3", "--json"])
    assert ran.exit_code == 0, ran.output
    document = json.loads(ran.stdout)
    assert [len(each["figures"]) for each in document] == [len(measures.MEASURES)] * 2
    assert CliRunner().invoke(app, ["report", "--weeks", "0"]).exit_code == 2
