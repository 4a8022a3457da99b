"""The independent check of answers: a right one passes, and each way of tampering with it is refused.

The network is the smallest that has something to tamper with. It is no client's and never stored: two sites, one
place, ten units at two dollars and five dollars for the site, twenty-five in all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from networx.domain.network import (
    Demand,
    Destinations,
    Facilities,
    FacilityYears,
    Forecast,
    Lanes,
    NetworkTables,
)
from networx.domain.parameters import TransportParameters
from networx.domain.plan import SOLVER, ResultStatus, TransportPlan
from networx.readiness.check import Place, Unprotected
from networx.verify.transport import certify

_COST = 25.0


def certificates(_: Place) -> str:
    """A right answer is certified; one with a cost, a flow, a site, a proof or a dataset that is not so is refused."""
    tables, plan = _network(), _plan()
    do = "Stop the workers: a wrong answer could be published. docs/runbook/certificate-failures.md."
    if not _certified(tables, plan):
        raise Unprotected("A right answer was refused", do)
    tampered = {
        "cost": _certified(tables, plan, objective=_COST - 1),
        "flow": _certified(tables, replace(plan, flow_units=np.array([9.0]))),
        "site": _certified(tables, replace(plan, opened=np.array([[False, True]]))),
        "proof": _certified(tables, plan, bound=_COST - 5),
        "dataset": _certified(tables, plan, dataset_sha256="0" * 64),
    }
    passed = [what for what, certified in tampered.items() if certified]
    if passed:
        raise Unprotected(f"An answer was certified whose {' and '.join(passed)} had been changed", do)
    return f"a right answer certified, {len(tampered)} ways of tampering refused"


def _certified(
    tables: NetworkTables,
    plan: TransportPlan,
    *,
    objective: float = _COST,
    bound: float = _COST,
    dataset_sha256: str | None = None,
) -> bool:
    return certify(
        tables,
        TransportParameters(single_sourcing=False, lease_years=1),
        plan,
        objective=objective,
        bound=bound,
        gap=0.0,
        status=ResultStatus.OPTIMAL,
        bound_source=SOLVER,
        dataset_sha256=tables.sha256() if dataset_sha256 is None else dataset_sha256,
    ).valid


def _network() -> NetworkTables:
    nowhere, none = np.full(2, np.nan), np.array([], dtype=np.float64)
    no_codes, no_years = np.array([], dtype=np.int32), np.array([], dtype=np.int64)
    return NetworkTables(
        Facilities(
            name=("one", "two"),
            city=(None, None),
            state=(None, None),
            zip=(None, None),
            latitude=nowhere,
            longitude=nowhere,
            capacity_units=np.array([10.0, 10.0]),
            fixed_cost_per_year=np.array([5.0, 50.0]),
            status=("candidate", "candidate"),
        ),
        Destinations(("place",), (None,), (None,), (None,), nowhere[:1], nowhere[:1], np.array([10.0])),
        Demand(no_codes, no_years, none),
        Forecast(np.array([2026]), np.array([10.0])),
        Lanes(np.array([0, 1], dtype=np.int32), np.zeros(2, dtype=np.int32), np.array([2.0, 2.0]), nowhere),
        FacilityYears(no_codes, no_years, none, none),
    )


def _plan() -> TransportPlan:
    first = np.zeros(1, dtype=np.int32)
    return TransportPlan((2026,), np.array([[True, False]]), first, first, first, np.array([10.0]))
