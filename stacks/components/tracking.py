"""Target tracking on metric math, which the CDK's own constructs refuse: a load, over the tasks that carry it."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_ecs as ecs
from constructs import Construct

_Policy = scaling.CfnScalingPolicy
Query = _Policy.TargetTrackingMetricDataQueryProperty


def track_per_task(
    scope: Construct,
    id: str,
    *,
    service: ecs.FargateService,
    target: scaling.ScalableTarget,
    name: str,
    load: str,
    measured: list[Query],
    aim: float,
) -> None:
    """Aims at `aim` of `load`, an expression over `measured`, for each task. Needs the cluster's Container Insights."""
    of_service = {"ClusterName": service.cluster.cluster_name, "ServiceName": service.service_name}
    running = query("running", "ECS/ContainerInsights", "RunningTaskCount", "Average", of_service)
    share = Query(
        id="share", label="Load per task", expression=f"({load}) / IF(running > 1, running, 1)", return_data=True
    )
    _Policy(
        scope,
        id,
        policy_name=f"{scope.node.addr}-{name}",
        policy_type="TargetTrackingScaling",
        scaling_target_id=target.scalable_target_id,
        target_tracking_scaling_policy_configuration=_Policy.TargetTrackingScalingPolicyConfigurationProperty(
            target_value=aim,
            scale_out_cooldown=60,
            scale_in_cooldown=300,
            customized_metric_specification=_Policy.CustomizedMetricSpecificationProperty(
                metrics=[*measured, running, share]
            ),
        ),
    )


def query(id: str, namespace: str, name: str, statistic: str, dimensions: Mapping[str, str]) -> Query:
    """One metric that an expression may name by its id."""
    return Query(
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


def scalable_target(tasks: ecs.ScalableTaskCount) -> scaling.ScalableTarget:
    """What a service's own scaling stands on."""
    target = tasks.node.find_child("Target")
    assert isinstance(target, scaling.ScalableTarget)
    return target
