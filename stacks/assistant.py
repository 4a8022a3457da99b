"""What a stage says of its assistant: where it asks, with which key, which models at which prices, and its budget.

What that means stands in docs/operations/assistant.md. Here is what the web is told of it, and what is refused before
anything is deployed. Without it the assistant is off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stacks.market import Market, faults_in_address, faults_in_secret
from stacks.shapes import faults_in_keys

_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,12})?", re.ASCII)
_SIDES = ("input", "output")
_BUDGETS = ("daily_tokens", "daily_dollars", "monthly_tokens", "monthly_dollars")
_REQUIRED = ("url", "secret_arn", "model", "prices")


@dataclass(frozen=True, slots=True)
class Assistant:
    """`prices` gives each model its dollars for a million tokens, by `input` and `output`; amounts are texts.

    A budget that is not stated is the usual one; `cheaper_model` is asked near it.
    """

    url: str
    secret_arn: str
    model: str
    prices: Mapping[str, Mapping[str, str]]
    cheaper_model: str | None = None
    answer_bound: str | None = None
    daily_tokens: str | None = None
    daily_dollars: str | None = None
    monthly_tokens: str | None = None
    monthly_dollars: str | None = None

    def told(self) -> dict[str, str]:
        """The variables that networx.settings reads; what is not stated is not told."""
        said = {
            "NETWORX_ASSISTANT_URL": self.url,
            "NETWORX_ASSISTANT_SECRET": self.secret_arn,
            "NETWORX_ASSISTANT_MODEL": self.model,
            "NETWORX_ASSISTANT_CHEAPER_MODEL": self.cheaper_model,
            "NETWORX_ASSISTANT_PRICES": json.dumps({model: dict(price) for model, price in self.prices.items()}),
            "NETWORX_ASSISTANT_ANSWER_BOUND": self.answer_bound,
            "OPENAI_DAILY_TOKEN_LIMIT": self.daily_tokens,
            "OPENAI_DAILY_COST_LIMIT": self.daily_dollars,
            "OPENAI_MONTHLY_TOKEN_LIMIT": self.monthly_tokens,
            "OPENAI_MONTHLY_COST_LIMIT": self.monthly_dollars,
        }
        return {name: value for name, value in said.items() if value is not None}


def faults_in_shape(said: object) -> Iterator[str]:
    """What cannot be read as an assistant at all: one sentence each, with its cure."""
    known = Assistant.__dataclass_fields__
    yield from faults_in_keys("assistant", said, known, _REQUIRED)
    if not isinstance(said, Mapping):
        return
    for key in sorted({*said} & ({*known} - {"prices"})):
        if not isinstance(said[key], str):
            yield f'assistant "{key}" is a text'
    prices = said.get("prices") or {}
    if not (isinstance(prices, Mapping) and all(_is_price(price) for price in prices.values())):
        yield 'assistant "prices" gives each model {"input": "2.50", "output": "10"}: dollars for a million tokens'


def faults_in_assistant(assistant: Assistant, market: Market, region: str) -> Iterator[str]:
    """What would not work, or would not be reached: one sentence each, with its cure."""
    yield from faults_in_secret("assistant", assistant.secret_arn, region)
    yield from faults_in_address("assistant", market, assistant.url)
    for model in (assistant.model, assistant.cheaper_model):
        if model is not None and model not in assistant.prices:
            yield f"assistant prices has no price of {model}: without one it is not asked"
    if assistant.answer_bound not in {None, "max_completion_tokens", "max_tokens"}:
        yield f"assistant answer_bound {assistant.answer_bound}: write max_completion_tokens or max_tokens"
    for name in _BUDGETS:
        stated = getattr(assistant, name)
        whole = name.endswith("tokens")
        if stated is not None and not (_AMOUNT.fullmatch(stated) and not (whole and "." in stated)):
            yield f"assistant {name} {stated}: write {'a whole number of tokens' if whole else 'dollars, such as 10'}"


def _is_price(price: object) -> bool:
    return (
        isinstance(price, Mapping)
        and set(price) == set(_SIDES)
        and all(isinstance(price[side], str) and _AMOUNT.fullmatch(price[side]) is not None for side in _SIDES)
    )
