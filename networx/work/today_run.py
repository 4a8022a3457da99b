"""Today's network, to set beside what was paid, priced in a confined child ended on time: for worker and terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from networx.domain.business import Baseline
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.models.baseline.today import not_proven, seconds_for_today
from networx.resilience.confine import Child
from networx.work.on_time import OnTime
from networx.work.solve_child import write_instance
from networx.work.transport_run import read_told_baseline


def price_on_time(
    child: Child,
    folder: Path,
    question: tuple[NetworkTables, TransportParameters, str],
    stopped: Callable[[], bool],
    *,
    most: timedelta,
    stop_file: Path | None = None,
) -> Baseline:
    """Today's network as the child prices it, or why it has no price; a child that is late is ended.

    `question` is the network, its parameters, and how today's flows are told; `folder` is scratch space.
    Raises Stopped, what ended the child, and LimitExceeded for its memory.
    """
    tables, parameters, flows = question
    plans, instance = folder / "plans", folder / "instance"
    plans.mkdir()
    write_instance(instance, tables, parameters)
    request = {
        "instance": str(instance),
        "flows": flows,
        "plans": str(plans),
        "stop": None if stop_file is None else str(stop_file),
    }
    seconds = seconds_for_today(parameters)
    on_time = OnTime(seconds, stopped, most=most, stop_file=stop_file)
    told: dict[str, Any] | None = None
    for message in on_time.messages(child, request):
        told = message.get("baseline", told)
    if told is not None:
        return read_told_baseline(told)
    if on_time.ended_by is None:
        raise RuntimeError("the solver's process ended without a baseline")
    return Baseline(flows, why=not_proven(seconds))
