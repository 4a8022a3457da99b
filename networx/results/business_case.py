"""The business case of a plan: cash flow by year against today's network, and each year's profit and loss beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from networx.domain.network import NetworkTables
from networx.results.cash_flow import payback, present_value, return_on

LINES = (
    *("transport_cost", "inbound_cost", "fixed_cost", "handling_cost", "expansion_cost", "one_time_cost", "total_cost"),
)


def business_case(
    tables: NetworkTables,
    today: Sequence[Mapping[str, Any]],
    planned: Sequence[Mapping[str, Any]],
    discount_rate: float | None,
) -> dict[str, Any]:
    """Dollars by year; `why` says what stands in the way, and then there is no cash flow.

    `today` and `planned` are the years of the baseline and of the plan, the same ones.
    """
    known = [_profit_and_loss(now, then) for now, then in zip(today, planned, strict=True)]
    why = _unusable_years(tables, [year["year"] for year in planned])
    if why is not None:
        return _case(why, known, [], None, discount_rate)
    once = tables.one_time_costs
    by_year: dict[int, list[float]] = {}
    for year, amount in zip(once.year.tolist(), once.amount.tolist(), strict=True):
        by_year.setdefault(year, []).append(amount)
    compared = {now["year"]: (now, then) for now, then in zip(today, planned, strict=True)}
    years = [
        _cash(year, compared.get(year), math.fsum(by_year.get(year, ())))
        for year in range(min([*by_year, *compared]), max(compared) + 1)
    ]
    return _case(None, known, years, once, discount_rate)


def _unusable_years(tables: NetworkTables, planned: Sequence[int]) -> str | None:
    years = tables.one_time_costs.year.tolist()
    if years and not len(tables.demand) and not len(tables.forecast):
        return "OneTimeCosts names years, and the plan has none: state Forecast."
    late = [year for year in years if year > max(planned)]
    return f"OneTimeCosts has {max(late)}, after the last year {max(planned)} of the plan." if late else None


def _cash(year: int, compared: tuple[Mapping[str, Any], Mapping[str, Any]] | None, once: float) -> dict[str, Any]:
    """`operating_saving` leaves out what the plan costs once in the year, which is in `one_time` with OneTimeCosts."""
    change = 0.0 if compared is None else compared[1]["one_time_cost"] - compared[0]["one_time_cost"]
    saving = 0.0 if compared is None else compared[0]["total_cost"] - compared[1]["total_cost"] + change
    return {
        "year": year,
        "operating_saving": saving,
        "opening_and_closing": change,
        "one_time_costs": once,
        "cash_flow": saving - change - once,
    }


def _case(
    why: str | None,
    known: list[dict[str, Any]],
    years: list[dict[str, Any]],
    once: Any,
    discount_rate: float | None,
) -> dict[str, Any]:
    flows = [year["cash_flow"] for year in years]
    total = 0.0
    for year in years:
        total += year["cash_flow"]
        year["cumulative"] = total
    investment = math.fsum(year["opening_and_closing"] + year["one_time_costs"] for year in years)
    npv = present_value(flows, discount_rate) if years and discount_rate is not None else None
    return {
        "known": why is None,
        "why": why,
        "years": years,
        "one_time_costs": [] if once is None else _stated(once),
        "investment": investment if years else None,
        "total_cash_flow": math.fsum(flows) if years else None,
        "discount_rate": discount_rate,
        "npv": npv,
        "npv_why": None if npv is not None else why or "discount_rate is not stated.",
        "discounted_to": years[0]["year"] if years else None,
        "payback_years": payback(flows) if years else None,
        "roi": return_on([year["operating_saving"] for year in years], investment) if years else None,
        "profit_and_loss": known,
    }


def _stated(once: Any) -> list[dict[str, Any]]:
    rows = zip(once.year.tolist(), once.line, once.amount.tolist(), strict=True)
    return [{"year": year, "line": line, "amount": amount} for year, line, amount in rows]


def _profit_and_loss(now: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        {"line": name, "baseline": now[name], "scenario": then[name], "saving": now[name] - then[name]}
        for name in LINES
    ]
    return {"year": now["year"], "lines": lines}
