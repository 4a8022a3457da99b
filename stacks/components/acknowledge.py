"""A finding of the security rules that we live with: on the narrowest construct, and always with the reason."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct

AWS_SOLUTIONS = "AwsSolutions::AwsSolutions-"


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Answers one rule for one resource. A rule of a pack is named with it: `AwsSolutions::AwsSolutions-RDS11`."""
    cdk.Validations.of(construct.node.default_child or construct).acknowledge(
        cdk.Acknowledgment(id=rule, reason=reason)
    )


def acknowledge_managed_policy(role: IConstruct, policy: str, reason: str) -> None:
    """The same for a role that carries a policy which AWS writes, as `service-role/AmazonRDSEnhancedMonitoringRole`."""
    acknowledge(role, f"{AWS_SOLUTIONS}IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{policy}]", reason)
