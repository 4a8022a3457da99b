"""A customer-managed key: rotated every year, kept where its data is kept."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.stages import Stage


class StageKey(kms.Key):
    """A key of one stack. Losing it loses the data, so that a stage which retains data retains the key."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, description: str) -> None:
        super().__init__(
            scope,
            id,
            description=f"{description}, {stage.name}",
            enable_key_rotation=True,
            removal_policy=stage.removal_policy,
            pending_window=cdk.Duration.days(30 if stage.retain else 7),
        )
