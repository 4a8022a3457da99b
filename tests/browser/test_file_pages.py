"""The pages of files over recorded answers: what is chosen, decided and asked for where data arrive."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.canned import DATASET, SCENARIO, fitted_rates, job
from tests.browser.conftest import Shown
from tests.browser.states import (
    FAINT,
    FILE,
    MARKUP,
    RESULT,
    show_bad_cells,
    show_model,
    show_solved_model,
    show_unknown_columns,
)

pytestmark = pytest.mark.browser


def test_a_file_can_be_chosen_by_keyboard(page: Page, shown: Shown):
    page.goto(shown.url)
    chooser = page.locator("#file")
    page.get_by_role("heading", name="Recent solves").wait_for()
    chooser.focus()
    expect(chooser).to_be_focused()
    with page.expect_file_chooser():
        chooser.press("Enter")


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


def test_unknown_columns_are_suggested_on_request_and_a_person_decides(page: Page, shown: Shown):
    show_unknown_columns(shown)
    page.goto(shown.url + FILE)
    unknown = page.get_by_role("region", name="Unknown columns", exact=True)
    expect(unknown.get_by_role("row").nth(1)).to_contain_text("not known")
    unknown.get_by_role("button", name="Ask the assistant").click()
    expect(unknown.get_by_role("row").nth(1)).to_contain_text("city suggested by large-model, 82 % sure")
    expect(unknown).to_contain_text("for you to decide: rename what is right in your file")
    assert page.locator("img[src=x]").count() == 0


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
    expect(page.get_by_label("Send them corrected")).to_be_enabled()
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
