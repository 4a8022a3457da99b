"""Miles exactly on a limit or the edge of a band: model, certificate and result read them alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from networx.domain.measures import read_miles
from networx.domain.network import NetworkTables, Rates
from networx.domain.parameters import TransportParameters
from networx.domain.plan import ResultStatus
from networx.models.transport import solve_transport
from networx.models.transport.distance import road_miles
from networx.results.service import asked_by_year
from networx.verify.miles import millionths
from networx.verify.transport.lanes import miles_between
from tests.core.models.lane_networks import with_lanes
from tests.core.models.small_networks import network, parameters
from tests.core.models.test_transport_plans import assert_certified

CIRCUITY = 1.17
PLACES = np.random.default_rng(20261122).uniform((25, -124), (49, -67), size=(2, 2_000, 2))


def both_ways(given: TransportParameters) -> tuple[np.ndarray, np.ndarray]:
    """The miles of the same pairs as the model and as the certificate compute them."""
    (north, west), (other_north, other_west) = PLACES[0].T, PLACES[1].T
    sites = [("S", 1, 1, "candidate", *place) for place in PLACES[0]]
    ends = [("D", 1, *place) for place in PLACES[1]]
    pair = np.arange(len(sites))
    assert given.circuity is not None
    return (
        road_miles(network(sites, ends), pair, pair, given.circuity),
        miles_between(north, west, other_north, other_west, given),
    )


MODEL, CERTIFICATE = both_ways(TransportParameters(circuity=CIRCUITY))


@pytest.mark.parametrize(
    "edge", [MODEL, CERTIFICATE, np.nextafter(MODEL, 0), np.nextafter(CERTIFICATE, np.inf)], ids=list("abcd")
)
def test_what_stands_on_an_edge_does_so_by_either_formula(edge: np.ndarray) -> None:
    assert (MODEL != CERTIFICATE).mean() > 0.3
    for miles in (MODEL, CERTIFICATE):
        assert (read_miles(miles) == read_miles(edge)).all()
        assert (millionths(miles) == millionths(edge)).all()


def pair(at: int) -> NetworkTables:
    """One facility and one destination, at the places of this pair."""
    return network([("S", 10, 1, "candidate", *PLACES[0, at])], [("D", 4, *PLACES[1, at])])


SHORTER, LONGER = int(np.argmin(CERTIFICATE - MODEL)), int(np.argmax(CERTIFICATE - MODEL))


@pytest.mark.parametrize("at", [SHORTER, LONGER], ids=["shorter", "longer"])
@pytest.mark.parametrize("of", [MODEL, CERTIFICATE], ids=["model", "certificate"])
def test_a_destination_exactly_at_the_limit_is_served_within_it(at: int, of: np.ndarray) -> None:
    given = parameters(cost_per_unit_mile=0.01, circuity=CIRCUITY, service_level=1.0, max_distance_miles=float(of[at]))
    outcome = solve_transport(pair(at), given)
    assert outcome.status is ResultStatus.OPTIMAL
    assert_certified(pair(at), given, outcome)
    (asked,) = asked_by_year(pair(at), given, (1,))
    assert asked.share(np.ones(1), of[[at]], np.full(1, np.nan)) == 1.0


@pytest.mark.parametrize("at", [SHORTER, LONGER], ids=["shorter", "longer"])
@pytest.mark.parametrize("of", [MODEL, CERTIFICATE], ids=["model", "certificate"])
def test_miles_on_the_edge_of_two_bands_are_in_the_further_one(at: int, of: np.ndarray) -> None:
    edge = float(of[at])
    tables = with_lanes(pair(at), [{"at": (0, 0), "mode": "truck"}])
    bands = Rates(
        mode=("truck", "truck"),
        basis=("unit", "unit"),
        rate=np.array([1.0, 2.0]),
        distance_from=np.array([0.0, edge]),
        distance_to=np.array([edge, np.nan]),
    )
    given = parameters(circuity=CIRCUITY)
    outcome = solve_transport(replace(tables, rates=bands), given)
    assert outcome.objective == pytest.approx(1 + 4 * 2.0)
    assert_certified(replace(tables, rates=bands), given, outcome)


def test_a_mile_beyond_the_limit_is_beyond_it() -> None:
    given = parameters(cost_per_unit_mile=0.01, circuity=CIRCUITY, service_level=1.0, max_distance_miles=MODEL[0] - 1)
    assert solve_transport(pair(0), given).status is ResultStatus.INFEASIBLE
    assert (read_miles(MODEL + 2e-6) > read_miles(CERTIFICATE)).all()
    assert (millionths(MODEL + 2e-6) > millionths(CERTIFICATE)).all()
