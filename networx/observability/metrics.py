"""Metrics as CloudWatch embedded metric format: one line of JSON on stdout, which no network fault can hold up.

Each metric is sent with its dimensions and also without them: the alarms watch the aggregate. Names and dimensions
are the topology's; another name is a fault in the code and raises.
"""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import TextIO

import orjson

from networx.blueprint import Metric
from networx.topology import METRICS_NAMESPACE, TOPOLOGY


@cache
def _metric(name: str) -> Metric:
    for metric in TOPOLOGY.metrics:
        if metric.name == name:
            return metric
    raise LookupError(f"{name} is not a metric of the topology")


def embedded(name: str, value: float, **dimensions: str) -> bytes:
    """The line for one value of a metric, in the metric's unit. Raises LookupError for what the topology lacks."""
    metric = _metric(name)
    if dimensions.keys() != set(metric.dimensions):
        raise LookupError(f"{name} has the dimensions {metric.dimensions}, not {tuple(dimensions)}")
    described = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": _description(name)}
    return orjson.dumps({"_aws": described, **dimensions, name: value})


@cache
def _description(name: str) -> orjson.Fragment:
    metric = _metric(name)
    return orjson.Fragment(
        orjson.dumps(
            [
                {
                    "Namespace": METRICS_NAMESPACE,
                    "Dimensions": [list(metric.dimensions), []] if metric.dimensions else [[]],
                    "Metrics": [{"Name": name, "Unit": metric.unit}],
                }
            ]
        )
    )


def emit(name: str, value: float, *, stream: TextIO | None = None, **dimensions: str) -> None:
    """Send one value. A stream that cannot be written to loses the value and breaks nothing."""
    line = embedded(name, value, **dimensions).decode()
    target = stream or sys.stdout
    try:
        target.write(line + "\n")
        target.flush()
    except (OSError, ValueError):  # a closed or full stream must not end the work that is measured
        return
