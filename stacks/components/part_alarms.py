"""The alarms of the topology as CloudWatch's: on our own metrics' aggregates, and on AWS's for each part.

Names are the topology's to the letter: the namespace is one, so that a stage has an account and region of its own.
"""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from networx.blueprint import Alarm, Function, PartAlarm
from networx.topology import METRICS_NAMESPACE
from stacks.components.names import construct_id

_Comparison = cloudwatch.ComparisonOperator
_Missing = cloudwatch.TreatMissingData


class TopologyAlarm(Construct):
    """An alarm on the aggregate of a metric that the code emits. Nothing counted is nothing wrong."""

    def __init__(self, scope: Construct, alarm: Alarm, *, topic: sns.ITopic) -> None:
        super().__init__(scope, _id_of(alarm.name))
        self.alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_name=alarm.name,
            alarm_description=f"Runbook: {alarm.runbook}",
            metric=cloudwatch.Metric(
                namespace=METRICS_NAMESPACE,
                metric_name=alarm.metric,
                statistic=alarm.statistic,
                period=cdk.Duration.seconds(int(alarm.period.total_seconds())),
            ),
            threshold=alarm.threshold,
            comparison_operator=_Comparison.GREATER_THAN_THRESHOLD,
            evaluation_periods=alarm.periods,
            treat_missing_data=_Missing.NOT_BREACHING,
        )
        _announce(self.alarm, topic)


class AwsAlarm(Construct):
    """An alarm on a metric of AWS's, for one part. `of` tells it from its siblings; a part alone has none."""

    def __init__(
        self,
        scope: Construct,
        alarm: PartAlarm,
        *,
        metric: cloudwatch.IMetric,
        threshold: float,
        topic: sns.ITopic,
        of: str | None = None,
    ) -> None:
        super().__init__(scope, _id_of(alarm.name) + construct_id(of or ""))
        self.alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_name=alarm.name if of is None else f"{alarm.name}-{of}",
            alarm_description=f"Runbook: {alarm.runbook}",
            metric=metric,
            threshold=threshold,
            comparison_operator=_Comparison.LESS_THAN_THRESHOLD if alarm.below else _Comparison.GREATER_THAN_THRESHOLD,
            evaluation_periods=alarm.periods,
            treat_missing_data=_Missing.BREACHING if alarm.below else _Missing.NOT_BREACHING,
        )
        _announce(self.alarm, topic)


def watched(alarm: PartAlarm) -> dict[str, Any]:
    """The statistic and period of an alarm, as CDK's `metric...()` methods take them."""
    return {"statistic": alarm.statistic, "period": cdk.Duration.seconds(int(alarm.period.total_seconds()))}


def watched_function(alarm: PartAlarm, function: Function) -> dict[str, Any]:
    """The same for a function: no period is shorter than its schedule.

    Or what comes seldom would be missed before it is due, and its errors would never stand in two periods in a row.
    """
    period = max(alarm.period, function.schedule or alarm.period)
    return {**watched(alarm), "period": cdk.Duration.seconds(int(period.total_seconds()))}


def _announce(alarm: cloudwatch.Alarm, topic: sns.ITopic) -> None:
    action = actions.SnsAction(topic)
    alarm.add_alarm_action(action)
    alarm.add_ok_action(action)


def _id_of(name: str) -> str:
    return name.removeprefix("NetWORX-")
