"""Migrations before a new version serves: a one-off task, and a step of the deploy that runs it and waits.

Whatever depends on `done` is updated only after the task has ended well. The step runs again when the image changes.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.components import access
from stacks.components.container_task import ContainerTask
from stacks.components.duties import MIGRATIONS, Duty
from stacks.components.function import VpcFunction
from stacks.components.reach import Backends
from stacks.stages import Stage

_LONGEST = cdk.Duration.minutes(15)


class Migrations(Construct):
    """`task`, the `step` function and `done`, which the services wait for."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, cluster: ecs.ICluster, backends: Backends, code: lambda_.Code
    ) -> None:
        super().__init__(scope, id)
        master = backends.data.master_secret
        self.task = ContainerTask(
            self,
            "Container",
            stage=stage,
            name="migrations",
            image="web",
            vcpu=1,
            memory_gib=2,
            command=["python", "-m", "networx.db.deploy"],
            environment={**backends.environment, "NETWORX_DATABASE_MASTER_SECRET": master.secret_arn},
            stop_timeout=cdk.Duration.seconds(120),
        )
        backends.grant(self.task.definition.task_role, MIGRATIONS)
        access.may_read_secrets(self.task.definition.task_role, [master.secret_arn], backends.data.key)
        self.security_group = backends.security_group(self, "Group", MIGRATIONS, "migrations")
        subnets = backends.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS).subnet_ids
        self.step = VpcFunction(
            self,
            "Step",
            stage=stage,
            name="migration-step",
            handler="lambdas.migration_step.handler",
            code=code,
            timeout=_LONGEST,
            memory_mb=256,
            vpc=backends.vpc,
            security_group=backends.security_group(self, "StepGroup", Duty(), "migration step"),
            environment={
                "NETWORX_MIGRATIONS_CLUSTER": cluster.cluster_arn,
                "NETWORX_MIGRATIONS_TASK": self.task.definition.task_definition_arn,
                "NETWORX_MIGRATIONS_SUBNETS": ",".join(subnets),
                "NETWORX_MIGRATIONS_SECURITY_GROUP": self.security_group.security_group_id,
            },
        )
        self._let_it_run(cluster)
        self.done = cdk.CustomResource(
            self,
            "Done",
            service_token=self.step.function.function_arn,
            resource_type="Custom::Migrations",
            service_timeout=_LONGEST,
            properties={"Image": self.task.container.image_name},
        )
        self.done.node.add_dependency(self.task, self.step, self.security_group)

    def _let_it_run(self, cluster: ecs.ICluster) -> None:
        definition = self.task.definition
        on_cluster = {"ArnEquals": {"ecs:cluster": cluster.cluster_arn}}
        allow = self.step.function.add_to_role_policy
        allow(
            iam.PolicyStatement(
                actions=["ecs:RunTask"], resources=[definition.task_definition_arn], conditions=on_cluster
            )
        )
        allow(iam.PolicyStatement(actions=["ecs:DescribeTasks"], resources=["*"], conditions=on_cluster))
        roles = [definition.task_role.role_arn, definition.obtain_execution_role().role_arn]
        allow(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=roles,
                conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            )
        )
