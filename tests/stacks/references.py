"""Follows a value of a template to the resource behind it, across stacks."""

from __future__ import annotations

from typing import Any

from tests.stacks.synthesis import Assembly, Resource

Place = tuple[str, str]
"""A stack and a logical id."""


def place_of(deployed: Assembly, stack: str, value: Any) -> Place:
    """Where the resource stands that `value` of a stack refers to. Raises KeyError for what refers to none."""
    if "Fn::ImportValue" in value:
        name = value["Fn::ImportValue"]
        for exporter, template in deployed.templates.items():
            for output in template.body.get("Outputs", {}).values():
                if output.get("Export", {}).get("Name") == name:
                    return place_of(deployed, exporter, output["Value"])
    if "Fn::Join" in value:
        return place_of(deployed, stack, next(part for part in value["Fn::Join"][1] if isinstance(part, dict)))
    return stack, (value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0])


def resource_at(deployed: Assembly, place: Place) -> Resource:
    return deployed[place[0]].resources[place[1]]


def as_text(deployed: Assembly, stack: str, value: Any) -> str:
    """The value as a running process would see it, with a made-up word for what only AWS knows."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        glue, parts = value["Fn::Join"]
        joined: str = glue.join(as_text(deployed, stack, part) for part in parts)
        return joined
    if "Fn::ImportValue" in value:
        for exporter, template in deployed.templates.items():
            for output in template.body.get("Outputs", {}).values():
                if output.get("Export", {}).get("Name") == value["Fn::ImportValue"]:
                    return as_text(deployed, exporter, output["Value"])
    if "Fn::GetAtt" in value:
        name, attribute = value["Fn::GetAtt"]
        return "5432" if attribute.endswith("Port") else f"{name}.{attribute.replace('.', '-')}"
    return str(value["Ref"])


def statements_of(deployed: Assembly, stack: str, role: Any) -> list[dict[str, Any]]:
    """Every statement of the policies attached to a role of the same stack."""
    wanted = place_of(deployed, stack, role)
    return [
        statement
        for policy in deployed[stack].properties("AWS::IAM::Policy")
        if any(place_of(deployed, stack, attached) == wanted for attached in policy["Roles"])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def listed(value: Any) -> list[Any]:
    """A list, where CloudFormation may write one member alone."""
    return value if isinstance(value, list) else [value]


def may(deployed: Assembly, stack: str, role: Any, action: str) -> set[Place]:
    """The resources of ours on which a role may do something; what a stage named by its ARN is none of them."""
    return {
        place_of(deployed, stack, resource)
        for statement in statements_of(deployed, stack, role)
        if action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if not isinstance(resource, str)
    }
