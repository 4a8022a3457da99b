"""Metrics: exactly the embedded metric format, and exactly the metrics of the topology."""

from __future__ import annotations

import ast
import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from networx.blueprint import Metric
from networx.observability import metrics
from networx.topology import METRICS_NAMESPACE, TOPOLOGY

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("metric", TOPOLOGY.metrics, ids=lambda metric: metric.name)
def test_a_metric_is_one_line_of_the_embedded_format(metric: Metric):
    written = io.StringIO()
    dimensions = {name: f"a {name}" for name in metric.dimensions}
    began = time.time() * 1000
    metrics.emit(metric.name, 2.5, stream=written, **dimensions)
    text = written.getvalue()
    assert text.endswith("\n")
    assert text.count("\n") == 1
    line = json.loads(text)
    directive = line.pop("_aws")
    assert began - 1 <= directive.pop("Timestamp") <= time.time() * 1000
    assert directive == {
        "CloudWatchMetrics": [
            {
                "Namespace": METRICS_NAMESPACE,
                "Dimensions": [list(metric.dimensions), []] if metric.dimensions else [[]],
                "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
            }
        ]
    }
    assert line == {**dimensions, metric.name: 2.5}


# What CloudWatch takes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
UNITS = {"Seconds", "Milliseconds", "Microseconds", "Bytes", "Kilobytes", "Megabytes", "Percent", "Count", "None"}


def test_units_and_dimensions_are_such_as_cloudwatch_takes():
    for metric in TOPOLOGY.metrics:
        assert metric.unit in UNITS
        assert len(metric.dimensions) <= 30


@pytest.mark.parametrize(
    ("name", "dimensions"),
    [
        ("JobFailure", {}),
        ("JobFailures", {}),
        ("JobFailures", {"JobType": "transport"}),
        ("MemoryUsage", {"Process": "web"}),
    ],
)
def test_what_the_topology_lacks_is_refused(name: str, dimensions: dict[str, str]):
    with pytest.raises(LookupError, match=name):
        metrics.embedded(name, 1, **dimensions)


def test_metrics_go_to_stdout(capsys):
    metrics.emit("MemoryUsage", 100)
    assert json.loads(capsys.readouterr().out)["MemoryUsage"] == 100


def test_a_stream_that_is_closed_or_broken_loses_the_value_and_breaks_nothing():
    closed = io.StringIO()
    closed.close()
    metrics.emit("MemoryUsage", 100, stream=closed)
    reader, writer = os.pipe()
    os.close(reader)
    broken = os.fdopen(writer, "w")
    metrics.emit("MemoryUsage", 100, stream=broken)
    with pytest.raises(BrokenPipeError):
        broken.close()


def emissions() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every call of `metrics.emit` in the product: where, the metric's name and the names of its dimensions."""
    for folder in ("networx", "lambdas", "local", "cli"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "metrics.emit":
                    name = ast.literal_eval(node.args[0])
                    where = f"{file.relative_to(ROOT)}:{node.lineno}"
                    yield where, name, frozenset(keyword.arg or "**" for keyword in node.keywords)


def test_every_call_names_a_metric_of_the_topology_with_its_dimensions():
    known = {metric.name: frozenset(metric.dimensions) for metric in TOPOLOGY.metrics}
    calls = list(emissions())
    assert calls
    assert [call for call in calls if known.get(call[1]) != call[2]] == []


def test_every_metric_of_the_topology_is_emitted_somewhere():
    assert {metric.name for metric in TOPOLOGY.metrics} - {name for _, name, _ in emissions()} == set()
