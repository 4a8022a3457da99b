"""`python -m bench.solver.over_years`: networks over five years that differ, by the engine for them and by HiGHS.

One process, one thread; limits and figures are in processor time. Each answer is checked by the certificate.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial

from bench.solver import published
from bench.solver.networks import on_a_map, orlib_over_years
from bench.table import show
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Outcome, Progress
from networx.models.transport import solve_transport
from networx.verify.transport import certify_outcome

NEVER = 1e6  # seconds; the limit counts processor time, which `stop` looks at
MEBI = 1024


@dataclass(frozen=True, slots=True)
class Case:
    """A network and its parameters; `absent` says why it cannot be built here."""

    name: str
    build: Callable[[], tuple[NetworkTables, TransportParameters]]
    absent: str | None = None


def cases() -> list[Case]:
    absent = published.absent("orlib_cap/cap102.txt")
    return [
        *(
            Case(f"cap102 x 5, leases of {lease}", partial(orlib_over_years, "cap102", lease), absent)
            for lease in (1, 2, 3, 5)
        ),
        Case("26 x 300 x 5, leases of 2", partial(on_a_map, 26, 300, lease=2)),
        Case(
            "26 x 300 x 5, the same with one-time costs, minima, 3 changes",
            partial(on_a_map, 26, 300, lease=2, rules=True),
        ),
        Case(
            "26 x 300 x 5, the same, 80 % within 500 miles",
            partial(on_a_map, 26, 300, lease=2, rules=True, service_level=0.8),
        ),
        Case("30 x 300 x 5, one set, years that differ", partial(on_a_map, 30, 300, lease=5)),
        Case("60 x 600 x 5, leases of 3", partial(on_a_map, 60, 600, lease=3)),
        Case("100 x 1,000 x 5, one set, years that differ", partial(on_a_map, 100, 1000, lease=5)),
        Case("500 x 2,000 x 5, one set, years that differ", partial(on_a_map, 500, 2000, lease=5)),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.solver.over_years", description=__doc__)
    parser.add_argument("--cases", nargs="+", default=["*"], help="names, * and ? allowed")
    parser.add_argument("--engines", nargs="+", default=["years", "highs"])
    parser.add_argument("--seconds", type=float, default=60.0, help="of processor time, for each engine and case")
    parser.add_argument("--gap", type=float, default=1e-6)
    given = parser.parse_args()
    rows: list[tuple[str, ...]] = [("", "engine", "seconds", "cost", "gap", "certificate", "peak MiB so far")]
    for case in cases():
        if not any(fnmatch(case.name, pattern) for pattern in given.cases):
            continue
        if case.absent is not None:
            print(f"{case.name}: skipped, {case.absent}", flush=True)
            continue
        tables, parameters = case.build()
        for engine in given.engines:
            rows.append(_row(case.name, tables, replace(parameters, engine=engine, gap=given.gap), given.seconds))
            print(*rows[-1], sep="  ", flush=True)
    show("Five years that differ", rows)
    return 0


def _row(name: str, tables: NetworkTables, parameters: TransportParameters, seconds: float) -> tuple[str, ...]:
    started = time.process_time()
    parameters = replace(parameters, time_limit_seconds=NEVER)
    outcome = solve_transport(tables, parameters, _nobody, None, lambda: time.process_time() - started > seconds)
    cpu = time.process_time() - started
    cost = "no plan" if outcome.objective is None else f"{outcome.objective:,.0f}"
    gap = "-" if outcome.gap is None else f"{outcome.gap:.1e}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEBI
    return name, outcome.engine, f"{cpu:.1f}", cost, gap, _certified(tables, parameters, outcome), str(peak)


def _nobody(_: Progress) -> None:
    return None


def _certified(tables: NetworkTables, parameters: TransportParameters, outcome: Outcome) -> str:
    if outcome.plan is None or outcome.objective is None:
        return "-"
    started = time.process_time()
    certificate = certify_outcome(tables, parameters, outcome, tables.sha256())
    return f"{outcome.bound_source} {time.process_time() - started:.1f} s" if certificate.valid else "FAILS"


if __name__ == "__main__":
    sys.exit(main())
