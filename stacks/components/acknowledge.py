"""A finding of the security rules that we live with: on the narrowest construct, and always with the reason."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Answers one rule for one construct. A rule of a pack is named with it: `AwsSolutions::AwsSolutions-RDS11`."""
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))
