"""Every engine is stopped in every phase, and answers at its limit with the best plan and bound it has.

What it took is recorded with the tests, and judged where the clock is asked for (`make chaos`, and CHAOS_JOBS=1 here).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import BENDERS, HIGHS, LAGRANGIAN, TransportParameters
from networx.domain.plan import ResultStatus
from networx.models.transport import solve_transport
from networx.resilience.confine import Child, Confinement, Stopped
from networx.work.solve_child import write_instance
from tests.chaos.clocks import BY_THE_CLOCK
from tests.core.models.small_networks import UNLIMITED, network, parameters
from tests.core.work.phased_children import PRESOLVE, ROOT, TREE

MEMORY_MIB = 1500
PATIENCE = timedelta(seconds=120)
STOP_SECONDS = 1.0
OVER_LIMIT_SECONDS = 2.0
LIMIT_SECONDS = 1.0


def far_from_whole(sites: int, customers: int, seed: int = 3) -> NetworkTables:
    """No capacities, and costs drawn by lot: the linear program opens parts of sites, and the tree is large."""
    lots = np.random.default_rng(seed)
    return network(
        [(f"S{site}", UNLIMITED, 3000.0) for site in range(sites)],
        [(f"C{customer}", 1.0) for customer in range(customers)],
        [(i, j, float(lots.integers(1, 1000))) for i in range(sites) for j in range(customers)],
    )


def tight(sites: int, customers: int, seed: int = 3) -> NetworkTables:
    """Capacities of twice the demand, in a plane: proofs are long."""
    lots = np.random.default_rng(seed)
    demand = lots.integers(5, 36, customers).astype(float)
    place, door = lots.random((sites, 2)), lots.random((customers, 2))
    cost = 10 * np.linalg.norm(place[:, None] - door[None], axis=2) + lots.random((sites, customers))
    capacity = lots.integers(10, 161, sites).astype(float)
    capacity *= 2 * demand.sum() / capacity.sum()
    return network(
        [(f"S{i}", capacity[i], float(lots.integers(100, 300) + 10 * np.sqrt(capacity[i]))) for i in range(sites)],
        [(f"C{j}", demand[j]) for j in range(customers)],
        [(i, j, float(cost[i, j])) for i in range(sites) for j in range(customers)],
    )


def market_split(rows: int = 5, columns: int = 40, seed: int = 3) -> dict[str, Any]:
    """A model whose linear program says nothing: all of the work is in the tree."""
    lots = np.random.default_rng(seed)
    weight = lots.integers(0, 100, (rows, columns))
    variables: dict[str, Any] = {
        f"x{column}": {f"row{row}": int(weight[row, column]) for row in range(rows)} for column in range(columns)
    }
    for row in range(rows):
        variables[f"over{row}"] = {"miss": 1, f"row{row}": -1}
        variables[f"under{row}"] = {"miss": 1, f"row{row}": 1}
    constraints = {f"row{row}": {"equal": int(weight[row].sum() // 2)} for row in range(rows)}
    binaries = {f"x{column}": 1 for column in range(columns)}
    return {
        "optimize": "miss",
        "opType": "min",
        "constraints": constraints,
        "variables": variables,
        "binaries": binaries,
    }


SCENARIOS: dict[str, tuple[Callable[[], NetworkTables], TransportParameters]] = {
    HIGHS: (partial(tight, 30, 150), parameters(engine=HIGHS, single_sourcing=True)),
    LAGRANGIAN: (partial(tight, 60, 200), parameters(engine=LAGRANGIAN)),
    BENDERS: (partial(far_from_whole, 100, 100), parameters(engine=BENDERS)),
}
PHASES = [
    *((HIGHS, phase) for phase in (PRESOLVE, ROOT)),
    *((LAGRANGIAN, phase) for phase in (ROOT, TREE)),
    *((BENDERS, phase) for phase in (PRESOLVE, ROOT, TREE)),
]


def stopped_in(phase: str, target: str, request: dict[str, Any]) -> float:
    """Stop a child while it is in a phase; the seconds until it was gone."""
    child = Child(Confinement(f"tests.core.work.phased_children:{target}", MEMORY_MIB))
    asked: list[float] = []
    timer = threading.Timer(0.05, lambda: asked.append(time.monotonic()))

    def hear() -> None:
        for message in child.run(request, longest=PATIENCE, stop=lambda: bool(asked)):
            if message.get("phase") == phase:
                timer.start()

    with pytest.raises(Stopped):
        hear()
    assert not child.alive
    return time.monotonic() - asked[0]


@pytest.mark.parametrize(("engine", "phase"), PHASES, ids=[f"{engine}-{phase}" for engine, phase in PHASES])
def test_a_scenario_is_stopped_in_every_phase(tmp_path: Path, record_property, engine: str, phase: str):
    tables, stated = SCENARIOS[engine]
    write_instance(tmp_path / "instance", tables(), stated)
    (tmp_path / "plans").mkdir()
    request = {"instance": str(tmp_path / "instance"), "plans": str(tmp_path / "plans"), "start": None}
    judge(stopped_in(phase, "scenario", request), STOP_SECONDS, record_property)


@pytest.mark.parametrize("phase", [PRESOLVE, TREE])
def test_a_model_of_ones_own_is_stopped_in_every_phase(tmp_path: Path, record_property, phase: str):
    (tmp_path / "model.json").write_bytes(orjson.dumps(market_split()))
    request = {
        "model": str(tmp_path / "model.json"),
        "data": str(tmp_path / "read.npz"),
        "best": str(tmp_path / "best.json"),
    }
    judge(stopped_in(phase, "model", request), STOP_SECONDS, record_property)


@pytest.mark.parametrize("engine", SCENARIOS)
def test_at_its_limit_an_engine_answers_with_its_best_plan_and_bound(record_property, engine: str):
    stated = replace(SCENARIOS[engine][1], time_limit_seconds=LIMIT_SECONDS, gap=0.0)
    # Of HiGHS a smaller one: it has a plan early enough on a slow machine, too.
    tables = tight(20, 80) if engine == HIGHS else SCENARIOS[engine][0]()
    began = time.monotonic()
    outcome = solve_transport(tables, stated)
    assert outcome.status in {ResultStatus.FEASIBLE, ResultStatus.OPTIMAL}
    assert outcome.plan is not None
    assert outcome.bound is not None
    assert outcome.objective is not None
    assert 0 <= outcome.bound <= outcome.objective
    judge(time.monotonic() - began - LIMIT_SECONDS, OVER_LIMIT_SECONDS, record_property)


def judge(took: float, most: float, record_property: Callable[[str, object], None]) -> None:
    record_property("took_seconds", round(took, 3))
    print(f"took {took:.3f} s")
    assert not BY_THE_CLOCK or took <= most
