"""The side of the confined child: solves one scenario for several numbers of open facilities, one after another.

The instance comes as a file that the parent wrote; what is told of each number stands between these two:

    {"member": 3}       the search of this number begins; its plans are in a folder of its own
    ...                 as `solve_child` tells it, but for the start and the lessons
    {"answered": 3}     all of it has been told

It ends early where the parent asks it to stop: with the answer of the number that it has by then.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from networx.domain.plan import Outcome, Progress
from networx.models.baseline import price_today
from networx.models.transport.sweep import TransportSweep
from networx.work.on_time import asked_to_stop
from networx.work.solve_child import (
    PRICING_TODAY,
    Incumbents,
    describe_outcome,
    described_baseline,
    read_instance,
    telling_without_kernels,
)

Send = Callable[[dict[str, Any]], None]


def plans_of(folder: Path, nodes: int) -> Path:
    """Where the plans of a number are."""
    return folder / str(nodes)


def run(request: dict[str, Any], send: Send) -> None:
    """Solve the instance at request["instance"] for request["numbers"], plans below the folder request["plans"].

    Today's network is priced as request["baseline_flows"] says, unless it is None, beside the first number that has a
    plan. request["stop"] is the path of a file that asks to stop by being there.
    """
    numbers, stop = request["numbers"], asked_to_stop(request["stop"])
    send({"member": numbers[0]})  # reading and preparing count as the first number's time
    tables, parameters = read_instance(Path(request["instance"]))
    sweep = TransportSweep(tables, parameters, least=min(numbers), most=max(numbers))
    flows = request["baseline_flows"]
    for nodes in numbers:
        if nodes != numbers[0]:
            send({"member": nodes})
        folder = plans_of(Path(request["plans"]), nodes)
        folder.mkdir()
        outcome = _solved(sweep, nodes, folder, send, stop)
        send({"outcome": describe_outcome(outcome, folder)})
        if flows is not None and outcome.plan is not None:
            send({"progress": Progress(PRICING_TODAY, None, outcome.objective, outcome.bound).as_dict()})
            today = price_today(tables, parameters, flows, stop)
            send({"baseline": described_baseline(today, folder)})
            flows = None
        send({"answered": nodes})
        if stop():
            return


def _solved(sweep: TransportSweep, nodes: int, folder: Path, send: Send, stop: Callable[[], bool]) -> Outcome:
    incumbents = Incumbents(folder, send)

    tell_without_kernels = telling_without_kernels(send)

    def progress(now: Progress) -> None:
        incumbents.bounded(now.bound)
        send({"progress": now.as_dict()})
        tell_without_kernels()

    return sweep.solve(nodes, progress, incumbents.found, stop, lambda engine: send({"engine": engine}))
