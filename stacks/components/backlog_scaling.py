"""Scales a service on the jobs each of its tasks has: waiting and running ones, over the tasks there are.

Target tracking needs data, and a service without tasks has none: from zero a step of its own brings up the first.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.components.tracking import query, scalable_target, track_per_task

_MINUTE = cdk.Duration.minutes(1)
_VISIBLE, _IN_FLIGHT = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"


class BacklogScaling(Construct):
    """Aims at `slots` jobs a task. The ECS side of it needs the cluster's Container Insights."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        service: ecs.FargateService,
        queue: sqs.IQueue,
        slots: int,
        least: int,
        most: int,
    ) -> None:
        super().__init__(scope, id)
        tasks = service.auto_scale_task_count(min_capacity=least, max_capacity=most)
        self.target = scalable_target(tasks)
        of_queue = {"QueueName": queue.queue_name}
        track_per_task(
            self,
            "BacklogPerTask",
            service=service,
            target=self.target,
            name="backlog-per-task",
            load="visible + inflight",
            measured=[
                query("visible", "AWS/SQS", _VISIBLE, "Maximum", of_queue),
                query("inflight", "AWS/SQS", _IN_FLIGHT, "Maximum", of_queue),
            ],
            aim=slots,
        )
        if least == 0:
            self._start_from_zero(queue)

    def _start_from_zero(self, queue: sqs.IQueue) -> None:
        step = scaling.StepScalingAction(
            self,
            "OneMore",
            scaling_target=self.target,
            adjustment_type=scaling.AdjustmentType.CHANGE_IN_CAPACITY,
            cooldown=cdk.Duration.minutes(3),
            metric_aggregation_type=scaling.MetricAggregationType.MAXIMUM,
        )
        step.add_adjustment(adjustment=1, lower_bound=0)
        waiting = cloudwatch.Alarm(
            self,
            "Waiting",
            metric=queue.metric(_VISIBLE, statistic="Maximum", period=_MINUTE),
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description="Jobs wait: starts a task. Nothing for a person to do.",
        )
        waiting.add_alarm_action(actions.ApplicationScalingAction(step))
