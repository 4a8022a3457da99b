"""What cures demand that has to stay unserved: each cure, done to the data, gives a plan, and a little less gives none.

By hand, and at random: the sentences are read as a client reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np

from networx.domain.network import Facilities, Lanes, NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Clash, ResultStatus
from networx.models.transport import solve_transport
from tests.core.models.lane_networks import with_lanes
from tests.core.models.small_networks import UNLIMITED, expansions, network, parameters, random_network, two_sites
from tests.core.random_problems import seeds

LESS = 0.99
MUST = "mandatory"


def unserved(tables: NetworkTables, stated: TransportParameters) -> Clash | None:
    """The clash that says what stays unserved; None where there is a plan, or a sum or another clash says why not."""
    outcome = solve_transport(tables, stated)
    if outcome.infeasibility is None or outcome.infeasibility.evidence != "elastic_model":
        return None
    found = [clash for clash in outcome.infeasibility.clashes if "cannot be served while" in clash.message]
    return found[0] if found else None


def cured(tables: NetworkTables, stated: TransportParameters, words: str, share: float = 1.0) -> bool | None:
    """Whether there is a plan once this cure is done, its figures times `share`; None for one that has no figure."""
    changed = None
    if words.lower().startswith("enlarge"):
        changed = tables, stated
        for name, units in re.findall(r"(\w+) by ([\d.,]+) units?", words):
            site = tables.facilities.name.index(name)
            changed = enlarged(changed[0], site, share * number(units)), stated
    elif words.lower().startswith("add a facility"):
        changed = with_new(tables, stated, words, share)
    elif words.lower().startswith("give") and share == 1.0:
        names = re.search(r"[Gg]ive (\w+),", words)
        assert names is not None
        changed = with_ways(tables, tables.facilities.name.index(names[1]), places_of(tables, words)), stated
    elif re.match(r"plan for [\d.,]+ ", words) and not len(tables.forecast) and not len(tables.demand):
        less, name = re.findall(r"plan for ([\d.,]+) units? less demand of (\w+)", words)[0]
        places = tables.destinations
        one = np.array(places.name, dtype=object) == name
        cut = replace(places, demand_units=places.demand_units - one * share * number(less))
        changed = replace(tables, destinations=cut), stated
    if changed is None:
        return None
    return solve_transport(*changed).status is ResultStatus.OPTIMAL


def number(said: str) -> float:
    return float(said.replace(",", ""))


def places_of(tables: NetworkTables, words: str) -> list[int]:
    told = re.search(r"lanes?(?: of at most [\d.]+ miles)? to (.*?)(?:, and raise max_facilities.*)?$", words)
    assert told is not None, words
    return [tables.destinations.name.index(name) for name in re.split(r", | and ", told[1])]


def enlarged(tables: NetworkTables, site: int, units: float) -> NetworkTables:
    one = np.arange(len(tables.facilities)) == site
    years = tables.facility_years
    return replace(
        tables,
        facilities=replace(tables.facilities, capacity_units=tables.facilities.capacity_units + one * units),
        facility_years=replace(years, capacity_units=years.capacity_units + (years.facility == site) * units),
    )


def with_ways(tables: NetworkTables, site: int, places: list[int]) -> NetworkTables:
    """Lanes without limit, 1 mile long."""
    rows: dict[str, Any] = {"at": (site, 0), "cost": 1.0, "miles": 1.0}
    added = with_lanes(tables, [rows | {"at": (site, place)} for place in places]).lanes
    kept = ~((tables.lanes.facility == site) & np.isin(tables.lanes.destination, places))
    joined = {}
    for column in fields(Lanes):
        before, more = getattr(tables.lanes, column.name), getattr(added, column.name)
        if isinstance(before, tuple):
            joined[column.name] = (*(value for value, keep in zip(before, kept, strict=True) if keep), *more)
        else:
            joined[column.name] = np.concatenate([before[kept], more])
    return replace(tables, lanes=Lanes(**joined))


def with_new(
    tables: NetworkTables, stated: TransportParameters, words: str, share: float
) -> tuple[NetworkTables, TransportParameters]:
    room = re.search(r"with room for ([\d.,]+) units?", words)
    assert room is not None, words
    sites = tables.facilities
    columns: dict[str, Any] = {}
    new = {"name": "New", "capacity_units": share * number(room[1]), "fixed_cost_per_year": 1.0, "status": MUST}
    for column in fields(Facilities):
        values = getattr(sites, column.name)
        value = new.get(column.name, None if isinstance(values, tuple) else np.nan)
        columns[column.name] = (*values, value) if isinstance(values, tuple) else np.append(values, value)
    told = re.search(r"raise max_facilities to (\d+)", words)
    if told is not None:
        stated = replace(stated, max_facilities=int(told[1]))
    elif stated.max_facilities is not None:
        assert stated.max_facilities > 0
    grown = replace(tables, facilities=Facilities(**columns))
    return with_ways(grown, len(sites), places_of(tables, words)), stated


def cures(clash: Clash) -> Iterator[str]:
    assert clash.cure is not None
    yield from clash.cure.removesuffix(".").split(", or ")


def assert_true(tables: NetworkTables, stated: TransportParameters, clash: Clash) -> int:
    """Each cure is one, and where one year is short and demand may be split a little less is none. How many it did."""
    done = 0
    for words in cures(clash):
        works = cured(tables, stated, words)
        assert works in {True, None}, (words, clash)
        done += works is True
        enlarging = words.lower().startswith("enlarge")
        if enlarging or (not stated.single_sourcing and "short too" not in clash.message):
            assert cured(tables, stated, words, LESS) in {False, None}, (words, clash)
    return done


def told(tables: NetworkTables, stated: TransportParameters) -> tuple[str, str, list[str]]:
    """Requirement, message and cures, each of which was tried."""
    clash = unserved(tables, stated)
    assert clash is not None
    said = list(cures(clash))
    assert assert_true(tables, stated, clash) == len(said)
    return clash.requirement, clash.message, said


ASKED: dict[str, Any] = {"service_level": 0.8, "max_distance_miles": 50.0}


def near_and_far(near: float) -> NetworkTables:
    """South, which is near Elm and holds `near` units of the 100, and North, which is far from it and holds any."""
    return network([("North", UNLIMITED, 0), ("South", near, 0)], [("Elm", 100)], [(0, 0, 2, 300), (1, 0, 1, 9)])


def test_what_a_level_lacks_has_to_come_from_near():
    """South's 40 are all that is near: 40 of the 80 lack, and North has room for any that may come from afar."""
    requirement, message, said = told(near_and_far(40), parameters(**ASKED))
    assert requirement == "capacity"
    assert message == (
        "40 units of 100 units cannot be served while capacities, lanes and service_level 0.8 within 50 miles hold "
        "together, even in the best arrangement found; it leaves short Elm 40 units."
    )
    assert said == [
        "Enlarge South by 40 units",
        "add a facility with room for 40 units and a lane of at most 50 miles to Elm",
    ]


def test_where_no_larger_facility_helps_the_clash_is_that_of_the_level():
    """South is large, and its lane carries 40."""
    lanes = [{"at": (0, 0), "cost": 1.0, "miles": 300.0}, {"at": (1, 0), "cost": 1.0, "miles": 9.0, "most": 40.0}]
    requirement, _, said = told(with_lanes(near_and_far(UNLIMITED), lanes), parameters(**ASKED))
    assert requirement == "service_level"
    assert said == ["Add a facility with room for 40 units and a lane of at most 50 miles to Elm"]


def test_less_demand_is_a_cure_where_the_rest_is_served_near_enough():
    """South alone may be open: 60 lack, and of the 40 that remain without them all are near."""
    _, _, said = told(near_and_far(40), parameters(**ASKED, max_facilities=1))
    assert said == [
        "Enlarge South by 60 units",
        "add a facility with room for 60 units and a lane of at most 50 miles to Elm, and raise max_facilities to 2",
        "plan for 60 units less demand of Elm",
    ]


def test_where_lanes_are_missing_the_facility_with_room_is_named():
    """North alone reaches Elm, South alone Oak, and one may be open: a larger one serves no more."""
    tables = two_sites(lanes=[(0, 0, 1), (1, 1, 1)], forecast=[])
    requirement, _, said = told(tables, parameters(max_facilities=1))
    assert requirement == "capacity"
    assert said == [
        "Give North, which has room for them, a lane to Oak",
        "add a facility with room for 30 units and a lane to Oak, and raise max_facilities to 2",
        "plan for 30 units less demand of Oak",
    ]


def test_whole_destinations_ask_for_what_makes_one_fit():
    """Three of 40 into two of 60: 40 stay unserved, and 20 more in either would hold two of them."""
    lanes = [(i, j, 1) for i in range(2) for j in range(3)]
    tables = network([("A", 60, 1), ("B", 60, 1)], [("X", 40), ("Y", 40), ("Z", 40)], lanes)
    _, _, said = told(tables, parameters(single_sourcing=True))
    assert re.fullmatch(r"Enlarge [AB] by 20 units", said[0])
    assert re.fullmatch(r"add a facility with room for 40 units and a lane to [XYZ]", said[1])


def test_years_that_are_short_are_one_clash_whose_cures_mend_them_all():
    tables = two_sites(
        facilities=[("North", 140, 1), ("South", 60, 1)],
        lanes=[(0, 0, 1), (1, 1, 1)],
        forecast=[(2026, 70), (2027, 140)],
    )
    clash = unserved(tables, parameters(max_facilities=1))
    assert clash is not None
    assert (clash.year, clash.short_by) == (2027, 60)
    assert clash.message.endswith("it leaves short Oak 60 units. 2026 is short too, by no more than that.")
    assert assert_true(tables, parameters(max_facilities=1), clash) == len(list(cures(clash)))


def test_at_random_every_cure_is_one():
    """Networks of random capacities, lanes and levels; those that a sum explains are not looked at."""
    tried = 0
    for seed in seeds(150):
        rng = np.random.default_rng([seed, 91])
        years = int(rng.integers(1, 3))
        tables = random_network(rng, int(rng.integers(2, 5)), int(rng.integers(2, 5)), years)
        stated: dict[str, Any] = {"single_sourcing": bool(rng.random() < 0.3), "lease_years": int(rng.choice([1, 99]))}
        if rng.random() < 0.3:
            rows = [(0, 1, float(rng.integers(1, 9)), 5.0, 0.0), (0, 2, float(rng.integers(1, 9)), 5.0, 9.0)]
            tables = replace(tables, expansions=expansions(rows))
        if rng.random() < 0.7:
            stated |= {"service_level": float(rng.choice([0.5, 0.7, 0.9])), "max_distance_miles": 60.0}
        if rng.random() < 0.5:
            stated["max_facilities"] = int(rng.integers(1, 4))
        clash = unserved(tables, parameters(**stated))
        if clash is not None:
            tried += assert_true(tables, parameters(**stated), clash)
    assert tried > 5
