"""`python -m bench.api`: the platform's web process beside a bare FastAPI that does the same durable work, in one run.

Both use the same PostgreSQL and take turns; each figure is the middle of several rounds. The processor time of the web
process counts: other work on the machine slows everybody's clock and nobody's processor.
"""

from __future__ import annotations

import argparse

from bench.api import compare, sides, streams
from bench.api.compare import ENDPOINTS
from bench.api.sides import Sides
from bench.table import show

WIDTHS = (1, 8, 32)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.api", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=400, help="of one round")
    parser.add_argument("--only", help="the endpoints with this in their names")
    parser.add_argument("--width", type=int, action="append", help="connections at once, instead of 1, 8 and 32")
    parser.add_argument("--streams", type=int, action="append", help="only so many open event streams, for 20 s")
    given = parser.parse_args()
    with sides.running() as both:
        if given.streams:
            _streams(both, given.streams, 20)
        else:
            _endpoints(both, given)


def _streams(both: Sides, numbers: list[int], seconds: float) -> None:
    rows = [("streams", "KB each", "events/s", "delay p50 ms", "p99", "a job meanwhile p50 ms", "p99", "processors")]
    for number in numbers:
        found = streams.measure(both, number, seconds)
        cells = [f"{found.kilobytes:,.0f}", f"{found.events / seconds:,.0f}"]
        cells += [f"{each:,.0f}" for each in (found.delay.p50, found.delay.p99, found.other.p50, found.other.p99)]
        rows.append((f"{number:,}", *cells, f"{found.processors:.2f}"))
    show(f"Open event streams over {streams.JOBS} jobs that report each second, one web process", rows)


def _endpoints(both: Sides, given: argparse.Namespace) -> None:
    for width in given.width or WIDTHS:
        rows = [("", "requests/s", "bare", "p50 ms", "bare", "p99 ms", "bare", "CPU ms", "bare", "CPU is")]
        for endpoint in ENDPOINTS:
            if given.only and given.only not in endpoint.name:
                continue
            ours, bare = compare.measure(both, endpoint, width=width, count=given.requests, rounds=given.rounds)
            cells = [
                f"{figures.middle(figure):,.{digits}f}"
                for figure, digits in (("per_second", 0), ("p50", 1), ("p99", 1), ("cpu_ms", 2))
                for figures in (ours, bare)
            ]
            rows.append((endpoint.name, *cells, f"{ours.middle('cpu_ms') / bare.middle('cpu_ms'):.2f} x"))
        show(f"{width} at once, {given.requests:,} requests, middle of {given.rounds} rounds", rows)


if __name__ == "__main__":
    main()
