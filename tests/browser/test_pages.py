"""The pages in every state, over recorded answers: readable, usable by keyboard, light and dark, wide and narrow."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep
from networx.errors import Problem, RefusedInput
from networx.jobs.retry import error_facts
from networx.results.frontier import Member
from networx.results.sweep_result import sweep_result
from tests.browser.canned import (
    AT,
    DATASET,
    INFEASIBLE,
    JOB,
    SCENARIO,
    UPLOAD,
    analysed,
    fitted_rates,
    integrated,
    job,
    paid,
    places,
    what_if,
)
from tests.browser.conftest import Shown
from tests.core.results.test_business_case import example, lines, told

pytestmark = pytest.mark.browser

RESULT = f"/jobs/{JOB}"
FILE = f"/uploads/{UPLOAD}"
MEMBER = "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a19"
MARKUP = "<img src=x onerror=alert(1)>"

# Each visible text against the background it stands on, by the formula of WCAG 2.
FAINT = """() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = (text.startsWith('color(srgb')
      ? text.match(/[\\d.]+/g).map((part, i) => i < 3 ? part * 255 : +part) : text.match(/[\\d.]+/g).map(Number));
    return { r, g, b, a };
  };
  const light = ({ r, g, b }) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const text = parse(element instanceof SVGElement ? style.fill : style.color);
    const [one, other] = [light(text), light(ground(element))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < needed) faint.push(`${element.textContent.trim()}: ${ratio}`);
  }
  return faint;
}"""


def show_bad_cells(shown: Shown) -> None:
    shown.canned.upload |= {"status": "rejected", "reason": "One cell is wrong.", "problem_count": 1}
    place: dict[str, Any] = {"sheet": "Lanes", "row": 20114, "column": "destination", "value": MARKUP}
    shown.canned.problems = [{**place, "rule": "reference", "message": "There is no such destination."}]


def show_infeasible(shown: Shown) -> None:
    shown.canned.job = job("succeeded", {"status": "infeasible"})
    shown.canned.result = INFEASIBLE


def show_capacity(shown: Shown) -> None:
    shown.canned.job = job("succeeded", {"status": "optimal"}) | {"type": "capacity"}
    shown.canned.result = analysed(names=("Elm", MARKUP))


def show_running(shown: Shown) -> None:
    figures = [(None, 20.1e6), (24.9e6, 21.5e6), (22.95e6, 22.8e6)]
    shown.canned.course = [
        job(
            "running",
            None,
            {"stage": "searching", "percent": 30.0 * step, "incumbent": best, "bound": bound, "gap": 0.1},
        )
        for step, (best, bound) in enumerate(figures, start=1)
    ]
    shown.canned.job = shown.canned.course[0]


def show_dead(shown: Shown) -> None:
    error = {"code": "WORKER_LOST", "message": "The worker was lost."}
    shown.canned.job = job("dead") | {"attempt": 2, "error": error}


def show_batch(shown: Shown) -> None:
    shown.canned.job = job("failed", None, {"stage": "3 of 3 done", "percent": 100.0}) | {
        "type": "batch", "scenario_id": None, "members": [MEMBER], "member_counts": {"failed": 1, "succeeded": 2},
        "failed_members": [MEMBER],
    }  # fmt: skip


def show_sweep(shown: Shown) -> None:
    kpis = {"total_cost": 100.0, "service_level": 0.9, "weighted_distance_miles": 310.0}
    members = [
        Member(MEMBER, 3, "succeeded", True, ResultStatus.FEASIBLE, 26.1e6, 22.0e6, 0.157, kpis, certified=True),
        Member(str(SCENARIO), 4, "succeeded", True, ResultStatus.OPTIMAL, 22.9e6, 22.9e6, 0.0, kpis, certified=True),
        Member(str(DATASET), 5, "failed", True),
        Member(str(UPLOAD), 6, "running", False),
        Member(str(JOB), 2, "succeeded", True, ResultStatus.INFEASIBLE),
    ]
    sweep = Sweep(2, 6)
    shown.canned.job = job("running", sweep_result(sweep, members), {"stage": "4 of 5 done", "percent": 80.0}) | {
        "type": "batch", "members": [member.job_id for member in members], "sweep": sweep.as_dict(),
        "member_counts": {"failed": 1, "succeeded": 3, "running": 1}, "failed_members": [str(DATASET)],
    }  # fmt: skip


def show_paused(shown: Shown) -> None:
    held = {"scope": "queue", "name": "optimization.fifo", "reason": "The disk is being replaced.", "since": AT}
    shown.canned.job = job("queued") | {"paused": held}


def show_model(shown: Shown) -> None:
    shown.canned.upload |= {
        "filename": "blending.mps.gz",
        "kind": "model",
        "dataset_id": None,
        "counts": {"rows": 1200},
    }
    shown.canned.upload["model"] = {"format": "mps", "packed": True, "name": "BLEND"}


def show_solved_model(shown: Shown) -> None:
    checks = [{"name": "requirements hold", "passed": True}]
    figures = {"status": "optimal", "objective": 19_200.5, "bound": 19_200.5, "bound_source": "recomputed"}
    result = {**figures, "certificate": {"checks": checks}, "infeasibility": None}
    shown.canned.job = job("succeeded", result) | {"type": "model", "scenario_id": None}


def allow_the_assistant(shown: Shown) -> None:
    allowed = {"mapping": True, "summaries": True, "changed_at": AT, "changed_by": MARKUP}
    shown.canned.assistant |= {
        "configured": True, "host": "api.example.com", "model": "large-model", "cheaper_model": "small-model",
        "may_see_budget": True, "consent": allowed,
    }  # fmt: skip
    call = {
        "id": str(JOB), "purpose": "summary", "subject_id": str(JOB), "model": "large-model", "asked_by": MARKUP,
        "request_id": MEMBER, "status": "in_full", "outcome": "timeout", "reserved_tokens": 4_100,
        "reserved_dollars": 0.0103, "input_tokens": None, "output_tokens": None, "tokens": 4_100, "dollars": 0.0103,
        "created_at": AT, "settled_at": AT,
    }  # fmt: skip
    under_way = {"status": "reserved", "tokens": None, "dollars": None, "settled_at": None}
    shown.canned.calls = [call, call | under_way]
    shown.canned.summary = {
        "job_id": str(JOB), "text": f"It opens 6 facilities, {MARKUP} among them.", "written_by": "model",
        "figures": [{"text": "6", "facts": ["open facilities"]}], "model": "large-model", "written_at": AT,
        "note": "Written by the model large-model. Every figure was checked against the result; the wording was not.",
    }  # fmt: skip


def show_unknown_columns(shown: Shown) -> None:
    show_bad_cells(shown)
    allow_the_assistant(shown)
    shown.canned.columns = [
        {"position": 0, "sheet": "Facilities", "header": MARKUP, "patterns": ["Aaaa", "99999"], "fields": ["city"],
         "suggestion": None},
    ]  # fmt: skip


STATES = {
    "home": ("/", "Recent solves", lambda _: None),
    "sign-in": ("/sign-in", "Welcome", lambda _: None),
    "result": (RESULT, "Cost by year", lambda _: None),
    "loaded": (FILE, "The data is ready", lambda _: None),
    "bad cells": (FILE, "What to mend: 1 problem", show_bad_cells),
    "model": (FILE, "The model is ready", show_model),
    "solved model": (RESULT, "Proven optimal", show_solved_model),
    "infeasible": (RESULT, "Why no plan works", show_infeasible),
    "capacity": (RESULT, "Capacity runs out in 2027: 10 units cannot be served", show_capacity),
    "running": (RESULT, "Six sites, five years", show_running),
    "dead": (RESULT, "Six sites, five years", show_dead),
    "batch": (RESULT, "Batch", show_batch),
    "sweep": (RESULT, "Best: 4 facilities open", show_sweep),
    "paused": (RESULT, "Six sites, five years", show_paused),
    "no assistant": ("/assistant", "What it may see, and what it used", lambda _: None),
    "assistant": ("/assistant", "The budget of the installation", allow_the_assistant),
    "summary": (RESULT, "In plain words", allow_the_assistant),
    "unknown columns": (FILE, "Columns that are not known", show_unknown_columns),
}


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


def test_the_map_is_drawn_and_follows_the_year(page: Page, shown: Shown):
    page.goto(shown.url + RESULT)
    page.locator("figure.map[data-year='2026']").wait_for()
    assert page.locator(".site.open").count() == 6
    assert page.locator(".site.closed").count() == 6
    drawn = "document.querySelector('canvas').toDataURL()"
    first = page.evaluate(drawn)
    page.get_by_role("radio", name="2026").focus()
    page.keyboard.press("ArrowRight")
    page.locator("figure.map[data-year='2027']").wait_for()
    expect(page.get_by_role("columnheader", name="Units in 2027")).to_be_visible()
    # The same shares of a larger demand draw the same picture; one site's flows alone do not.
    page.locator(".site.open").first.focus()
    assert page.evaluate(drawn) != first
    expect(page.locator(".map-said")).to_contain_text("of its capacity")


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


def test_a_file_can_be_chosen_by_keyboard(page: Page, shown: Shown):
    page.goto(shown.url)
    chooser = page.locator("input[type=file]")
    page.get_by_role("heading", name="Recent solves").wait_for()
    chooser.focus()
    expect(chooser).to_be_focused()
    with page.expect_file_chooser():
        chooser.press("Enter")


def test_a_solve_is_watched_live(page: Page, shown: Shown):
    show_running(shown)
    page.goto(shown.url + RESULT)
    live = page.get_by_role("region", name="Progress")
    expect(live).to_contain_text("$22.9 M")
    expect(live).to_contain_text("$22.8 M")
    expect(live.locator("canvas")).to_be_visible()
    expect(live.get_by_role("progressbar")).to_have_attribute("value", "90")
    expect(live.get_by_role("button", name="Stop")).to_be_enabled()


def test_an_uploaded_model_is_run_by_one_button(page: Page, shown: Shown):
    show_model(shown)
    page.goto(shown.url + FILE)
    ready = page.locator("section.card")
    expect(ready).to_contain_text("It is written in MPS, packed by gzip, and calls itself BLEND.")
    expect(ready).to_contain_text("1,200 constraints")
    show_solved_model(shown)
    page.get_by_role("button", name="Solve it").click()
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("Bound 19,200.5 (recomputed exactly)")
    assert [asked["model"] for asked in shown.canned.asked] == [{"upload_id": shown.canned.upload["upload_id"]}]


def miss_the_service_target(shown: Shown) -> None:
    """Each year is 100,000 dollars dearer for it."""
    result = shown.canned.result
    for year in result["years"]:
        year |= {"service_penalty_cost": 100_000.0, "total_cost": year["total_cost"] + 100_000.0}
        year["service_within"] = "500 miles"
    kpis = result["kpis"]
    kpis |= {"service_penalty_cost": 500_000.0, "total_cost": kpis["total_cost"] + 500_000.0}


def test_missed_service_is_a_line_of_its_own_and_the_lines_add_up(page: Page, shown: Shown):
    miss_the_service_target(shown)
    page.goto(shown.url + RESULT)
    expect(page.locator(".tile").filter(has_text=re.compile("^Missed service"))).to_contain_text("$500 k")
    expect(page.locator(".tile").filter(has_text=re.compile("^Served within reach"))).to_contain_text(
        "within 500 miles"
    )
    table = page.get_by_role("region", name="Table: Cost by year")
    expect(table.get_by_role("columnheader", name="Missed service")).to_be_visible()
    first, heads = table.get_by_role("row").nth(1), table.get_by_role("columnheader").all_inner_texts()
    cells = dict(zip(heads, [first.get_by_role("rowheader").inner_text(), *first.get_by_role("cell").all_inner_texts()],
                     strict=True))  # fmt: skip
    dollars = {
        name: int(re.sub(r"\D", "", cells[name])) for name in ("Transport", "Facilities", "Missed service", "Total")
    }
    assert dollars["Missed service"] == 100_000
    assert abs(sum(dollars.values()) - 2 * dollars["Total"]) <= 2
    chart = page.get_by_role("region", name="Cost by year", exact=True).locator("svg")
    heights = chart.locator("rect").evaluate_all("(all) => all.slice(0, 4).map((rect) => +rect.getAttribute('height'))")
    assert heights[1] == 0, "there is nothing inbound"
    assert heights[3] > 0


def test_what_closing_a_facility_costs_stands_beside_its_name(page: Page, shown: Shown):
    closed = next(site for site in shown.canned.result["facilities"] if not site["open"])
    closed["facility_cost"] = 20_000.0
    page.goto(shown.url + RESULT)
    page.get_by_text("facilities closed in").click()
    expect(page.get_by_text(f"{closed['name']} ($20,000 to close it)")).to_be_visible()


def test_the_proof_names_its_source_in_words(page: Page, shown: Shown):
    shown.canned.result["certificate"]["bound_source"] = "recomputed"
    page.goto(shown.url + RESULT)
    expect(page.get_by_role("region", name="Certificate")).to_contain_text("(recomputed from the data)")


def test_what_to_plan_is_chosen_of_what_the_data_allow(page: Page, shown: Shown):
    shown.canned.dataset["counts"] |= {"skus": 2, "warehouse": 26}
    page.goto(shown.url + FILE)
    kind = page.get_by_label("What to plan")
    expect(kind.get_by_role("option", name=re.compile("^Stock"))).to_be_disabled()
    expect(kind.get_by_role("option", name=re.compile("^Stock"))).to_contain_text("(needs the sheet Inventory)")
    page.get_by_label("Most facilities open at once").fill("3")
    kind.select_option("warehouse")
    expect(page.get_by_label("Most facilities open at once")).to_be_hidden()
    page.get_by_role("button", name="Plan the space").click()
    page.wait_for_url(f"**{RESULT}")
    assert [(asked.get("type"), asked.get("parameters")) for asked in shown.canned.asked] == [
        ("warehouse", {}),
        (None, None),
    ]


def test_stock_may_start_from_a_plan_of_the_same_data(page: Page, shown: Shown):
    shown.canned.dataset["counts"] |= {"inventory": 6}
    shown.canned.job = job("succeeded", {"status": "optimal", "objective": 25_300_000.0})
    page.goto(shown.url + FILE)
    page.get_by_label("What to plan").select_option("inventory")
    plan = page.get_by_role("option", name="As planned: Six sites, five years, Network design, $25.3 M")
    expect(plan).to_be_attached()
    page.get_by_label("Who serves whom").select_option(plan.get_attribute("value"))
    page.get_by_role("button", name="Plan the stock").click()
    page.wait_for_url(f"**{RESULT}")
    assert shown.canned.asked[0]["parameters"] == {"assignment": f"job {shown.canned.job['id']}"}


def test_what_ended_at_its_time_limit_says_so_and_what_is_not_proven(page: Page, shown: Shown):
    limit = {"value": 5, "unit": "seconds", "source": "given"}
    shown.canned.result |= {"status": "feasible", "gap": 0.0065, "seconds": 5.2}
    shown.canned.result["parameters"] = {"time_limit_seconds": limit}
    page.goto(shown.url + RESULT)
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("It is not proven to be the cheapest")
    expect(verdict).to_contain_text("0.65 % is still open. The time limit of 5 s came first")


def test_a_result_is_told_in_plain_words_on_request_and_labelled(page: Page, shown: Shown):
    page.goto(shown.url + RESULT)
    page.get_by_role("heading", name="Cost by year").wait_for()
    expect(page.get_by_role("region", name="In plain words", include_hidden=True)).to_be_hidden()
    allow_the_assistant(shown)
    page.goto(shown.url + RESULT)
    told = page.get_by_role("region", name="In plain words")
    told.get_by_role("button", name="Have it told by the assistant").click()
    expect(told).to_contain_text(f"It opens 6 facilities, {MARKUP} among them.")
    expect(told).to_contain_text("Written by the model large-model. Every figure was checked against the result")
    told.get_by_text("Every figure, and what of the result it is").click()
    expect(told.get_by_role("listitem")).to_have_text("6: open facilities")
    assert page.locator("img[src=x]").count() == 0


def test_unknown_columns_are_suggested_on_request_and_a_person_decides(page: Page, shown: Shown):
    show_unknown_columns(shown)
    page.goto(shown.url + FILE)
    unknown = page.get_by_role("region", name="Unknown columns", exact=True)
    expect(unknown.get_by_role("row").nth(1)).to_contain_text("not known")
    unknown.get_by_role("button", name="Ask the assistant").click()
    expect(unknown.get_by_role("row").nth(1)).to_contain_text("city suggested by large-model, 82 % sure")
    expect(unknown).to_contain_text("for you to decide: rename what is right in your file")
    assert page.locator("img[src=x]").count() == 0


def test_an_impossible_network_says_what_would_work(page: Page, shown: Shown):
    show_infeasible(shown)
    page.goto(shown.url + RESULT)
    expect(page.get_by_role("heading", name="No plan can meet every requirement")).to_be_visible()
    why = page.get_by_role("region", name="Why")
    expect(why).to_contain_text("Short by 61,250 units")
    expect(why).to_contain_text("Allow 5 facilities")


def test_an_analysis_shows_use_shortage_bottlenecks_and_relief(page: Page, shown: Shown):
    show_capacity(shown)
    page.goto(shown.url + RESULT)
    expect(page.get_by_role("heading", name="The cheapest relief")).to_be_visible()
    used = page.get_by_role("region", name="Table: How full each facility is")
    expect(used.get_by_role("row", name="South 67 % 100 % 100 %")).to_be_visible()
    necks = page.get_by_role("region", name="Table: Bottlenecks").get_by_role("row")
    expect(necks).to_have_count(5)
    relief = page.get_by_role("region", name="Table: The cheapest relief")
    expect(relief.get_by_role("row", name="Hut 2027 the end 30 $180 $5")).to_be_visible()
    expect(page.get_by_role("link", name="Who serves whom")).to_have_count(0)
    assert MARKUP in page.get_by_role("region", name="Who goes short").inner_text()


def test_a_plan_beside_today_shows_its_calibration_its_cash_flow_and_its_profit_and_loss(page: Page, shown: Shown):
    compared = told(example(control_totals=lines((2026, "total", 300.0))))
    shown.canned.result |= {name: compared[name] for name in ("baseline", "savings", "business_case")}
    page.goto(shown.url + RESULT)
    rows = page.get_by_role("region", name="Table: Modelled beside paid").get_by_role("row")
    calibration = page.get_by_role("region", name="Calibration", exact=True)
    expect(calibration.locator(".not-ok").first).to_contain_text("Uncalibrated: the modelled baseline")
    expect(rows.nth(1)).to_have_text("2026Transport$160$158+$2+1.3 %within")
    expect(rows.last).to_have_text("2026Total$260$7$265$300-$33-11.0 %beyond")
    expect(page.get_by_text("What was paid does not add up to its control total")).to_be_visible()
    expect(page.get_by_role("region", name="Table: Savings by year").get_by_role("row").last).to_contain_text("$80")
    cash = page.get_by_role("region", name="Table: Cash flow by year").get_by_role("row")
    expect(cash.nth(1)).to_have_text("2025$0$0$20-$20-$20")
    expect(cash.last).to_have_text("All years$110$30$15$65")
    expect(page.get_by_role("region", name="Against today")).to_contain_text("It pays back after 2.1 years.")
    page.get_by_text("Profit and loss by year").click()
    profit = page.get_by_role("region", name="Table: Profit and loss 2026").get_by_role("row")
    expect(profit.last).to_have_text("Total$260$250$10")
    assert page.evaluate(FAINT) == []


def test_a_network_shows_its_warehouses_and_its_stock(page: Page, shown: Shown):
    shown.canned.job = job("succeeded", {"status": "feasible"}) | {"type": "integrated"}
    shown.canned.result = integrated(MARKUP)
    page.goto(shown.url + RESULT)
    total = format(shown.canned.result["years"][-1]["total_cost"], ",.0f")
    costs = page.get_by_role("region", name="Table: Cost by year").get_by_role("row")
    expect(costs).to_have_count(4)
    expect(costs.nth(2)).to_contain_text(total)
    expect(costs.last).to_contain_text(format(shown.canned.result["kpis"]["total_cost"], ",.0f"))
    expect(page.get_by_role("heading", name="with warehouses and stock")).to_be_visible()
    assert "the sum is not proven to be the least" in page.get_by_role("region", name="Verdict").inner_text()
    space = page.get_by_role("region", name="Table: Space needed").get_by_role("row")
    expect(space).to_have_count(5)  # both facilities in both years, and the header
    expect(page.get_by_role("region", name="Table: Stock by facility")).to_contain_text(MARKUP)
    expect(page.get_by_role("region", name="Certificate", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Who serves whom")).to_be_visible()
    assert page.evaluate(FAINT) == []


def test_what_if_is_asked_on_the_page_of_a_plan_and_its_answers_come(page: Page, shown: Shown):
    page.goto(shown.url + RESULT)
    section = page.get_by_role("region", name="What if")
    section.get_by_label("Service a point more or less").uncheck()
    site = shown.canned.result["facilities"][1]["name"]
    section.get_by_label("Which facilities").select_option(site)
    section.get_by_role("button", name="Ask what if").click()
    expect(section).to_contain_text("Question 1 of 6")
    questions = ["one_more_site", "one_fewer_site", "demand", "site_closed", "site_opened"]
    assert shown.canned.asked == [{"questions": questions, "sites": [site]}]
    result = what_if()
    shown.canned.about = [job("succeeded", result)]
    page.reload()
    expect(section.get_by_text("6 of 6 questions answered, 6 of them proven.")).to_be_visible()
    table = section.get_by_role("region", name="Table of answers")
    expect(table.get_by_role("row", name="South closed +$110 Proven optimal")).to_be_visible()
    expect(table.get_by_role("row", name="North closed no plan No plan possible")).to_be_visible()
    expect(section.get_by_role("link", name="Answers (Excel)")).to_be_visible()
    assert page.evaluate(FAINT) == []


def test_the_answers_have_a_page_of_their_own(page: Page, shown: Shown):
    shown.canned.result = what_if()
    shown.canned.job = job("succeeded", {"status": "optimal"}) | {"type": "sensitivity"}
    page.goto(shown.url + RESULT)
    expect(page.get_by_role("heading", name="6 of 6 questions answered")).to_be_visible()
    expect(page.get_by_role("link", name="the plan that costs $490")).to_have_attribute("href", RESULT)
    expect(page.get_by_role("region", name="Table of answers").get_by_role("row")).to_have_count(7)


def test_a_greenfield_study_shows_its_places_for_each_number(page: Page, shown: Shown):
    shown.canned.result = places(MARKUP)
    shown.canned.job = job("succeeded", {"status": "optimal"}) | {"type": "greenfield"}
    page.goto(shown.url + RESULT)
    expect(page.get_by_role("heading", name="The best places for each number from 1 to 3, all proven")).to_be_visible()
    expect(page.get_by_role("region", name="What was looked at")).to_contain_text("are great-circle miles x circuity")
    expect(page.locator(".map")).to_have_attribute("data-places", "3")
    expect(page.get_by_role("region", name="Table of the places").get_by_role("row")).to_have_count(4)
    page.get_by_label("How many places").select_option("1 place")
    expect(page.locator(".map")).to_have_attribute("data-places", "1")
    (row,) = page.get_by_role("region", name="Table of the places").get_by_role("row").all()[1:]
    assert MARKUP in row.inner_text()
    expect(page.get_by_role("region", name="Table of the numbers of places").get_by_role("row")).to_have_count(4)
    expect(page.get_by_role("link", name="Candidates to fill in")).to_be_visible()
    assert page.evaluate(FAINT) == []


def test_a_baseline_shows_what_was_paid_by_every_grouping(page: Page, shown: Shown, faults: list[str]):
    shown.canned.result = paid(MARKUP, control_totals="2026 transport = 1100; 2026 rent = 50")
    shown.canned.job = job("succeeded", {"status": "optimal"}) | {"type": "baseline"}
    page.goto(shown.url + RESULT)
    expect(page.get_by_role("heading", name="paid for 5 shipments")).to_be_visible()
    expect(page.get_by_role("region", name="Certificate")).not_to_contain_text("Cannot be cheaper")
    lanes = page.get_by_role("region", name="Table: Paid by lane").get_by_role("row")
    expect(lanes).to_have_count(3)
    assert MARKUP in lanes.nth(1).inner_text()
    expect(page.get_by_role("region", name="Table: Paid by month").get_by_role("row")).to_have_count(6)
    expect(page.get_by_role("region", name="Table: Rows and dollars").get_by_role("row")).to_have_count(3)
    expect(page.get_by_text("-$2.50").first).to_be_visible()
    books = page.get_by_role("region", name="Paid beside control totals", exact=True)
    expect(books.locator("p.not-ok")).to_contain_text("Uncalibrated: what was paid is further from the control totals")
    expect(books.get_by_role("row", name="2026 Transport")).to_have_text("2026Transport$1,005$1,100-$95-8.6 %beyond")
    assert page.evaluate(FAINT) == []
    assert faults == []


def test_prices_that_were_fitted_to_shipments_say_so_with_their_error(page: Page, shown: Shown):
    fit = {"mode": "ltl", "weight_from": 500.0, "weight_to": None, "lanes": 1_200, "inbound_lanes": 3,
           "shipments": 4_321, "miles_from": 12.0, "miles_to": 2_400.0, "pounds_from": 510.0, "pounds_to": 9_000.0,
           "median_error_percent": 8.25, "mean_error_percent": 11.0, "r_squared": 0.91, "first_month": "2025-01",
           "last_month": "2025-12", "accepted_by": MARKUP, "accepted_on": "2026-11-22"}  # fmt: skip
    shown.canned.result["fitted_rates"] = [fit]
    page.goto(shown.url + RESULT)
    rows = page.get_by_role("region", name="Table: Fitted prices").get_by_role("row")
    expect(rows).to_have_count(2)
    for said in ("ltl", "1,203", "4,321", "8.3 %", "12 to 2,400 miles", f"{MARKUP} on 2026-11-22"):
        expect(rows.nth(1)).to_contain_text(said)
    shown.canned.result["fitted_rates"] = []
    page.reload()
    expect(page.get_by_role("region", name="Certificate")).to_be_visible()
    expect(page.get_by_role("region", name="Table: Fitted prices")).to_have_count(0)


def test_shipments_are_summed_up_beside_the_network_that_is_chosen(page: Page, shown: Shown):
    part = {"rows": 5, "usd": 1002.5}
    account = [{"tab": "CSV", "shipments": 5, "read": part, "kept": part, "left_out": {}}]
    shown.canned.dataset |= {"domain": "transport", "counts": {"shipments": 5}, "account": account, "years": None}
    page.goto(shown.url + FILE)
    expect(page.get_by_text("5 shipments")).to_be_visible()
    expect(page.get_by_role("region", name="Table: Rows and dollars")).to_contain_text("$1,002.50")
    beside = page.get_by_label("Set beside")
    expect(beside.get_by_role("option")).to_have_count(2)  # what has no facilities is nothing to set them beside
    beside.select_option(index=1)
    page.get_by_label("What your books say").fill("2025 transport = $1,000.00")
    page.get_by_label("How far apart they may be, in %").fill("1.4")
    page.get_by_role("button", name="Sum up what was paid").click()
    page.wait_for_url(f"**{RESULT}")
    asked = next(body for body in shown.canned.asked if "datasets" in body)
    assert asked["type"] == "baseline"
    assert set(asked["datasets"]) == {"transport", "network"}
    assert asked["parameters"] == {"control_totals": "2025 transport = $1,000.00", "calibration_tolerance": 0.014}


def test_demand_and_lanes_of_shipments_are_a_workbook_or_a_reason(page: Page, shown: Shown, faults: list[str]):
    part = {"rows": 5, "usd": 1002.5}
    account = [{"tab": "CSV", "shipments": 5, "read": part, "kept": part, "left_out": {}}]
    shown.canned.dataset |= {"domain": "transport", "counts": {"shipments": 5}, "account": account, "years": None}
    made = f"**/api/datasets/{DATASET}/demand.xlsx?*"
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url.partition("?")[2])
        if len(asked) == 1:
            told = {"success": False, "error": "None of the shipments is demand.", "code": "INVALID_INPUT"}
            route.fulfill(status=422, json=told)
        else:
            route.fulfill(body=b"a workbook")

    page.route(made, answer)
    page.goto(shown.url + FILE)
    form = page.get_by_role("region", name="Demand and lanes")
    form.get_by_label("Shipments of one year").fill("2025")
    form.get_by_role("button").click()
    expect(form).to_contain_text("None of the shipments is demand.")
    assert page.evaluate(FAINT) == []
    form.get_by_label("A destination is").select_option(index=1)
    form.get_by_label("How many months they cover").fill("6")
    with page.expect_download() as kept:
        form.get_by_role("button").click()
    assert kept.value.path().read_bytes() == b"a workbook"
    assert kept.value.suggested_filename == f"demand-{DATASET}.xlsx"
    assert asked == ["by=zip3&year=2025", "by=zip5&year=2025&months=6"]
    assert [fault for fault in faults if "422" not in fault] == []


def test_a_file_with_bad_rows_goes_on_without_them_once_a_person_says_so(page: Page, shown: Shown, faults: list[str]):
    show_bad_cells(shown)
    bad = {"rows": 3, "usd": 1_234.5, "units": 12.0, "uncharged": 1}
    shown.canned.upload |= {"status": "needs_decision", "kind": "shipments", "bad_rows": bad}
    part = {"rows": 5, "usd": 1002.5}
    account = [{"tab": "CSV", "shipments": 5, "read": part, "kept": part, "left_out": {"bad": part}}]
    shown.canned.dataset |= {"domain": "transport", "counts": {"shipments": 5}, "account": account, "years": None}
    page.goto(shown.url + FILE)
    expect(page.get_by_role("heading", name="3 rows cannot be read")).to_be_visible()
    expect(page.get_by_role("region", name="A decision")).to_contain_text("$1,234.50 and 12 units")
    expect(page.get_by_role("region", name="Table of problems")).to_contain_text("There is no such destination.")
    assert page.evaluate(FAINT) == []
    rows = page.get_by_role("link", name="Bad rows (Excel)")
    assert str(rows.get_attribute("href")).endswith("/bad-rows.xlsx")
    page.get_by_role("button", name="Go on without these 3 rows").click()
    expect(page.get_by_role("heading", name="The data is ready")).to_be_visible()
    assert shown.canned.asked == [{"decision": "accept_without_bad_rows"}]
    expect(page.get_by_role("region", name="Table: Rows and dollars")).to_contain_text(
        "left out: a cell that cannot be read"
    )
    assert faults == []


def test_rates_are_fitted_to_shipments_and_shown_with_their_errors(page: Page, shown: Shown, faults: list[str]):
    part = {"rows": 5, "usd": 1002.5}
    account = [{"tab": "CSV", "shipments": 5, "read": part, "kept": part, "left_out": {}}]
    shown.canned.dataset |= {"domain": "transport", "counts": {"shipments": 5}, "account": account, "years": None}
    shown.canned.result = fitted_rates(MARKUP)
    shown.canned.job = job("succeeded", {"status": "optimal"}) | {"type": "rates"}
    page.goto(shown.url + FILE)
    page.get_by_label("What to find out").select_option("rates")
    page.get_by_label("Road miles per mile").fill("1.2")
    page.get_by_role("button", name="Fit rates to the shipments").click()
    page.wait_for_url(f"**{RESULT}")
    scenario = next(body for body in shown.canned.asked if "datasets" in body)
    assert (scenario["type"], scenario["parameters"]) == ("rates", {"circuity": 1.2})
    expect(page.get_by_role("heading", name="What a shipment costs, in 1 band of mode and weight")).to_be_visible()
    rows = page.get_by_role("region", name="Table: Fitted bands").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("50 to 440 miles")
    expect(page.get_by_role("region", name="Table: Bands not fitted")).to_contain_text("fewer than 30 shipments")
    expect(page.get_by_text(MARKUP)).to_be_visible()
    expect(page.get_by_role("link", name="Sheet FittedRates")).to_be_visible()
    assert page.evaluate(FAINT) == []
    assert faults == []


@pytest.mark.parametrize(
    ("kind", "counts", "parameters", "swept"),
    [
        ("transport", {}, {}, {"minNodes": 2, "maxNodes": 5, "criterion": "savings"}),
        ("greenfield", {"facilities": 0, "lanes": 0}, {"min_sites": 2, "max_sites": 5}, None),
    ],
)
def test_a_range_of_numbers_is_asked_for_with_the_scenario(
    page: Page, shown: Shown, kind: str, counts: dict[str, int], parameters: dict[str, int], swept: Any
):
    shown.canned.dataset["counts"] |= counts
    page.goto(shown.url + FILE)
    expect(page.get_by_label("What to plan")).to_have_value(kind)
    page.get_by_label("From").fill("2")
    page.get_by_label("To", exact=True).fill("5")
    if swept is not None:
        page.get_by_label("Best by").select_option("Most saved against today")
    page.locator("form.run").get_by_role("button").click()
    page.wait_for_url("**/jobs/**")
    scenario, run = shown.canned.asked
    assert (scenario["type"], scenario["parameters"]) == (kind, parameters)
    assert run == {"scenario_id": str(SCENARIO), **({} if swept is None else {"scenario": swept})}


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
