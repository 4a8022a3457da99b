"""What an installation lets the assistant do: where it asks, which models at which prices, and its budget.

Off unless an address, a secret, a model and its price are all stated. A model without a stated price is refused here:
what a call may cost is never guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

_MILLION = Decimal(1_000_000)
_ADDRESS = re.compile(r"https?://[^/?#@\s]+(/[^?#\s]*)?")
_ANSWER_BOUNDS = ("max_completion_tokens", "max_tokens")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens that a model reads, and for a million that it writes."""

    input: Decimal
    output: Decimal

    def dollars(self, input_tokens: int, output_tokens: int) -> Decimal:
        return (self.input * input_tokens + self.output * output_tokens) / _MILLION


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that all calls of a period may use."""

    tokens: int
    dollars: Decimal


@dataclass(frozen=True, slots=True)
class AssistantTerms:
    """An OpenAI-compatible endpoint and what may be spent there. `secret` names the secret whose `key` opens it.

    `cheaper_model` is asked instead of `model` near the limits. `answer_bound` is the word by which the endpoint is
    told how long an answer may be.
    """

    url: str
    secret: str
    model: str
    prices: Mapping[str, Price]
    cheaper_model: str | None = None
    answer_bound: str = _ANSWER_BOUNDS[0]
    daily: Budget = field(default_factory=lambda: Budget(100_000, Decimal(10)))
    monthly: Budget = field(default_factory=lambda: Budget(3_000_000, Decimal(300)))

    @property
    def models(self) -> tuple[str, ...]:
        """The models in the order in which they are preferred."""
        return (self.model,) if self.cheaper_model is None else (self.model, self.cheaper_model)


def read_terms(environment: Mapping[str, str], faults: list[str]) -> AssistantTerms | None:
    """The terms, or None where the assistant is off. Adds to `faults` what is wrong with a variable."""
    url = environment.get("NETWORX_ASSISTANT_URL", "").rstrip("/")
    secret = environment.get("NETWORX_ASSISTANT_SECRET", "")
    model = environment.get("NETWORX_ASSISTANT_MODEL", "")
    prices = _prices(environment.get("NETWORX_ASSISTANT_PRICES", ""), faults)
    cheaper = environment.get("NETWORX_ASSISTANT_CHEAPER_MODEL") or None
    bound = environment.get("NETWORX_ASSISTANT_ANSWER_BOUND", _ANSWER_BOUNDS[0])
    falls_back = _flag("OPENAI_ENABLE_FALLBACK", environment.get("OPENAI_ENABLE_FALLBACK", "true"), faults)
    daily = _budget("DAILY", environment, "100000", "10", faults)
    monthly = _budget("MONTHLY", environment, "3000000", "300", faults)
    if not any((url, secret, model, prices, cheaper)):
        return None
    stated = {"URL": url, "SECRET": secret, "MODEL": model, "PRICES": prices}
    faults += [
        f"NETWORX_ASSISTANT_{name} is not set, but others of NETWORX_ASSISTANT_* are"
        for name, value in stated.items()
        if not value
    ]
    if url and _ADDRESS.fullmatch(url) is None:
        faults.append(f"NETWORX_ASSISTANT_URL is no address of http or https: {url}")
    if bound not in _ANSWER_BOUNDS:
        faults.append(f"NETWORX_ASSISTANT_ANSWER_BOUND is none of {', '.join(_ANSWER_BOUNDS)}: {bound}")
    for name in (model, cheaper):
        if name and prices and name not in prices:
            faults.append(f"NETWORX_ASSISTANT_PRICES has no price of {name}; without one it is not asked")
    if cheaper is not None and {model, cheaper} <= prices.keys() and not _is_cheaper(prices[cheaper], prices[model]):
        faults.append(f"NETWORX_ASSISTANT_CHEAPER_MODEL costs more than {model}: {cheaper}")
    return AssistantTerms(
        url=url,
        secret=secret,
        model=model,
        prices=prices,
        cheaper_model=cheaper if falls_back else None,
        answer_bound=bound,
        daily=daily,
        monthly=monthly,
    )


def _is_cheaper(one: Price, other: Price) -> bool:
    return one.input <= other.input and one.output <= other.output


def _prices(text: str, faults: list[str]) -> Mapping[str, Price]:
    name = "NETWORX_ASSISTANT_PRICES"
    try:
        stated = json.loads(text, parse_float=Decimal) if text else {}
    except ValueError as fault:
        faults.append(f"{name} is no JSON: {fault}")
        return MappingProxyType({})
    prices: dict[str, Price] = {}
    for model, of in stated.items() if isinstance(stated, dict) else [("", stated)]:
        amounts = [_amount(of.get(side)) for side in ("input", "output")] if isinstance(of, dict) else [None]
        if not model or None in amounts or set(of) != {"input", "output"}:
            faults.append(
                f'{name} gives each model its dollars for a million tokens, as {{"MODEL": {{"input": "0.15", '
                f'"output": "0.60"}}}}: {str(model)[:60]}'
            )
        else:
            prices[model] = Price(*[amount for amount in amounts if amount is not None])
    return MappingProxyType(prices)


def _budget(
    period: str, environment: Mapping[str, str], usual_tokens: str, usual_dollars: str, faults: list[str]
) -> Budget:
    names = (f"OPENAI_{period}_TOKEN_LIMIT", f"OPENAI_{period}_COST_LIMIT")
    tokens, dollars = environment.get(names[0], usual_tokens), environment.get(names[1], usual_dollars)
    if not (tokens.isascii() and tokens.isdecimal() and len(tokens) <= 15):
        faults.append(f"{names[0]} is no whole number of tokens: {tokens}")
        tokens = usual_tokens
    amount = _amount(dollars)
    if amount is None:
        faults.append(f"{names[1]} is no amount of dollars: {dollars}")
    return Budget(int(tokens), Decimal(usual_dollars) if amount is None else amount)


def _amount(stated: object) -> Decimal | None:
    """Dollars, 0 or more, to the millionth of a millionth at most; None for anything else."""
    if isinstance(stated, bool) or not isinstance(stated, str | int | Decimal):
        return None
    try:
        amount = Decimal(stated)
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount <= Decimal(10) ** 9:
        return None
    exponent = amount.normalize().as_tuple().exponent
    return amount if isinstance(exponent, int) and exponent >= -12 else None


def _flag(name: str, text: str, faults: list[str]) -> bool:
    if text.lower() not in {*_YES, *_NO}:
        faults.append(f"{name} is neither true nor false: {text}")
    return text.lower() in _YES
