"""The side of the confined child: prices today's network, to be set beside what was paid.

request["instance"] is the file of a network and its parameters (`solve_child.write_instance`), request["flows"] how
today's flows are told, request["plans"] a folder for the plan, and request["stop"], where it is given, a file that asks
to stop by being there.

{"progress": {...}}     as domain.plan.Progress: the pricing begins
{"baseline": {...}}     the last
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from networx.domain.plan import Progress
from networx.models.baseline import price_today
from networx.work.on_time import asked_to_stop
from networx.work.solve_child import PRICING_TODAY, described_baseline, read_instance


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Price it. Raises nothing for data: what cannot be priced says why."""
    tables, parameters = read_instance(Path(request["instance"]))
    send({"progress": Progress(PRICING_TODAY).as_dict()})
    stop = asked_to_stop(request.get("stop"))
    baseline = price_today(tables, parameters, request["flows"], stop)
    send({"baseline": described_baseline(baseline, Path(request["plans"]))})
