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

_Policy = scaling.CfnScalingPolicy
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
        target = tasks.node.find_child("Target")
        assert isinstance(target, scaling.ScalableTarget)
        self.target = target
        _Policy(
            self,
            "BacklogPerTask",
            policy_name=f"{self.node.addr}-backlog-per-task",
            policy_type="TargetTrackingScaling",
            scaling_target_id=self.target.scalable_target_id,
            target_tracking_scaling_policy_configuration=_Policy.TargetTrackingScalingPolicyConfigurationProperty(
                target_value=slots,
                scale_out_cooldown=60,
                scale_in_cooldown=300,
                customized_metric_specification=_Policy.CustomizedMetricSpecificationProperty(
                    metrics=_backlog_per_task(service, queue)
                ),
            ),
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


def _backlog_per_task(
    service: ecs.FargateService, queue: sqs.IQueue
) -> list[_Policy.TargetTrackingMetricDataQueryProperty]:
    of_queue = {"QueueName": queue.queue_name}
    of_service = {"ClusterName": service.cluster.cluster_name, "ServiceName": service.service_name}
    return [
        _measured("visible", "AWS/SQS", _VISIBLE, "Maximum", of_queue),
        _measured("inflight", "AWS/SQS", _IN_FLIGHT, "Maximum", of_queue),
        _measured("running", "ECS/ContainerInsights", "RunningTaskCount", "Average", of_service),
        _Policy.TargetTrackingMetricDataQueryProperty(
            id="backlog",
            label="Jobs per task",
            expression="(visible + inflight) / IF(running > 1, running, 1)",
            return_data=True,
        ),
    ]


def _measured(
    id: str, namespace: str, name: str, statistic: str, dimensions: dict[str, str]
) -> _Policy.TargetTrackingMetricDataQueryProperty:
    return _Policy.TargetTrackingMetricDataQueryProperty(
        id=id,
        metric_stat=_Policy.TargetTrackingMetricStatProperty(
            metric=_Policy.TargetTrackingMetricProperty(
                namespace=namespace,
                metric_name=name,
                dimensions=[
                    _Policy.TargetTrackingMetricDimensionProperty(name=key, value=value)
                    for key, value in dimensions.items()
                ],
            ),
            stat=statistic,
        ),
        return_data=False,
    )
