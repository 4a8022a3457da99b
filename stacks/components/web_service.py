"""The web service behind the front door: rolling deploys that go back by themselves, scaled on requests and CPU."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from stacks.components.container_task import ContainerTask
from stacks.components.duties import WEB
from stacks.components.front_door import LIVE, FrontDoor
from stacks.components.reach import Backends
from stacks.stages import Stage

PORT = 8080
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
            environment={**backends.environment, "NETWORX_WEB_HOST": "0.0.0.0", "NETWORX_WEB_PORT": str(PORT)},  # noqa: S104  # inside its own network interface
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
            # Several listener rules lead here, and a blue/green switch moves one: hence rolling.
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            deployment_alarms=ecs.DeploymentAlarmConfig(
                alarm_names=rollback_alarms, behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM
            ),
            health_check_grace_period=cdk.Duration.seconds(60),
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        self.service.attach_to_application_target_group(door.targets)
        scaling = self.service.auto_scale_task_count(min_capacity=stage.web.min, max_capacity=stage.web.max)
        scaling.scale_on_request_count(
            "Requests", requests_per_target=_REQUESTS_PER_TASK_AND_MINUTE, target_group=door.targets
        )
        scaling.scale_on_cpu_utilization("Cpu", target_utilization_percent=_CPU_PERCENT)
