"""When the assistant is on, what its models cost, and what it may spend: read whole, or refused by name."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from local.environment import inherited
from networx.assistant_terms import Budget, Price, read_terms
from networx.settings import read_settings
from tests.core.test_settings import COMPLETE, refusal

STATED = {
    "NETWORX_ASSISTANT_URL": "https://api.example.com/v1/",
    "NETWORX_ASSISTANT_SECRET": "networx/assistant",
    "NETWORX_ASSISTANT_MODEL": "large",
    "NETWORX_ASSISTANT_PRICES": json.dumps(
        {"large": {"input": "2.5", "output": 10}, "small": {"input": 0.15, "output": 0.6}}
    ),
}


def test_without_a_word_there_is_no_assistant_whatever_it_may_spend():
    assert read_settings(COMPLETE).assistant is None
    assert read_settings({**COMPLETE, "OPENAI_DAILY_TOKEN_LIMIT": "5"}).assistant is None


def test_it_is_read_with_the_limits_that_were_agreed():
    terms = read_settings({**COMPLETE, **STATED}).assistant
    assert terms is not None
    assert (terms.url, terms.models) == ("https://api.example.com/v1", ("large",))
    assert terms.daily == Budget(100_000, Decimal(10))
    assert terms.monthly == Budget(3_000_000, Decimal(300))
    assert terms.prices["small"] == Price(Decimal("0.15"), Decimal("0.6"))
    assert terms.prices["large"].dollars(1_000, 100) == Decimal("0.0035")


def test_limits_and_the_cheaper_model_can_be_set():
    more = {
        "OPENAI_DAILY_TOKEN_LIMIT": "7", "OPENAI_MONTHLY_TOKEN_LIMIT": "8", "OPENAI_DAILY_COST_LIMIT": "0.5",
        "OPENAI_MONTHLY_COST_LIMIT": "1.25", "NETWORX_ASSISTANT_CHEAPER_MODEL": "small",
    }  # fmt: skip
    terms = read_settings({**COMPLETE, **STATED, **more}).assistant
    assert terms is not None
    assert (terms.daily, terms.monthly) == (Budget(7, Decimal("0.5")), Budget(8, Decimal("1.25")))
    assert terms.models == ("large", "small")
    without = read_settings({**COMPLETE, **STATED, **more, "OPENAI_ENABLE_FALLBACK": "false"}).assistant
    assert without is not None
    assert without.models == ("large",)


@pytest.mark.parametrize("name", STATED)
def test_a_part_that_is_missing_is_named(name):
    assert f"{name} is not set" in refusal(**{**STATED, name: None})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NETWORX_ASSISTANT_URL", "api.example.com", "is no address of http or https"),
        ("NETWORX_ASSISTANT_URL", "https://user@host/v1", "is no address of http or https"),
        ("NETWORX_ASSISTANT_MODEL", "unpriced", "has no price of unpriced; without one it is not asked"),
        ("NETWORX_ASSISTANT_CHEAPER_MODEL", "unpriced", "has no price of unpriced"),
        ("NETWORX_ASSISTANT_PRICES", "{", "is no JSON"),
        ("NETWORX_ASSISTANT_PRICES", "[1]", "gives each model its dollars"),
        ("NETWORX_ASSISTANT_PRICES", '{"large": {"input": "1"}}', "gives each model its dollars"),
        ("NETWORX_ASSISTANT_PRICES", '{"large": {"input": "-1", "output": "1"}}', "gives each model its dollars"),
        ("NETWORX_ASSISTANT_PRICES", '{"large": {"input": "NaN", "output": "1"}}', "gives each model its dollars"),
        ("NETWORX_ASSISTANT_PRICES", '{"large": {"input": true, "output": "1"}}', "gives each model its dollars"),
        ("NETWORX_ASSISTANT_PRICES", '{"large": {"input": "1", "output": "1", "cached": 1}}', "gives each model"),
        ("NETWORX_ASSISTANT_ANSWER_BOUND", "longest", "is none of max_completion_tokens, max_tokens"),
        ("OPENAI_DAILY_TOKEN_LIMIT", "many", "OPENAI_DAILY_TOKEN_LIMIT is no whole number of tokens: many"),
        ("OPENAI_MONTHLY_TOKEN_LIMIT", "-1", "OPENAI_MONTHLY_TOKEN_LIMIT is no whole number"),
        ("OPENAI_DAILY_COST_LIMIT", "inf", "OPENAI_DAILY_COST_LIMIT is no amount of dollars: inf"),
        ("OPENAI_MONTHLY_COST_LIMIT", "$5", "OPENAI_MONTHLY_COST_LIMIT is no amount of dollars: $5"),
        ("OPENAI_ENABLE_FALLBACK", "perhaps", "OPENAI_ENABLE_FALLBACK is neither true nor false: perhaps"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name, value, said):
    assert said in refusal(**{**STATED, name: value})


def test_a_cheaper_model_is_cheaper():
    said = refusal(**{**STATED, "NETWORX_ASSISTANT_MODEL": "small", "NETWORX_ASSISTANT_CHEAPER_MODEL": "large"})
    assert "NETWORX_ASSISTANT_CHEAPER_MODEL costs more than small: large" in said


def test_what_others_configured_for_their_own_tools_is_not_ours():
    faults: list[str] = []
    assert read_terms({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://x", "OPENAI_MODEL": "m"}, faults) is None
    assert faults == []


def test_the_local_platform_hands_on_the_limits_and_no_key():
    given = {"OPENAI_DAILY_TOKEN_LIMIT": "5", "OPENAI_ENABLE_FALLBACK": "no", "OPENAI_API_KEY": "k"}
    assert inherited(given) == {"OPENAI_DAILY_TOKEN_LIMIT": "5", "OPENAI_ENABLE_FALLBACK": "no"}
