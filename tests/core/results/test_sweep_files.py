"""What the workbook and the report of a sweep tell, of runs by hand: nothing that was asked is left out."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from networx.domain.plan import ResultStatus
from networx.domain.sweep import Criterion, Sweep
from networx.results.frontier import Member
from networx.results.frontier_plot import HEIGHT, LEFT, WIDTH, frontier_plots
from networx.results.report import write_sweep_report
from networx.results.sweep_result import sweep_result
from networx.results.sweep_runs import Run, run_of, run_without
from networx.results.sweep_told import NUMBERS_ACROSS, criterion_words, opened_tables
from networx.results.sweep_workbook import write_sweep_workbook
from tests.core.results.test_frontier import plan


def solved(nodes: int, cost: float, *, opened: dict[str, str] | None = None, **kpis: Any) -> Run:
    sites = {f"Site {number}": "open" for number in range(nodes)} if opened is None else opened
    figures = {"total_cost": cost, "transport_cost": cost - 10, "fixed_cost": 10.0, "cost_per_unit": cost / 100}
    certificate = {
        "valid": True,
        "checks": [{"name": "demand is met", "worst": 0.0, "limit": 1.0, "passed": True, "where": None}],
    }
    return Run(
        nodes,
        facilities=sites,
        kpis=figures | kpis,
        certificate=certificate,
        parameters={"gap": {"value": 1e-6, "unit": "share 0-1", "source": "given"}},
        identity={"dataset_sha256": "5d18", "solved_at": f"2026-11-0{nodes % 9 + 1}T10:00:00+00:00"},
        engine="HiGHS",
        seconds=1.5,
    )


def swept(members: list[Member], runs: list[Run], tmp_path: Path, **asked: Any) -> tuple[dict[str, list[Any]], str]:
    """The sheets of the workbook, and the report."""
    sweep = Sweep(min(run.nodes for run in runs), max(run.nodes for run in runs), **asked)
    result = sweep_result(sweep, members)
    write_sweep_workbook(tmp_path / "r.xlsx", result, sweep, runs, {"job_id": "the job"})
    write_sweep_report(tmp_path / "r.html", result, sweep, runs, {"job_id": "the job"})
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    return {sheet.title: list(sheet.values) for sheet in book}, (tmp_path / "r.html").read_text()


def test_kinds_of_cost_that_there_are_stand_with_their_total(tmp_path: Path) -> None:
    members = [plan(1, 300), plan(2, 200)]
    runs = [solved(1, 300, warehouse_cost=40.0), solved(2, 200, inventory_cost=7.0, inbound_cost=0.0)]
    sheets, report = swept(members, runs, tmp_path)
    assert sheets["Costs by number"] == [
        ("Facilities open", "Transport", "Fixed cost", "Warehouses", "Stock", "Total", "Cost per unit"),
        (1, 290, 10, 40, None, 300, 3),
        (2, 190, 10, None, 7, 200, 2),
    ]
    assert "Inbound" not in report
    assert ("criterion", "Criterion", "total_cost", "", "given") in sheets["Parameters"]
    assert ("gap", "Gap that counts as proven", 1e-6, "share 0-1", "given") in sheets["Parameters"]
    assert "the job" in report
    assert "HiGHS in 3.0 s." in report


def test_a_facility_that_comes_and_goes_says_its_years(tmp_path: Path) -> None:
    runs = [solved(1, 300, opened={"A": "open", "B": ""}), solved(2, 200, opened={"A": "2026 and 2027", "B": "open"})]
    sheets, report = swept([plan(1, 300), plan(2, 200)], runs, tmp_path)
    assert sheets["Facilities by number"] == [
        ("Facility", "1 open", "2 open", "In plans"),
        ("A", "open", "2026 and 2027", 2),
        ("B", None, "open", 1),
    ]
    assert "2026 and 2027" in report


def test_a_report_of_many_numbers_has_its_facilities_in_parts() -> None:
    runs = [solved(nodes, 100.0) for nodes in range(1, 2 * NUMBERS_ACROSS + 2)]
    parts = list(opened_tables([*runs, run_without({"nodes": 99, "status": "failed"})]))
    assert [part.title for part in parts] == [
        f"Facilities by number, 1 to {NUMBERS_ACROSS} open",
        f"Facilities by number, {NUMBERS_ACROSS + 1} to {2 * NUMBERS_ACROSS} open",
        f"Facilities by number, {2 * NUMBERS_ACROSS + 1} to {2 * NUMBERS_ACROSS + 1} open",
    ]
    assert len(parts[0].rows) == NUMBERS_ACROSS  # those that none of the part opens are left out


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        (Criterion.TOTAL_COST, "Next best: 3 facilities with $210.00, against $200.00."),
        (Criterion.COST_PER_UNIT, "Next best: 3 facilities with $2.1000, against $2.0000."),
        (Criterion.SERVICE_LEVEL, "Next best: 2 facilities with 90.0 %, against 95.0 %."),
    ],
)
def test_the_best_is_said_with_its_measure_and_the_next(criterion: Criterion, said: str) -> None:
    members = [plan(1, 300), plan(2, 200), plan(3, 210, service=0.95)]
    words = criterion_words(sweep_result(Sweep(1, 3, criterion=criterion), members))
    assert words.startswith(f"Chosen by {criterion.replace('_', ' ')}: ")
    assert words.endswith(said)


def test_every_number_without_a_plan_is_named_with_its_reason(tmp_path: Path) -> None:
    members = [
        plan(1, 300),
        Member("b", 2, "failed", True),
        Member("c", 3, "cancelled", True),
        Member("d", 4, "succeeded", True, ResultStatus.NO_SOLUTION, bound=50.0),
    ]
    row = {"nodes": 2, "status": "failed"}
    late = {**_without_plan(), "status": "no_solution", "bound": 50.0, "bound_source": "solver"}
    runs = [
        solved(1, 300),
        run_without(row, "It met <b>what</b> it could not read."),
        run_without({"nodes": 3, "status": "cancelled"}),
        run_of({"nodes": 4, "status": "no_solution", "cost": None}, late),
    ]
    sheets, report = swept(members, runs, tmp_path)
    assert sheets["Numbers without a plan"][1:] == [
        (2, "failed", "It met <b>what</b> it could not read.", "b"),
        (3, "cancelled", "It was cancelled before it had a checked plan.", "c"),
        (4, "No plan found in time", "No plan found in time.", "d"),
    ]
    assert [row[0] for row in sheets["Numbers of facilities"][1:]] == [1, 2, 3, 4]
    assert "Failed, and may still turn out better: 2 open." in report
    assert "&lt;b&gt;what" in report
    assert report.count("<svg") == 0  # one plan alone is no frontier


def _without_plan() -> dict[str, Any]:
    none = dict.fromkeys(("certificate", "kpis", "infeasibility", "bound"))
    return none | {"parameters": {}, "engine": "HiGHS", "seconds": 1.0, "years": [], "bound_source": "solver"}


def test_numbers_that_cannot_be_say_what_clashes() -> None:
    clashes = [{"message": "5 units short.", "cure": "Raise it."}, {"message": "Too far.", "cure": None}]
    result = _without_plan() | {"infeasibility": {"clashes": clashes}}
    assert run_of({"nodes": 1, "status": "infeasible", "cost": None}, result).why == "5 units short. Raise it. Too far."
    stopped = _without_plan() | {"kpis": {"total_cost": 1.0}}
    why = run_of({"nodes": 1, "status": "no_solution", "cost": None}, stopped).why
    assert (why or "").startswith("It was stopped before its warehouses")


def test_a_sweep_without_any_plan_has_a_report_and_a_workbook(tmp_path: Path) -> None:
    runs = [run_without({"nodes": nodes, "status": "failed"}, "It broke.") for nodes in (1, 2)]
    sheets, report = swept([Member("a", 1, "failed", True), Member("b", 2, "dead", True)], runs, tmp_path)
    assert sheets["Summary"][1][0] == "No number of facilities has a plan"
    assert {"Costs by number", "Facilities by number"} & set(sheets) == set()
    assert report.count("It broke.") == 2
    assert "of 2, 2 failed" in report


def test_a_sweep_with_nothing_ended_has_no_verdict_yet(tmp_path: Path) -> None:
    runs = [run_without({"nodes": 1, "status": "queued"})]
    sheets, report = swept([Member("a", 1, "queued", False)], runs, tmp_path)
    assert sheets["Summary"][1][0] == "No best number of facilities yet"
    assert 'class="pill' not in report


def test_the_frontier_is_plotted_by_number_and_against_service(tmp_path: Path) -> None:
    members = [plan(1, 300, service=0.8), plan(2, 200, bound=150, service=0.9), plan(3, 260, service=0.99)]
    by_number, against_service = frontier_plots(sweep_result(Sweep(1, 3), members))
    assert [label for _, label in by_number.x_ticks] == ["1", "2", "3"]
    points = {point.label: point for point in against_service.points}
    assert [name for name, point in points.items() if point.efficient] == ["2", "3"]
    assert (points["2"].best, points["2"].proven, points["1"].proven) == (True, False, True)
    assert points["2"].title == "2 facilities: $200, 90.0 %, not proven"
    assert points["1"].x < points["2"].x < points["3"].x
    assert points["2"].y > points["3"].y > points["1"].y  # the cheapest lies lowest
    assert against_service.line.count("L") == 1  # through the two that no other beats
    for point in points.values():
        assert LEFT <= point.x <= WIDTH
        assert 0 <= point.y <= HEIGHT


@pytest.mark.parametrize("service", [1.0, 0.0])
def test_points_of_one_service_stand_in_one_line_within_what_there_can_be(service: float) -> None:
    members = [plan(1, 300, service=service), plan(2, 200, service=service)]
    _, plot = frontier_plots(sweep_result(Sweep(1, 2), members))
    shares = [float(label.removesuffix(" %")) for _, label in plot.x_ticks]
    assert 0 <= min(shares) < max(shares) <= 100


def test_ticks_that_lie_close_are_written_in_full_and_labels_do_not_lie_on_one_another() -> None:
    members = [plan(nodes, 1e9 + nodes, miles=100.0) for nodes in range(1, 40)]
    for plot in frontier_plots(sweep_result(Sweep(1, 39), members)):
        assert len({label for _, label in plot.y_ticks}) == len(plot.y_ticks)
        assert len({label for _, label in plot.x_ticks}) == len(plot.x_ticks)
        told = [point for point in plot.points if point.label]
        assert len(told) < 39
        assert any(point.best for point in told)


class _Names(HTMLParser):
    """The elements that a page has open at its end, and what it reaches for."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.reached: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.reached += [str(value) for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "wbr", "br", "line", "rect", "circle", "path"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag


def test_the_report_stands_alone_and_is_well_formed(tmp_path: Path) -> None:
    members = [plan(1, 300, service=0.8), plan(2, 200, bound=150, service=0.9), Member("c", 3, "failed", True)]
    runs = [solved(1, 300, opened={"<A&B>": "open"}), solved(2, 200), run_without({"nodes": 3, "status": "failed"})]
    _, report = swept(members, runs, tmp_path)
    names = _Names()
    names.feed(report)
    assert (names.open, names.reached) == ([], [])
    assert report.count("<svg") == 2
    assert "&lt;A&amp;B&gt;" in report
