"""The pages in every state, over recorded answers: readable, usable by keyboard, light and dark, wide and narrow."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep
from networx.errors import Problem, RefusedInput
from networx.jobs.retry import error_facts
from networx.results.frontier import Member
from networx.results.sweep_result import sweep_result
from tests.browser.canned import JOB, SCENARIO, job
from tests.browser.conftest import Shown
from tests.browser.states import (
    FAINT,
    FILE,
    MARKUP,
    MEMBER,
    RESULT,
    STATES,
    show_bad_cells,
    show_batch,
    show_dead,
    show_paused,
    show_running,
    show_sweep,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_every_page_is_readable_and_breaks_no_policy(page: Page, shown: Shown, faults: list[str], state, scheme):
    path, heading, prepare = STATES[state]
    prepare(shown)
    page.emulate_media(color_scheme=scheme)
    page.goto(shown.url + path)
    page.get_by_role("heading", name=heading).wait_for()
    assert page.evaluate(FAINT) == []
    assert faults == []
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(16, 22, 28)") == (scheme == "dark")


@pytest.mark.parametrize("state", STATES)
def test_no_page_scrolls_sideways_on_a_phone(page: Page, shown: Shown, state):
    path, heading, prepare = STATES[state]
    prepare(shown)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(shown.url + path)
    page.get_by_role("heading", name=heading).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_terms_explain_themselves_to_the_keyboard(page: Page, shown: Shown):
    page.goto(shown.url + RESULT)
    term = page.locator(".verdict .term")
    tooltip = term.get_by_role("tooltip", include_hidden=True)
    term.wait_for()
    expect(tooltip).to_be_hidden()
    # The first way into the page leads past its head.
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(term).to_be_focused()
    expect(tooltip).to_be_visible()


def test_a_solve_is_watched_live(page: Page, shown: Shown):
    show_running(shown)
    page.goto(shown.url + RESULT)
    live = page.get_by_role("region", name="Progress")
    expect(live).to_contain_text("$22.9 M")
    expect(live).to_contain_text("$22.8 M")
    expect(live.locator("canvas")).to_be_visible()
    expect(live.get_by_role("progressbar")).to_have_attribute("value", "90")
    expect(live.get_by_role("button", name="Stop")).to_be_enabled()


def test_what_a_client_typed_is_text_and_never_markup(page: Page, shown: Shown):
    show_bad_cells(shown)
    shown.canned.upload["filename"] = MARKUP
    page.goto(shown.url + FILE)
    expect(page.get_by_role("cell", name=MARKUP)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(MARKUP)
    assert page.locator("img[src=x]").count() == 0


def test_a_job_that_failed_says_why(page: Page, shown: Shown):
    shown.canned.job = job("failed") | {"error": {"code": "LIMIT_EXCEEDED", "message": "Stopped at its memory limit."}}
    page.goto(shown.url + RESULT)
    expect(page.locator(".notice.bad")).to_contain_text("Stopped at its memory limit.")


def test_a_job_that_failed_on_its_data_names_every_problem(page: Page, shown: Shown):
    problems = [Problem(f"row {row} has no price.", "missing", "Lanes", row, "cost_per_unit") for row in range(2, 82)]
    shown.canned.job = job("failed") | {"error": error_facts(RefusedInput(problems))}
    page.goto(shown.url + RESULT)
    listed = page.locator(".notice.bad li")
    expect(listed).to_have_count(51)
    expect(listed.nth(1)).to_have_text("Lanes, row 3, cost_per_unit: row 3 has no price.")
    expect(listed.last).to_have_text("and 30 more problems.")


def test_a_dead_job_is_started_again_by_one_button_that_says_what_it_does(page: Page, shown: Shown):
    show_dead(shown)
    page.goto(shown.url + RESULT)
    expect(page.locator(".notice.bad")).to_contain_text("It was tried 2 times and given up")
    button = page.get_by_role("button", name="Start it again")
    expect(button).to_have_accessible_description(re.compile("back into the queue with all its tries"))
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Progress")).to_contain_text("Waiting for a free worker")
    expect(button).to_be_hidden()
    assert shown.canned.redriven == 1


def test_what_happened_to_a_job_is_told_when_asked_for(page: Page, shown: Shown):
    show_dead(shown)
    page.goto(shown.url + RESULT)
    page.get_by_text("What happened").click()
    expect(page.get_by_role("listitem").filter(has_text="no try was left")).to_be_visible()


def test_a_batch_names_the_members_that_failed_and_starts_them_again(page: Page, shown: Shown):
    show_batch(shown)
    page.goto(shown.url + RESULT)
    expect(page.get_by_role("link", name=MEMBER)).to_have_attribute("href", f"/jobs/{MEMBER}")
    expect(page.get_by_role("region", name="Members")).to_contain_text("3 of 3 done")
    page.get_by_role("button", name="Start it again").click()
    expect(page.get_by_role("button", name="Stop what has not ended")).to_be_visible()
    assert shown.canned.redriven == 1


def test_a_sweep_shows_every_run_with_the_best_marked(page: Page, shown: Shown):
    show_sweep(shown)
    page.goto(shown.url + RESULT)
    table = page.get_by_role("region", name="Table of the runs")
    expect(page.get_by_text("Best so far: 1 of 5 runs not ended yet.")).to_be_visible()
    rows = table.get_by_role("row")
    expect(rows).to_have_count(6)
    expect(rows.nth(1)).to_contain_text("No plan possible")
    best = rows.nth(3)
    expect(best).to_contain_text("best")
    expect(best).to_contain_text("$22,900,000")
    expect(best.get_by_role("link", name="4 facilities")).to_have_attribute("href", f"/jobs/{SCENARIO}")
    expect(rows.nth(4)).to_contain_text("Failed")
    expect(rows.nth(5)).to_contain_text("Working")
    expect(page.get_by_text("1 member failed")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_sweep_that_ended_is_taken_along_though_a_run_failed(page: Page, shown: Shown, width: int):
    kpis = {"total_cost": 100.0, "service_level": 0.9, "weighted_distance_miles": 310.0}
    members = [
        Member(str(SCENARIO), 4, "succeeded", True, ResultStatus.OPTIMAL, 22.9e6, 22.9e6, 0.0, kpis, certified=True),
        Member(MEMBER, 5, "failed", True),
    ]
    sweep = Sweep(4, 5)
    shown.canned.job = job("failed", sweep_result(sweep, members), {"stage": "2 of 2 done", "percent": 100.0}) | {
        "type": "batch", "members": [str(SCENARIO), MEMBER], "sweep": sweep.as_dict(),
        "member_counts": {"failed": 1, "succeeded": 1}, "failed_members": [MEMBER],
    }  # fmt: skip
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(shown.url + RESULT)
    files = page.get_by_role("region", name="Downloads")
    for name, file in (("Excel workbook", "result.xlsx"), ("Report to print or send", "report.html")):
        expect(files.get_by_role("link", name=name)).to_have_attribute("href", f"/api/jobs/{JOB}/{file}")
    figures = files.get_by_role("link", name="All figures (JSON)")
    expect(figures).to_have_attribute("download", f"result-{JOB}.json")
    expect(page.get_by_text("1 member failed")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    show_sweep(shown)  # while runs are under way there is nothing to take along yet
    page.reload()
    expect(page.get_by_role("region", name="Members")).to_be_visible()
    expect(page.get_by_role("region", name="Downloads")).to_have_count(0)


def test_the_runs_of_a_sweep_stand_whole_on_a_wide_page(page: Page, shown: Shown):
    kpis = {"total_cost": 1e9, "service_level": 0.9123, "weighted_distance_miles": 1310.0, "savings": 123_456_789.0}
    members = [
        Member(str(job_id), 13 + at, "succeeded", True, ResultStatus.FEASIBLE, 1_234_567_890.0 + at, 1.2e9, 0.0157,
               kpis, partial=True, certified=True)
        for at, job_id in enumerate((MEMBER, SCENARIO))
    ]  # fmt: skip
    sweep = Sweep(13, 14)
    shown.canned.job = job("succeeded", sweep_result(sweep, members), None) | {
        "type": "batch", "members": [member.job_id for member in members], "sweep": sweep.as_dict(),
        "member_counts": {"succeeded": 2}, "failed_members": [],
    }  # fmt: skip
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(shown.url + RESULT)
    table = page.get_by_role("region", name="Table of the runs")
    expect(table).to_contain_text("$123,456,789")
    assert table.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_a_job_that_is_held_back_says_why(page: Page, shown: Shown):
    show_paused(shown)
    page.goto(shown.url + RESULT)
    live = page.get_by_role("region", name="Progress")
    expect(live).to_contain_text("Held back: the queue optimization.fifo is paused (The disk is being replaced.).")
