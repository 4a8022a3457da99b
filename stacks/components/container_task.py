"""One container on Fargate as all of ours are: not root, a read-only root, a scratch volume, logs that never block."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components import access
from stacks.components.acknowledge import acknowledge
from stacks.components.logs import retention_of
from stacks.stages import Stage

Image = Literal["web", "worker"]

CHECKOUT = Path(__file__).resolve().parents[2]
SCRATCH = "/scratch"
USER = "10001:10001"
_ECR = re.compile(
    r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^@]+)@(?P<digest>.+)$"
)
_PLATFORMS = {"x86_64": ecr_assets.Platform.LINUX_AMD64, "arm64": ecr_assets.Platform.LINUX_ARM64}
_ARCHITECTURES = {"x86_64": ecs.CpuArchitecture.X86_64, "arm64": ecs.CpuArchitecture.ARM64}


class ContainerTask(Construct):
    """`definition`, its `container` and its `log_group`. `name` is what a person types to see the logs."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        name: str,
        image: Image,
        vcpu: int,
        memory_gib: int,
        command: Sequence[str],
        environment: Mapping[str, str],
        stop_timeout: cdk.Duration,
        scratch_gib: int | None = None,
        health_command: Sequence[str] | None = None,
        port: int | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/networx/{stage.name}/{name}",
            retention=retention_of(stage.log_days),
            removal_policy=stage.removal_policy,
        )
        self.definition = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=vcpu * 1024,
            memory_limit_mib=memory_gib * 1024,
            ephemeral_storage_gib=scratch_gib,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=_ARCHITECTURES[stage.architecture],
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            volumes=[ecs.Volume(name="scratch")],
        )
        self.container = self.definition.add_container(
            name,
            image=_image(self, stage, image),
            command=list(command),
            environment={**environment, "NETWORX_SCRATCH": SCRATCH},
            user=USER,
            readonly_root_filesystem=True,
            linux_parameters=_without_capabilities(self),
            stop_timeout=stop_timeout,
            health_check=_health_check(health_command) if health_command else None,
            port_mappings=[ecs.PortMapping(container_port=port)] if port else None,
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix=name,
                log_group=self.log_group,
                # A CloudWatch that does not answer must not hold up the process that logs.
                mode=ecs.AwsLogDriverMode.NON_BLOCKING,
                max_buffer_size=cdk.Size.mebibytes(25),
            ),
        )
        acknowledge(
            self.definition,
            "AwsSolutions::AwsSolutions-ECS2",
            "The variables are addresses and names; what is secret is fetched from Secrets Manager when it is needed.",
        )
        self._explain_pulling()
        self.container.add_mount_points(
            ecs.MountPoint(container_path=SCRATCH, source_volume="scratch", read_only=False)
        )

    def _explain_pulling(self) -> None:
        role = self.definition.execution_role
        if role is not None and role.node.try_find_child("DefaultPolicy") is not None:
            access.explain_any_resource(role, "Signing in to the image registry is not bound to a repository.")


def _image(scope: Construct, stage: Stage, image: Image) -> ecs.ContainerImage:
    uri = stage.image_web if image == "web" else stage.image_worker
    if uri is None:
        return ecs.ContainerImage.from_asset(
            str(CHECKOUT),
            file=f"containers/{image}/Dockerfile",
            platform=_PLATFORMS[stage.architecture],
            ignore_mode=cdk.IgnoreMode.DOCKER,
        )
    stored = _ECR.match(uri)
    if stored is None:
        return ecs.ContainerImage.from_registry(uri)
    repository = ecr.Repository.from_repository_attributes(
        scope,
        "Repository",
        repository_arn=f"arn:{cdk.Aws.PARTITION}:ecr:{stored['region']}:{stored['account']}:repository/{stored['name']}",
        repository_name=stored["name"],
    )
    return ecs.ContainerImage.from_ecr_repository(repository, stored["digest"])


def _without_capabilities(scope: Construct) -> ecs.LinuxParameters:
    parameters = ecs.LinuxParameters(scope, "Linux")
    parameters.drop_capabilities(ecs.Capability.ALL)
    return parameters


def _health_check(command: Sequence[str]) -> ecs.HealthCheck:
    return ecs.HealthCheck(
        command=["CMD", *command],
        interval=cdk.Duration.seconds(15),
        timeout=cdk.Duration.seconds(5),
        start_period=cdk.Duration.seconds(30),
        retries=3,
    )
