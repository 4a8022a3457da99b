"""`python -m bench.solver.limits`: how far beyond its time limit a scenario of 100 x 1,000 answers, by HiGHS.

The solving process is the product's own, ended by its parent. Beyond is counted on the clock, for it is a client who
waits: from the process's first word (building counts) to its end. The certificate comes after, and is told beside it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bench.solver import drawn
from bench.solver.networks import one_year
from networx.domain.network import NetworkTables
from networx.domain.parameters import HIGHS, TransportParameters
from networx.domain.plan import Outcome
from networx.resilience.confine import Child, Confinement
from networx.verify.transport import certify
from networx.work.on_time import OnTime
from networx.work.solve_child import write_instance
from networx.work.transport_run import TransportRun

SITES, CUSTOMERS, SEED = 100, 1000, 2
CONFINEMENT = Confinement("networx.work.solve_child:run", memory_mib=3_500)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.solver.limits", description=__doc__)
    parser.add_argument("--limits", nargs="+", type=float, default=[5.0, 20.0, 60.0], help="seconds")
    given = parser.parse_args()
    tables = one_year(drawn.capacitated(SITES, CUSTOMERS, seed=SEED, ratio=5.0))
    print(f"{'sourcing':9} {'limit':>6} {'beyond':>7} {'ended by':15} {'status':12} {'gap':>8} {'certificate':>11}")
    for single in (False, True):
        stated = TransportParameters(single_sourcing=single, lease_years=1, engine=HIGHS)
        for limit in given.limits:
            outcome, ended_by, seconds = _solved(tables, replace(stated, time_limit_seconds=limit))
            began = time.monotonic()
            _certify(tables, stated, outcome)
            print(
                f"{'single' if single else 'split':9} {limit:6g} {seconds - limit:7.2f} {ended_by or 'itself':15} "
                f"{outcome.status.value:12} {'' if outcome.gap is None else format(outcome.gap, '.2%'):>8} "
                f"{time.monotonic() - began:11.2f}",
                flush=True,
            )


def _solved(tables: NetworkTables, stated: TransportParameters) -> tuple[Outcome, str | None, float]:
    """The outcome, what ended its process, and the seconds from the process's first word to its end."""
    with tempfile.TemporaryDirectory() as scratch:
        plans, instance = Path(scratch) / "plans", Path(scratch) / "instance"
        plans.mkdir()
        write_instance(instance, tables, stated)
        on_time = OnTime(stated.time_limit_seconds, lambda: False, most=timedelta(hours=1))
        run = TransportRun(plans, on_time, lambda _: None)
        outcome = run.outcome(Child(CONFINEMENT), {"instance": str(instance), "plans": str(plans), "start": None})
        return outcome, on_time.ended_by, on_time.seconds


def _certify(tables: NetworkTables, stated: TransportParameters, outcome: Outcome) -> None:
    if outcome.plan is None or outcome.objective is None:
        return
    certificate = certify(
        tables,
        stated,
        outcome.plan,
        objective=outcome.objective,
        bound=outcome.bound,
        gap=outcome.gap,
        status=outcome.status,
        bound_source=outcome.bound_source,
        dataset_sha256=tables.sha256(),
    )
    if not certificate.valid:
        raise SystemExit(f"refused: {[check.name for check in certificate.checks if not check.passed]}")


if __name__ == "__main__":
    main()
