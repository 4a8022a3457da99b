"""Small random networks of every kind against enumeration: one loop, whatever rules they hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import ResultStatus
from networx.models.transport import first_plan, prepare, solve_transport
from networx.models.transport.extract import extract
from networx.models.transport.periods import merged_years
from networx.models.transport.start import Start, values_of
from tests.core.models import test_transport_suppliers as suppliers
from tests.core.models import test_transport_tiers as tiers
from tests.core.models import test_transport_years as years
from tests.core.models.lane_networks import PlainLanes, random_lane_case
from tests.core.models.test_transport_plans import assert_certified
from tests.core.random_problems import seeds

Case = tuple[NetworkTables, TransportParameters]


class Kind(NamedTuple):
    """Random networks by seed, and the model of them that is enumerated. `begun` are tried from a first plan too."""

    case: Callable[[int], Case]
    model: Callable[[NetworkTables, TransportParameters], Any]
    seeds: Sequence[int]
    begun: int = 0


KINDS = {
    "years": Kind(years.random_case, years.Plainly, [*range(160), 246]),
    "lanes": Kind(random_lane_case, PlainLanes, seeds(60)),
    "tiers": Kind(tiers.random_case, tiers.Growing, tiers.SEEDS, begun=9),
    "suppliers": Kind(suppliers.random_case, suppliers.Supplied, suppliers.SEEDS, begun=6),
}
ALL = [(name, seed) for name, kind in KINDS.items() for seed in kind.seeds]
BEGUN = [(name, seed) for name, kind in KINDS.items() for seed in kind.seeds[: kind.begun]]


def expected_of(name: str, seed: int) -> tuple[NetworkTables, TransportParameters, Any]:
    """The network, and what enumeration says its best plan costs; None where there is none."""
    tables, given = KINDS[name].case(seed)
    least = KINDS[name].model(tables, given).optimum()
    return tables, given, None if least is None else pytest.approx(least, rel=1e-7, abs=1e-6)


@pytest.mark.parametrize(("name", "seed"), ALL)
def test_small_random_networks_agree_with_enumeration(name: str, seed: int) -> None:
    tables, given, expected = expected_of(name, seed)

    outcome = solve_transport(tables, given)

    assert outcome.status is (ResultStatus.INFEASIBLE if expected is None else ResultStatus.OPTIMAL)
    assert outcome.objective == expected
    if outcome.plan is not None and outcome.objective is not None:
        again = solve_transport(tables, given, start=Start(outcome.plan, outcome.objective))
        assert again.objective == expected
        # Put into the model and taken out again, a plan is the same.
        instance = prepare(tables, given)
        periods = merged_years(instance)
        plan, cost = extract(instance, periods, values_of(instance, periods, outcome.plan))
        assert plan.opened.tolist() == outcome.plan.opened.tolist()
        assert plan.tiers.tolist() == outcome.plan.tiers.tolist()
        assert cost == pytest.approx(outcome.objective, rel=1e-9, abs=1e-9)
    assert_certified(tables, given, outcome)


@pytest.mark.parametrize(("name", "seed"), BEGUN)
def test_a_plan_to_begin_with_changes_no_answer(name: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_plan, "FEWEST_COLUMNS", 0)
    tables, given, expected = expected_of(name, seed)
    assert solve_transport(tables, given).objective == expected
