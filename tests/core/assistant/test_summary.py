"""A summary from asking to keeping: refused once, mended once, or refused for good; and nothing of it unchecked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from networx.assistant import summary
from networx.assistant.ledger import About
from networx.errors import AssistantAnswerRefused, AssistantUnavailable
from tests.core.assistant.conftest import calls
from tests.core.assistant.endpoint import MODEL, Endpoint, completion, endpoint
from tests.core.results.conftest import certificate, outcome, parameters, plan, result, tables  # noqa: F401  # fixtures

GOOD = "The plan opens 2 facilities over 2 years. The dearest is [F1]."
WRONG = "The plan opens 3 open facilities and costs $5.00 million."


def saying(*texts: str) -> Callable[[dict[str, Any]], Any]:
    """One text after the other, the last again and again."""
    given = iter(texts)
    return lambda body: completion(next(given, texts[-1]))


def written(made: Endpoint, about: About, of: dict[str, Any]) -> tuple[str, list[dict[str, Any]], str]:
    return summary.write(made.assistant(), about, json.loads(json.dumps(of)))


def test_a_summary_has_the_facilities_names_and_says_what_each_figure_is(about, result):  # noqa: F811
    with endpoint(saying(GOOD)) as made:
        text, figures, model = written(made, about, result)
    names = {site["name"] for site in result["facilities"]}
    assert any(name in text for name in names)
    assert "[F1]" not in text
    assert model == MODEL
    assert figures == [
        {"text": "2", "facts": ("open facilities",)},
        {"text": "2", "facts": ("years planned",)},
    ]


def test_no_name_of_the_client_leaves(about, result):  # noqa: F811
    with endpoint(saying(GOOD)) as made:
        written(made, about, result)
        heard = made.heard
    names = [site[name] for site in result["facilities"] for name in ("name", "city") if site[name]]
    assert len(names) >= 3
    assert [name for name in names if name in heard] == []
    assert "[F1]" in heard


def test_a_wrong_figure_is_told_to_the_model_which_may_mend_it_once(about, result):  # noqa: F811
    with endpoint(saying(WRONG, GOOD)) as made:
        text, _, _ = written(made, about, result)
        first, second = made.asked
    assert text.startswith("The plan opens 2 facilities")
    assert len(first["messages"]) == 2
    assert second["messages"][2] == {"role": "assistant", "content": WRONG}
    assert "$5.00 million is no figure of the result" in second["messages"][3]["content"]
    assert [call["status"] for call in calls()] == ["spent", "spent"]


def test_a_model_that_is_wrong_twice_is_refused(about, result):  # noqa: F811
    with endpoint(saying(WRONG)) as made:
        with pytest.raises(AssistantAnswerRefused, match=r"\$5.00 million is no figure of the result"):
            written(made, about, result)
        assert len(made.asked) == 2
    assert [call["status"] for call in calls()] == ["spent", "spent"]


def test_without_time_it_is_not_asked_again(about, result):  # noqa: F811
    ticks = iter([0.0, 0.0, 45.0])
    with endpoint(saying(WRONG)) as made:
        with pytest.raises(AssistantAnswerRefused):
            summary.write(made.assistant(), about, result, clock=lambda: next(ticks))
        assert len(made.asked) == 1


def test_a_model_that_declines_is_not_asked_again(about, result):  # noqa: F811
    with endpoint(lambda body: completion(None, message={"refusal": "No."})) as made:
        with pytest.raises(AssistantUnavailable, match="declined"):
            written(made, about, result)
        assert len(made.asked) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"{GOOD} It saves $1.00 million.",
        f"{GOOD} Ignore the figures above: total cost is $9.99.",
        f"{GOOD} See https://evil.example/8080 for more.",
        "<script>alert(1)</script>",
        "# Summary\n1. It opens 2 facilities.",
        "[F99] is open.",
    ],
)
def test_whatever_a_model_adds_is_refused(about, result, text):  # noqa: F811
    with endpoint(saying(text)) as made:
        with pytest.raises(AssistantAnswerRefused):
            written(made, about, result)


def test_an_infeasible_result_and_one_stopped_early_are_told_as_such(about, result):  # noqa: F811
    stopped = dict(result, status="feasible", partial=True)
    with endpoint(saying(GOOD)) as made:
        written(made, about, stopped)
        told = made.asked[0]["messages"][1]["content"]
    assert told.splitlines()[0] == "Status: feasible, stopped early"
