"""The result object of a plan of stock: what result.json holds and every presentation reads.

Every figure is that of the checked plan, in full precision. There is nothing to choose: the figures follow from who
serves whom and the parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from networx.domain.inventory import InventoryOutcome, Stock
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.network import NetworkTables
from networx.domain.plan import CLOSED_FORM, Certificate, ResultStatus
from networx.results.kpis import SCHEMA, plain, ratio
from networx.results.storage_wording import inventory_headline, inventory_verdict
from networx.results.warehouse import stated_values

ENGINE = "closed form"
_SUMMED = ("annual_units", "safety", "unpooled_safety", "cycle", "average", "holding_cost")


def inventory_result(
    tables: NetworkTables,
    parameters: Mapping[int, InventoryParameters],
    asked: Mapping[str, str],
    outcome: InventoryOutcome,
    certificate: Certificate,
    *,
    identity: Mapping[str, Any],
    partial: bool = False,
    proof: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result as plain JSON values. `asked` are `assignment` and `compare_with` as the client stated them."""
    stock = stock_figures(tables, outcome)
    result = {
        "schema": SCHEMA,
        "type": "inventory",
        **identity,
        "status": ResultStatus.OPTIMAL.value,
        "objective": outcome.objective,
        "bound": outcome.objective,
        "gap": 0.0,
        "bound_source": CLOSED_FORM,
        "engine": ENGINE,
        "seconds": outcome.seconds,
        "partial": partial,
        "certificate": plain(certificate.as_dict()),
        "parameters": {
            **{name: {"value": value, "unit": "", "source": "given"} for name, value in asked.items()},
            **stock_parameters(tables, parameters),
        },
        "kpis": stock_kpis(stock),
        "years": [{"year": year["year"], "inventory_cost": year["holding_cost"]} for year in stock["years"]],
        "stock": stock,
        "notes": [],
        "infeasibility": None,
        "proof": proof,
    }
    return result | {"headline": inventory_headline(result), "verdict": inventory_verdict(result)}


def stock_parameters(tables: NetworkTables, parameters: Mapping[int, InventoryParameters]) -> dict[str, Any]:
    """What was given, once where it is the same for all facilities that serve, else a facility each."""
    every = {site: stated_values(own) for site, own in parameters.items()}
    stated: dict[str, Any] = {}
    for name in dict.fromkeys(name for own in every.values() for name in own):
        if name in {"assignment", "compare_with"}:
            continue
        values = {site: own[name] for site, own in every.items() if name in own}
        first = next(iter(values.values()))
        if all(value == first for value in values.values()):
            stated[name] = first
        else:
            stated |= {f"{name} of {tables.facilities.name[site]}": value for site, value in values.items()}
    return stated


def stock_figures(tables: NetworkTables, outcome: InventoryOutcome) -> dict[str, Any]:
    """The stock of each year, and of each facility in each year; `compared` is the same of another assignment."""
    return {
        "years": _years(outcome.years, outcome.stocks),
        "facilities": [_row(tables, outcome.years, stock) for stock in outcome.stocks],
        "compared": None
        if outcome.compared is None
        else {
            "years": _years(outcome.years, outcome.compared),
            "facilities": [_row(tables, outcome.years, stock) for stock in outcome.compared],
        },
    }


def stock_kpis(stock: Mapping[str, Any]) -> dict[str, Any]:
    """The figures over all years. Stock of several years is a mean over them, cost is their sum."""
    years = stock["years"]
    kpis = {
        "inventory_cost": sum(year["holding_cost"] for year in years),
        "average_stock": _mean(years, "average"),
        "safety_stock": _mean(years, "safety"),
        "cycle_stock": _mean(years, "cycle"),
        "unpooled_safety_stock": _mean(years, "unpooled_safety"),
        "saved_by_pooling": _mean(years, "unpooled_safety") - _mean(years, "safety"),
        "compared_average_stock": None,
        "compared_inventory_cost": None,
    }
    if stock["compared"] is not None:
        compared = stock["compared"]["years"]
        kpis["compared_average_stock"] = _mean(compared, "average")
        kpis["compared_inventory_cost"] = sum(year["holding_cost"] for year in compared)
    return kpis


def _mean(years: Sequence[Mapping[str, Any]], name: str) -> float:
    return ratio(sum(year[name] for year in years), len(years)) or 0.0


def _years(years: Sequence[int], stocks: Sequence[Stock]) -> list[dict[str, Any]]:
    return [
        {
            "year": label,
            "facilities": sum(stock.year == at for stock in stocks),
            **{name: sum(getattr(stock, name) for stock in stocks if stock.year == at) for name in _SUMMED},
        }
        for at, label in enumerate(years)
    ]


def _row(tables: NetworkTables, years: Sequence[int], stock: Stock) -> dict[str, Any]:
    figures = {name: getattr(stock, name) for name in stock.__dataclass_fields__}
    return {
        **figures,
        "year": years[stock.year],
        "facility": tables.facilities.name[stock.facility],
        "average": stock.average,
    }
