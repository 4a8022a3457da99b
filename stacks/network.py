"""The network: public subnets for the load balancer, private ones with a way out for tasks, isolated ones for data."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledge import acknowledge
from stacks.components.endpoints import PrivateEndpoints
from stacks.components.logs import retention_of
from stacks.components.stack import StageStack
from stacks.stages import Stage

_CIDR = "10.0.0.0/16"
_SUBNETS = (
    ec2.SubnetConfiguration(
        name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False
    ),
    ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20),
    ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
)


class NetworkStack(StageStack):
    """The VPC of a stage."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, env: cdk.Environment) -> None:
        super().__init__(scope, id, stage=stage, env=env, description="NetWORX: network", stateful=True)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(_CIDR),
            availability_zones=list(stage.zones),
            nat_gateways=stage.nat_gateways,
            subnet_configuration=list(_SUBNETS),
            restrict_default_security_group=True,
        )
        for subnet in (*self.vpc.public_subnets, *self.vpc.private_subnets, *self.vpc.isolated_subnets):
            acknowledge(
                subnet.node.find_child("Subnet"),
                "CloudFormation-Validate::W3010",
                "Zones are the stage's own data: asking the account at synthesis would make templates depend on it.",
            )
        PrivateEndpoints(self, "Endpoints", vpc=self.vpc, cidr=_CIDR)
        self._record_flows(stage)

    def _record_flows(self, stage: Stage) -> None:
        log_group = logs.LogGroup(
            self,
            "FlowLogs",
            retention=retention_of(stage.log_days),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.vpc.add_flow_log(
            "Flows",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group),
            traffic_type=ec2.FlowLogTrafficType.ALL,
            max_aggregation_interval=ec2.FlowLogMaxAggregationInterval.TEN_MINUTES,
        )
