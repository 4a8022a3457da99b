"""What is told of a greenfield study: how far a unit travels from the best places, for each number of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from networx.assistant.fact import Fact, Unit, known


def greenfield_facts(result: Mapping[str, Any], most: int) -> Iterator[Fact]:
    """The first `most` numbers of places. A place is a ZIP code, and none is told."""
    yield Fact("candidates", result["candidates"]["count"], Unit.PLACES)
    yield Fact("demand of all years", result["demand_units"], Unit.UNITS)
    for row in result["frontier"][:most]:
        yield Fact(f"best {row['count']} as a number of places", row["count"], Unit.PLACES)
        label = f"average distance of a unit from the best {row['count']} places"
        yield Fact(label, row["weighted_distance_miles"], Unit.MILES)
        yield from known(f"transport cost from the best {row['count']} places", row["transport_cost"], Unit.DOLLARS)
