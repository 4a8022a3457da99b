"""What is seen: an alarm for each part, each heard by somebody, each on a metric that is really sent."""

from __future__ import annotations

import ast
import json
import re
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from local.home import CHECKOUT
from networx.blueprint import Alarm, Part, PartAlarm
from networx.observability.metrics import embedded
from networx.topology import METRICS_NAMESPACE, TOPOLOGY
from stacks.sizes import SIZES
from stacks.stages import Alerts
from stacks.watch import who_hears
from tests.stacks.references import place_of, resource_at
from tests.stacks.synthesis import Assembly

WATCH, COMPUTE = "Watch", "Compute"
EVERY_ALARM = pytest.mark.parametrize("alarm", TOPOLOGY.alarms, ids=lambda alarm: alarm.name)
EVERY_PART_ALARM = pytest.mark.parametrize("alarm", TOPOLOGY.part_alarms, ids=lambda alarm: alarm.name)
SCHEDULES = {function.name: function.schedule for function in TOPOLOGY.functions if function.schedule is not None}
CHORES = {"dead-letter-consumer", "cleanup", "daily-cleanup"}
ORIGINALS = {
    "NetWORX-HighApiLatency",
    "NetWORX-HighQueueDepth",
    "NetWORX-DatabaseConnectionExhaustion",
    "NetWORX-MemoryExhaustion",
    "NetWORX-HighJobFailureRate",
}


def alarm_of(part: Part) -> PartAlarm:
    """The one alarm on parts of this kind."""
    (alarm,) = (alarm for alarm in TOPOLOGY.part_alarms if alarm.part is part)
    return alarm


def alarms(deployed: Assembly) -> dict[str, tuple[str, dict[str, Any]]]:
    """Name -> stack and properties, of every alarm that a person hears of."""
    return {
        properties["AlarmName"]: (stack, properties)
        for stack in (COMPUTE, WATCH)
        for properties in deployed[stack].properties("AWS::CloudWatch::Alarm")
        if "AlarmName" in properties
    }


def alarms_on(deployed: Assembly, alarm: PartAlarm) -> dict[str, tuple[str, dict[str, Any]]]:
    """The alarms that came of one of the topology's, by what comes after its name."""
    pattern = re.compile(re.escape(alarm.name) + r"(?:-(.+))?")
    found = ((pattern.fullmatch(name), stated) for name, stated in alarms(deployed).items())
    return {match[1] or "": stated for match, stated in found if match}


def watched(deployed: Assembly, stated: tuple[str, dict[str, Any]], dimension: str) -> Any:
    """The resource behind an alarm's dimension."""
    stack, properties = stated
    (value,) = (said["Value"] for said in properties["Dimensions"] if said["Name"] == dimension)
    return place_of(deployed, stack, value)


def measured(properties: dict[str, Any]) -> set[tuple[str, str, float]]:
    """Metric, statistic and seconds of what an alarm stands on: one metric, or several in an expression."""
    if "Metrics" not in properties:
        return {(properties["MetricName"], properties["Statistic"], properties["Period"])}
    stats = [query["MetricStat"] for query in properties["Metrics"] if "MetricStat" in query]
    return {(stat["Metric"]["MetricName"], stat["Stat"], stat["Period"]) for stat in stats}


def topic_of(deployed: Assembly, stated: tuple[str, dict[str, Any]]) -> str:
    (action,) = stated[1]["AlarmActions"]
    name = place_of(deployed, stated[0], action)[1]
    return next(topic for topic in TOPOLOGY.topics if f"Alerts{topic.capitalize()}" in name)


def emitted() -> set[str]:
    """Every metric that some module of the core sends, by the call that sends it."""
    calls = (
        node
        for path in (CHECKOUT / "networx").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "metrics.emit"
    )
    return {str(ast.literal_eval(call.args[0])) for call in calls}


def test_the_alarms_that_operators_know_keep_their_names(deployed: Assembly) -> None:
    assert set(alarms(deployed)) >= ORIGINALS


@EVERY_ALARM
def test_an_alarm_of_the_topology_is_as_the_topology_says(deployed: Assembly, alarm: Alarm) -> None:
    stated = alarms(deployed)[alarm.name]
    properties = stated[1]
    assert properties["Threshold"] == alarm.threshold
    assert properties.get("Statistic", properties.get("ExtendedStatistic")) == alarm.statistic
    assert properties["Period"] == alarm.period.total_seconds()
    assert properties["EvaluationPeriods"] == alarm.periods
    assert alarm.runbook in properties["AlarmDescription"]
    assert topic_of(deployed, stated) == ("critical" if alarm.pages else "notice")


@EVERY_ALARM
def test_an_alarm_on_our_metrics_watches_one_that_is_sent_without_dimensions(deployed: Assembly, alarm: Alarm) -> None:
    properties = alarms(deployed)[alarm.name][1]
    assert properties["Namespace"] == METRICS_NAMESPACE
    metric = next(metric for metric in TOPOLOGY.metrics if metric.name == properties["MetricName"])
    line = json.loads(embedded(metric.name, 1, **dict.fromkeys(metric.dimensions, "any")))
    (sent,) = line["_aws"]["CloudWatchMetrics"]
    assert [said["Name"] for said in properties.get("Dimensions", [])] in sent["Dimensions"]
    assert metric.name in emitted()


def test_no_alarm_watches_our_namespace_beside_the_topology(deployed: Assembly) -> None:
    ours = {name for name, (_, said) in alarms(deployed).items() if said.get("Namespace") == METRICS_NAMESPACE}
    assert ours == {alarm.name for alarm in TOPOLOGY.alarms}


@pytest.mark.parametrize(
    ("part", "dead_letters"), [(Part.QUEUE, False), (Part.DEAD_LETTERS, True)], ids=["queue", "dead letters"]
)
def test_every_queue_and_every_dead_letter_queue_has_its_alarm(
    deployed: Assembly, part: Part, dead_letters: bool
) -> None:
    alarm = alarm_of(part)
    made = alarms_on(deployed, alarm)
    seen = {of: watched(deployed, stated, "QueueName") for of, stated in made.items()}
    assert set(seen) == {queue.dead_letter_name if dead_letters else queue.name for queue in TOPOLOGY.queues}
    for queue in TOPOLOGY.queues:
        stem = "".join(word.capitalize() for word in queue.name.removesuffix(".fifo").split("-"))
        of = queue.dead_letter_name if dead_letters else queue.name
        stack, name = seen[of]
        assert stack == "Queues"
        assert name.startswith(stem + ("DeadLetters" if dead_letters else "Queue"))
        assert made[of][1]["Threshold"] == (0 if dead_letters else queue.depth_warning)


def test_every_function_has_its_alarm_and_every_monitor_is_missed(deployed: Assembly) -> None:
    made_here = deployed[COMPUTE].of_type("AWS::Lambda::Function")
    here = {resource["Properties"]["Handler"]: name for name, resource in made_here.items()}
    for part, expected in (
        (Part.FUNCTION, {f.name: here[f.handler] for f in TOPOLOGY.functions if f.handler in here}),
        (Part.SCHEDULE, {f.name: here[f.handler] for f in TOPOLOGY.functions if f.schedule}),
    ):
        alarm = alarm_of(part)
        made = alarms_on(deployed, alarm)
        assert {of: watched(deployed, stated, "FunctionName")[1] for of, stated in made.items()} == expected


@EVERY_PART_ALARM
def test_an_alarm_on_a_part_is_as_the_topology_says(deployed: Assembly, alarm: PartAlarm) -> None:
    made = alarms_on(deployed, alarm)
    assert made
    for of, stated in made.items():
        properties = stated[1]
        seconds = max(alarm.period, SCHEDULES.get(of, alarm.period)).total_seconds()
        assert measured(properties) == {(alarm.metric, alarm.statistic, seconds)}
        assert properties["EvaluationPeriods"] == alarm.periods
        assert properties["TreatMissingData"] == ("breaching" if alarm.below else "notBreaching")
        assert properties["ComparisonOperator"].startswith("Less" if alarm.below else "Greater")
        assert topic_of(deployed, stated) == ("critical" if alarm.pages and of not in CHORES else "notice")


def test_a_monitor_that_is_silent_is_missed_before_two_of_its_ticks_are_over(deployed: Assembly) -> None:
    alarm = alarm_of(Part.SCHEDULE)
    for of, (_, properties) in alarms_on(deployed, alarm).items():
        # No window may lie between two ticks, and CloudWatch looks back over no more than a week.
        window = timedelta(seconds=properties["Period"] * properties["EvaluationPeriods"])
        assert SCHEDULES[of] < window <= max(2 * SCHEDULES[of], timedelta(minutes=10))
        assert window <= timedelta(days=7)


@EVERY_ALARM
def test_an_alarm_on_our_metrics_has_its_page(alarm: Alarm) -> None:
    assert (Path(CHECKOUT) / alarm.runbook).read_text().startswith(f"# {alarm.name}\n")


@EVERY_PART_ALARM
def test_an_alarm_on_a_part_has_its_page(alarm: PartAlarm) -> None:
    assert (Path(CHECKOUT) / alarm.runbook).read_text().startswith(f"# {alarm.name}\n")


def test_every_alarm_says_what_silence_means_what_to_do_and_whom_to_tell(deployed: Assembly) -> None:
    everything = [
        properties
        for template in deployed.templates.values()
        for properties in template.properties("AWS::CloudWatch::Alarm")
    ]
    assert len(everything) > len(TOPOLOGY.alarms) + len(TOPOLOGY.part_alarms)
    for properties in everything:
        assert properties["TreatMissingData"] in ("breaching", "notBreaching")
        assert properties["AlarmActions"]
        assert properties["AlarmDescription"]
    for name, (_, properties) in alarms(deployed).items():
        assert properties["OKActions"], f"{name} must be heard when it is over, too"


# Who hears


def listeners(deployed: Assembly) -> dict[str, set[str]]:
    """Topic -> protocols of its subscriptions."""
    heard: dict[str, set[str]] = {topic: set() for topic in TOPOLOGY.topics}
    for stack in (COMPUTE, WATCH):
        for properties in deployed[stack].properties("AWS::SNS::Subscription"):
            name = place_of(deployed, stack, properties["TopicArn"])[1]
            topic = next(topic for topic in TOPOLOGY.topics if f"Alerts{topic.capitalize()}" in name)
            heard[topic].add(properties["Protocol"])
    return heard


@pytest.mark.parametrize(
    ("pagerduty", "slack", "email"), [told for told in product([True, False], repeat=3) if any(told)]
)
def test_whoever_a_stage_names_no_alert_is_unheard(pagerduty: bool, slack: bool, email: bool) -> None:
    heard = who_hears(
        Alerts("https://events" if pagerduty else None, "arn:secret" if slack else None, "a@b" if email else None)
    )
    assert set(heard) == set(TOPOLOGY.topics)
    assert all(heard.values())
    assert ("pagerduty" in heard["critical"], "slack" in heard["notice"]) == (pagerduty, slack)
    assert {name for names in heard.values() for name in names} == {
        name for name, there in (("pagerduty", pagerduty), ("slack", slack), ("email", email)) if there
    }


def test_somebody_hears_every_topic(deployed: Assembly) -> None:
    assert all(listeners(deployed).values())


def test_critical_calls_on_call_and_the_rest_goes_to_slack(prod: Assembly) -> None:
    assert listeners(prod) == {"critical": {"https"}, "notice": {"lambda"}}


def test_every_topic_is_encrypted_and_open_to_the_alarms_of_this_account(deployed: Assembly) -> None:
    template = deployed[COMPUTE]
    for topic in template.properties("AWS::SNS::Topic"):
        assert resource_at(deployed, place_of(deployed, COMPUTE, topic["KmsMasterKeyId"]))["Type"] == "AWS::KMS::Key"
    published = {
        statement["Principal"].get("Service")
        if isinstance(statement["Principal"].get("Service"), str)
        else tuple(statement["Principal"]["Service"])
        for policy in template.properties("AWS::SNS::TopicPolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and statement["Action"] == "sns:Publish"
    }
    assert published
    assert all("cloudwatch.amazonaws.com" in services for services in published)


# Dashboards


def test_there_is_a_dashboard_for_each_question(deployed: Assembly) -> None:
    named = {properties["DashboardName"] for properties in deployed[WATCH].properties("AWS::CloudWatch::Dashboard")}
    assert named == {f"NetWORX-{name}" for name in ("Performance", "Resources", "Jobs", "Data", "Cost")}


def replicated(deployed: Assembly) -> bool:
    return SIZES[deployed.stage].database.replica_instance is not None


def test_every_metric_of_ours_is_on_a_dashboard(deployed: Assembly) -> None:
    drawn = json.dumps(deployed[WATCH].properties("AWS::CloudWatch::Dashboard"))
    left_out = {metric.name for metric in TOPOLOGY.metrics if metric.name not in drawn}
    assert left_out == (set() if replicated(deployed) else {"ReplicationLag", "ReplicaReads"})


def test_the_replica_is_watched_where_there_is_one(deployed: Assembly) -> None:
    drawn = json.dumps(deployed[WATCH].properties("AWS::CloudWatch::Dashboard"))
    assert ("ReplicaLag" in drawn) == replicated(deployed)
