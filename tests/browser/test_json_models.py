"""A client's own model as JSON, pasted into the page or opened there, in a real browser."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect

from networx.api.faults import answer_to
from networx.domain.model_file import statement_of
from networx.errors import RefusedInput
from tests.browser.conftest import Shown
from tests.browser.states import show_solved_model

pytestmark = pytest.mark.browser


def answer_as_the_api(page: Page, shown: Shown) -> None:
    """A model that is asked to be run is read as the API reads it, and refused as it refuses."""

    def answered(route: Route) -> None:
        try:
            statement_of(json.loads(route.request.post_data or "")["model"])
        except RefusedInput as refused:
            answer = answer_to(refused)
            route.fulfill(status=answer.status_code, body=bytes(answer.body), content_type="application/json")
        else:
            route.continue_()

    page.route("**/api/optimize/run-batch", answered)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_model_is_pasted_as_json_and_a_fault_is_shown_where_it_is(page: Page, shown: Shown, width: int):
    answer_as_the_api(page, shown)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(shown.url + "/")
    form = page.get_by_role("region", name="A model as JSON")
    form.get_by_text("Or paste a model of your own as JSON").click()
    text = form.get_by_label("The model, as javascript-lp-solver takes it")
    text.fill('{\n  "optimize": "z",\n  variables: {}\n}')
    form.get_by_role("button", name="Solve it").click()
    expect(form.get_by_role("alert")).to_contain_text("expected a string key (line 3, column 3)")
    expect(text).to_be_focused()
    assert text.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)") == "v"
    text.fill('{"optimize": "z", "variables": {"x": {"z": "2"}}, "constraints": {"z": {"maxi": 3}}}')
    form.get_by_role("button", name="Solve it").click()
    expect(form.get_by_role("alert")).to_contain_text("variables.x.z must be a number; send it without quotes.")
    expect(form.get_by_role("alert")).to_contain_text('did you mean "max"?')
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    right = '{"optimize": "z", "variables": {"x": {"z": 2}}, "constraints": {"z": {"max": 3}}}'
    text.fill(right)
    show_solved_model(shown)
    form.get_by_role("button", name="Solve it").click()
    expect(page.get_by_role("region", name="Verdict")).to_be_visible()
    assert [asked["model"] for asked in shown.canned.asked] == [{"json": right}]


def test_a_json_file_is_opened_in_the_form_wherever_it_is_chosen(page: Page, shown: Shown, tmp_path):
    model, large = tmp_path / "blend.JSON", tmp_path / "large.json"
    model.write_text('{"variables": {"x": {"z": 2}}}')
    large.write_bytes(b" " * (8 * 1024**2 + 1))
    page.goto(shown.url + "/")
    form = page.get_by_role("region", name="A model as JSON")
    text = form.get_by_label("The model, as javascript-lp-solver takes it")
    page.locator("#file").set_input_files(model)  # among the other files
    expect(text).to_have_value('{"variables": {"x": {"z": 2}}}')
    expect(form).to_contain_text("blend.JSON, 30 bytes")
    text.fill("")
    page.locator("#json-file").set_input_files(model)
    expect(text).to_have_value('{"variables": {"x": {"z": 2}}}')
    page.locator("#json-file").set_input_files(large)
    expect(form.get_by_role("alert")).to_contain_text("as JSON a model has 8 MB at most. Save it as MPS or LP")
    assert shown.canned.asked == []
