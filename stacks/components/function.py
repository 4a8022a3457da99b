"""A function of the topology as a Lambda: one code for all, its handler, its feed, and what it may reach."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from networx.blueprint import Function
from stacks.components import access
from stacks.components.acknowledge import acknowledge
from stacks.components.alert_topics import AlertTopics
from stacks.components.logs import retention_of
from stacks.components.reach import Backends
from stacks.packaging import RUNTIME
from stacks.stages import Stage

_ARCHITECTURES = {"x86_64": lambda_.Architecture.X86_64, "arm64": lambda_.Architecture.ARM_64}


class VpcFunction(Construct):
    """`function` and its `log_group`, inside the VPC, traced. Its role has what its network and logs need, no more."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        name: str,
        handler: str,
        code: lambda_.Code,
        timeout: cdk.Duration,
        memory_mb: int,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        environment: dict[str, str],
        reserved: int | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/networx/{stage.name}/{name}",
            retention=retention_of(stage.log_days),
            removal_policy=stage.removal_policy,
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"NetWORX {name}",
            runtime=RUNTIME,
            architecture=_ARCHITECTURES[stage.architecture],
            code=code,
            handler=handler,
            timeout=timeout,
            memory_size=memory_mb,
            reserved_concurrent_executions=reserved,
            role=role,
            vpc=vpc,
            security_groups=[security_group],
            environment=environment,
            log_group=self.log_group,
            tracing=lambda_.Tracing.ACTIVE,
        )
        self.log_group.grant_write(role)
        role.add_to_principal_policy(_network_interfaces())
        access.explain_any_resource(role, "Network interfaces and traces know no narrower resource.")
        acknowledge(
            self.function,
            "AwsSolutions::AwsSolutions-L1",
            "Python 3.13 is the newest version that the code and its libraries are tested with.",
        )


def _network_interfaces() -> iam.PolicyStatement:
    # EC2 knows no narrower resource for these.
    return iam.PolicyStatement(
        actions=[
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses",
        ],
        resources=["*"],
    )


def feed(made: VpcFunction, function: Function, *, backends: Backends, alerts: AlertTopics) -> None:
    """Connect a function to what the topology feeds it with: a queue, a schedule or a topic."""
    if function.queue is not None:
        made.function.add_event_source(
            sources.SqsEventSource(
                backends.queues.queues[function.queue],
                batch_size=function.batch_size,
                report_batch_item_failures=True,
                # The queue asks for no more than the function is allowed: what is throttled would count as delivered.
                max_concurrency=function.reserved,
            )
        )
    if function.schedule is not None:
        events.Rule(
            made,
            "Schedule",
            schedule=events.Schedule.rate(cdk.Duration.seconds(int(function.schedule.total_seconds()))),
            # A tick that comes late is of no use: the next one is near.
            targets=[targets.LambdaFunction(made.function, retry_attempts=0, max_event_age=cdk.Duration.minutes(1))],
        )
    if function.topic is not None:
        alerts.topics[function.topic].add_subscription(subscriptions.LambdaSubscription(made.function))
