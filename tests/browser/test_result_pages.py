"""The pages of results over recorded answers: what each kind of result shows, and what can be asked of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canned import integrated, job, paid, places, what_if
from tests.browser.conftest import Shown
from tests.browser.states import FAINT, MARKUP, RESULT, allow_the_assistant, show_capacity, show_infeasible
from tests.core.results.test_business_case import example, lines, told

pytestmark = pytest.mark.browser


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
