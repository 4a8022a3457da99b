"""Plain words for plans of space and stock, and of a network with both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from networx.domain.phrases import counted
from networx.domain.plan import ResultStatus
from networx.domain.storage import StatedValues
from networx.results.wording import count, gap_words, money, money_short


def warehouse_headline(result: Mapping[str, Any]) -> str:
    """The answer in a line."""
    kpis = result["kpis"]
    if kpis is None:
        if result["status"] == ResultStatus.INFEASIBLE:
            return "The warehouse cannot be made to suffice"
        return "No plan of the space was found in time"
    added = counted(kpis["buildings_added"], "building") if kpis["buildings_added"] else "no building"
    hired = (
        f"hire up to {count(kpis['most_hired_area'])} square feet" if kpis["most_hired_area"] > 0 else "hire nothing"
    )
    return f"Add {added} and {hired}"


def warehouse_verdict(result: Mapping[str, Any]) -> str:
    """What it says, in a few sentences."""
    return _early(result, f"{warehouse_headline(result)}. {_space(result)}")


def _space(result: Mapping[str, Any]) -> str:
    if result["kpis"] is None:
        if result["status"] == ResultStatus.INFEASIBLE:
            return "What clashes is shown with the nearest values that would work."
        return "Nothing is proven: give it more time."
    cost = money_short(result["objective"])
    if result["status"] == ResultStatus.OPTIMAL:
        return f"The space costs {cost} over all years, and no other plan costs less."
    bound, left = money_short(result["bound"]), gap_words(result["gap"])
    return f"The space costs {cost}. None can cost less than {bound}; {left} is open."


def notes_on(stated: StatedValues) -> tuple[str, ...]:
    """What of the sheet Warehouse is for other scenarios, in a sentence."""
    others = sum(facility is not None for facility in stated.facility)
    if not others:
        return ()
    rows = counted(others, "row")
    said = f"What the sheet Warehouse says of single facilities ({rows}) is for scenarios of type integrated"
    return (f"{said}, and is not read here.",)


def inventory_headline(result: Mapping[str, Any]) -> str:
    """The answer in a line."""
    kpis = result["kpis"]
    cost = money_short(kpis["inventory_cost"])
    return f"{_units(kpis['average_stock'])} in stock on average, {cost} to hold them"


def _units(number: float) -> str:
    shown = count(number)
    return "1 unit" if shown == "1" else f"{shown} units"


def inventory_verdict(result: Mapping[str, Any]) -> str:
    """What it says, in a few sentences."""
    kpis = result["kpis"]
    said = (
        f"{inventory_headline(result)}. Of them {count(kpis['safety_stock'])} are safety stock; were every "
        f"destination served from a stock of its own, it would be {count(kpis['unpooled_safety_stock'])}."
    )
    if kpis["compared_inventory_cost"] is not None:
        less = kpis["compared_inventory_cost"] - kpis["inventory_cost"]
        # What is within a cent of as much is as much.
        much = "as much as" if abs(less) < 0.01 else f"{money_short(abs(less))} {'less' if less > 0 else 'more'} than"
        said += f" That is {much} with the assignment it is compared with."
    return _early(result, said)


def integrated_headline(result: Mapping[str, Any]) -> str:
    """The answer in a line."""
    kpis = result["kpis"]
    if kpis is None:
        if result["warehouses"]:
            return "The warehouses cannot hold what this network sends through them"
        return "There is no network to plan warehouses and stock for"
    opened = counted(kpis["facilities_open"], "facility", "facilities")
    return f"Open {opened}: {money_short(kpis['total_cost'])} with warehouses and stock"


def integrated_verdict(result: Mapping[str, Any]) -> str:
    """What it says, in a few sentences."""
    kpis, steps = result["kpis"], result["steps"]
    if kpis is None:
        tail = "What clashes is shown below. Another network may suffice: nothing is proven of others."
        return _early(result, f"{integrated_headline(result)}. {tail}")
    proven = steps["network"]["status"] == ResultStatus.OPTIMAL
    network = "proven cheapest" if proven else f"within {gap_words(steps['network']['gap'])} of the cheapest"
    parts = (
        f"Transport and facilities cost {money_short(kpis['network_cost'])} ({network}), warehouses "
        f"{money_short(kpis['warehouse_cost'])}, stock {money_short(kpis['inventory_cost'])}. The network is chosen "
        "for transport and facilities alone, and warehouses and stock are planned for it: the sum is not proven to be "
        "the least."
    )
    return _early(result, f"{integrated_headline(result)}. {parts}")


def storage_tiles(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The key figures: what it is, the figure, and what stands small below it."""
    kpis = result["kpis"] or {}
    return [(label, shown(kpis[name]), below) for name, label, shown, below in _TILES if _told(name, kpis)]


def _told(name: str, kpis: Mapping[str, Any]) -> bool:
    return bool(kpis.get(name)) if name in _WHERE_ANY else kpis.get(name) is not None


# What a network's cost has where its data asks for it.
_WHERE_ANY = frozenset({"inbound_cost", "service_penalty_cost"})
_TILES = (
    ("total_cost", "Total cost", money_short, "all years"),
    ("transport_cost", "Transport", money_short, ""),
    ("inbound_cost", "Inbound", money_short, ""),
    ("facility_cost", "Facilities", money_short, ""),
    ("service_penalty_cost", "Missed service", money_short, "units short of the service level, at their price"),
    ("warehouse_cost", "Warehouses", money_short, "own and hired space"),
    ("inventory_cost", "Stock", money_short, "holding it, all years"),
    ("cost_per_unit", "Cost per unit", money, ""),
    ("facilities_open", "Facilities open", count, ""),
    ("largest_gross_area", "Space needed", count, "square feet, in the year that needs most"),
    ("buildings_added", "Buildings added", count, ""),
    ("most_hired_area", "Space hired", count, "square feet, in the year that hires most"),
    ("average_stock", "Average stock", count, "units"),
    ("safety_stock", "Safety stock", count, "units of it"),
    ("saved_by_pooling", "Saved by pooling", count, "units of safety stock"),
    ("compared_average_stock", "Compared with", count, "units on average"),
)


def _early(result: Mapping[str, Any], sentence: str) -> str:
    return f"Stopped early. {sentence}" if result["partial"] else sentence
