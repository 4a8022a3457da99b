"""Ways to AWS that do not cross the internet: S3 through the route tables, the rest through interfaces.

Tasks that only speak to AWS stay off the NAT gateway, which bills by the gigabyte.
"""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

_INTERFACES = {
    "Ecr": ec2.InterfaceVpcEndpointAwsService.ECR,
    "EcrDocker": ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
    "Logs": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    "Secrets": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    "Queues": ec2.InterfaceVpcEndpointAwsService.SQS,
    "Keys": ec2.InterfaceVpcEndpointAwsService.KMS,
}


class PrivateEndpoints(Construct):
    """A gateway endpoint for S3 and interface endpoints that the VPC's own addresses may reach."""

    def __init__(self, scope: Construct, id: str, *, vpc: ec2.Vpc, cidr: str) -> None:
        super().__init__(scope, id)
        vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        # One group, and its source spelt out: `open` would allow a token that the security rules cannot read.
        group = ec2.SecurityGroup(
            self, "Interfaces", vpc=vpc, allow_all_outbound=False, description="HTTPS from the VPC to AWS endpoints"
        )
        group.add_ingress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443), "HTTPS from the VPC")
        subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        for name, service in _INTERFACES.items():
            vpc.add_interface_endpoint(name, service=service, open=False, security_groups=[group], subnets=subnets)
