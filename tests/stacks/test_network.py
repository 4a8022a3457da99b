"""The network: zones of the stage, data with no way out, AWS without the internet."""

from __future__ import annotations

import json
from typing import Any

from stacks.sizes import SIZES
from tests.stacks.synthesis import Assembly, Template
from tests.stacks.test_stages import SAID


def subnets(template: Template, group: str) -> dict[str, dict[str, Any]]:
    """Logical id -> properties of the subnets of one group."""
    tagged = {"Key": "aws-cdk:subnet-name", "Value": group}
    found = template.of_type("AWS::EC2::Subnet")
    return {name: subnet["Properties"] for name, subnet in found.items() if tagged in subnet["Properties"]["Tags"]}


def routed(template: Template, group: str) -> list[dict[str, Any]]:
    """The routes of a group's subnets."""
    tables = {
        link["RouteTableId"]["Ref"]
        for link in template.properties("AWS::EC2::SubnetRouteTableAssociation")
        if link["SubnetId"]["Ref"] in subnets(template, group)
    }
    return [route for route in template.properties("AWS::EC2::Route") if route["RouteTableId"]["Ref"] in tables]


def test_every_group_has_a_subnet_in_every_zone_of_the_stage(deployed: Assembly) -> None:
    zones = SAID[deployed.stage]["zones"]
    for group in ("Public", "Private", "Isolated"):
        assert sorted(subnet["AvailabilityZone"] for subnet in subnets(deployed["Network"], group).values()) == zones


def test_no_machine_gets_a_public_address_unasked(deployed: Assembly) -> None:
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in deployed["Network"].properties("AWS::EC2::Subnet"))


def test_tasks_leave_through_nat_and_data_does_not_leave(deployed: Assembly) -> None:
    network = deployed["Network"]
    assert all("NatGatewayId" in route for route in routed(network, "Private"))
    assert len(routed(network, "Private")) == len(subnets(network, "Private"))
    assert routed(network, "Isolated") == []


def test_there_are_as_many_nat_gateways_as_the_stage_pays_for(deployed: Assembly) -> None:
    gateways = deployed["Network"].of_type("AWS::EC2::NatGateway")
    assert len(gateways) == SIZES[deployed.stage].nat_gateways


def test_aws_is_reached_without_the_internet(deployed: Assembly) -> None:
    endpoints = deployed["Network"].properties("AWS::EC2::VPCEndpoint")
    gateways = [endpoint for endpoint in endpoints if endpoint["VpcEndpointType"] == "Gateway"]
    interfaces = [endpoint for endpoint in endpoints if endpoint["VpcEndpointType"] == "Interface"]
    assert len(gateways) == 1
    # S3 is routed from tasks and data, so that neither pays the NAT gateway for it.
    assert len(gateways[0]["RouteTableIds"]) >= 2 * len(subnets(deployed["Network"], "Private"))
    reached = {str(endpoint["ServiceName"]).rsplit(".", 1)[-1] for endpoint in interfaces}
    assert reached >= {"secretsmanager", "sqs", "logs", "kms"}
    assert all(endpoint["PrivateDnsEnabled"] for endpoint in interfaces)


def test_endpoints_answer_the_vpc_and_nobody_else(deployed: Assembly) -> None:
    network = deployed["Network"]
    cidr = network.only("AWS::EC2::VPC")["CidrBlock"]
    rules = [rule for group in network.properties("AWS::EC2::SecurityGroup") for rule in group["SecurityGroupIngress"]]
    assert {(rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in rules} == {(cidr, 443, 443)}


def test_every_flow_is_recorded_for_as_long_as_the_stage_keeps_logs(deployed: Assembly) -> None:
    network = deployed["Network"]
    flow = network.only("AWS::EC2::FlowLog")
    assert flow["TrafficType"] == "ALL"
    (group,) = (group for name, group in network.resources.items() if flow["LogGroupName"] == {"Ref": name})
    assert group["Properties"]["RetentionInDays"] == SIZES[deployed.stage].log_days


def test_the_default_security_group_lets_nothing_through(deployed: Assembly) -> None:
    assert deployed["Network"].of_type("Custom::VpcRestrictDefaultSG")


def test_nothing_was_looked_up(deployed: Assembly) -> None:
    assert "missing" not in json.loads((deployed.path / "manifest.json").read_text())
