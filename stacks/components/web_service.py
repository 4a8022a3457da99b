"""The web service behind the front door, scaled on requests and CPU, with blue/green deploys.

A new version starts beside the old one and takes all requests at once when it is healthy; for the bake time both run,
and an alarm that fires sends everybody back.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.components.acknowledge import acknowledge_managed_policy
from stacks.components.container_task import ContainerTask
from stacks.components.duties import WEB
from stacks.components.front_door import LIVE, FrontDoor
from stacks.components.reach import Backends
from stacks.components.tracking import query, scalable_target, track_per_task
from stacks.stages import Stage

PORT = 8080
# Longer than any of the alarms needs to fire.
BAKE_TIME = cdk.Duration.minutes(15)
_MOVES = "AmazonECSInfrastructureRolePolicyForLoadBalancers"
_REQUESTS_PER_TASK_AND_MINUTE = 1_000
_CPU_PERCENT = 60
_ASK = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}{LIVE}', timeout=4)"


class WebService(Construct):
    """`service` and its `task`. An alarm named in `rollback_alarms` that fires during a deploy takes it back."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        cluster: ecs.ICluster,
        backends: Backends,
        door: FrontDoor,
        rollback_alarms: list[str],
    ) -> None:
        super().__init__(scope, id)
        self.task = ContainerTask(
            self,
            "Container",
            stage=stage,
            name="web",
            image="web",
            vcpu=stage.web.vcpu,
            memory_gib=stage.web.memory_gib,
            command=["python", "-m", "networx.api.serve"],
            environment={
                **backends.environment,
                **backends.told(WEB),
                **door.told(stage),
                "NETWORX_WEB_HOST": "0.0.0.0",  # noqa: S104  # inside its own network interface
                "NETWORX_WEB_PORT": str(PORT),
            },
            stop_timeout=cdk.Duration.seconds(30),
            health_command=["python", "-c", _ASK],
            port=PORT,
        )
        backends.grant(self.task.definition.task_role, WEB)
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=self.task.definition,
            security_groups=[backends.security_group(self, "Group", WEB, "web")],
            capacity_provider_strategies=[ecs.CapacityProviderStrategy(capacity_provider="FARGATE", weight=1)],
            min_healthy_percent=100,
            max_healthy_percent=200,
            deployment_strategy=ecs.DeploymentStrategy.BLUE_GREEN,
            bake_time=BAKE_TIME,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            deployment_alarms=ecs.DeploymentAlarmConfig(
                alarm_names=rollback_alarms, behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM
            ),
            health_check_grace_period=cdk.Duration.seconds(60),
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        self._stand_behind(door)
        tasks = self.service.auto_scale_task_count(min_capacity=stage.web.min, max_capacity=stage.web.max)
        # Not the requests of a target group, of which every second deploy serves from another. The balancer counts
        # those alone that it gave to a task.
        track_per_task(
            self,
            "RequestsPerTask",
            service=self.service,
            target=scalable_target(tasks),
            name="requests-per-task",
            load="requests",
            measured=[
                query(
                    "requests",
                    "AWS/ApplicationELB",
                    "RequestCount",
                    "Sum",
                    {"LoadBalancer": door.load_balancer.load_balancer_full_name},
                )
            ],
            aim=_REQUESTS_PER_TASK_AND_MINUTE,
        )
        tasks.scale_on_cpu_utilization("Cpu", target_utilization_percent=_CPU_PERCENT)

    def _stand_behind(self, door: FrontDoor) -> None:
        """Register with both groups of every way in, and let the container service move the rules between them."""
        mover = iam.Role(
            self,
            "Mover",
            assumed_by=iam.ServicePrincipal("ecs.amazonaws.com"),
            description="Moves requests from one version of the web to the next",
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_MOVES)],
        )
        acknowledge_managed_policy(
            mover,
            _MOVES,
            "What the service needs to move rules changes with the service; AWS keeps its policy up to date.",
        )
        for way in door.ways:
            green = ecs.AlternateTarget(
                f"{way.name}Green",
                alternate_target_group=way.green,
                production_listener=ecs.ListenerRuleConfiguration.application_listener_rule(way.rule),
                role=mover,
            )
            target = self.service.load_balancer_target(
                container_name=self.task.container.container_name, container_port=PORT, alternate_target=green
            )
            target.attach_to_application_target_group(way.blue)
