"""The map's numbers: a projection one can check by eye, and labels that stay apart."""

from __future__ import annotations

from typing import Any

from networx.results.charts import cost_chart, peak_utilization
from networx.results.network_map import MAP_HEIGHT, MAP_WIDTH, Site, network_map


def _site(name: str, latitude: float | None, longitude: float | None, is_open: bool = True) -> dict[str, Any]:
    return {"name": name, "latitude": latitude, "longitude": longitude, "open": is_open}


def _placed(*sites: dict[str, Any]) -> dict[str, Site]:
    picture = network_map({"facilities": list(sites)}, [])
    assert picture is not None
    return {site.name: site for site in picture.sites}


def test_the_contiguous_states_lie_as_on_every_map() -> None:
    places = _placed(
        _site("Seattle", 47.6, -122.3), _site("Miami", 25.8, -80.2), _site("Boston", 42.4, -71.1), _site("LA", 34, -118)
    )
    # The cone leans Seattle inwards, so that Los Angeles, though further east, lies further left.
    assert places["LA"].x < places["Seattle"].x < places["Miami"].x < places["Boston"].x
    assert places["Seattle"].y < places["Boston"].y < places["LA"].y < places["Miami"].y
    assert all(0 < site.x < MAP_WIDTH and 0 < site.y < MAP_HEIGHT for site in places.values())


def test_state_borders_are_drawn_only_where_they_are() -> None:
    home = network_map({"facilities": [_site("Dallas", 32.8, -96.8)]}, [])
    away = network_map({"facilities": [_site("Dallas", 32.8, -96.8), _site("Berlin", 52.5, 13.4)]}, [])
    assert home is not None
    assert away is not None
    assert home.land.startswith("M")
    assert (away.land, away.source) == ("", "")


def test_without_any_known_place_there_is_no_map() -> None:
    assert network_map({"facilities": [_site("Somewhere", None, None)]}, []) is None


def test_labels_of_neighbours_do_not_lie_on_one_another() -> None:
    places = _placed(
        _site("Philadelphia", 39.95, -75.16), _site("Camden", 39.94, -75.0), _site("Closed", 40, -75, False)
    )
    first, second = places["Philadelphia"], places["Camden"]
    assert (first.label_x, first.anchor) != (second.label_x, second.anchor)
    assert abs(first.label_y - second.label_y) >= 12 or first.anchor != second.anchor


def test_cost_bars_stack_to_the_years_total() -> None:
    chart = cost_chart([{"year": 2026, "total_cost": 90.0, "facility_cost": 30.0, "transport_cost": 60.0}])
    fixed, transport = chart.bars[0].parts
    assert transport[3] == 2 * fixed[3]
    assert transport[1] + transport[3] == fixed[1]
    assert [dollars for _, dollars in chart.ticks] == [0, 20, 40, 60, 80, 100]


def test_the_fullest_facility_comes_first_and_those_without_a_limit_last(result: dict[str, Any]) -> None:
    loads = peak_utilization(result["facilities"])
    assert [(row["name"][:5], row["year"], row["utilization"]) for row in loads] == [
        ("North", 2027, 1.0),
        ("=SUM(", 2027, 0.5),
    ]
