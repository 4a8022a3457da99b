"""The secret that stored API keys are computed under. Without it no key can be told: it goes with the database."""

from __future__ import annotations

import json

from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from networx.topology import SERVICE
from stacks.components.acknowledge import AWS_SOLUTIONS, acknowledge
from stacks.stages import Stage

_LENGTH = 64


class KeyPepper(secrets.Secret):
    """`networx/<stage>/key-pepper`, made once and never changed."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, key: kms.IKey) -> None:
        super().__init__(
            scope,
            id,
            secret_name=f"{SERVICE}/{stage.name}/key-pepper",
            description="What stored API keys are computed under",
            encryption_key=key,
            removal_policy=stage.removal_policy,
            generate_secret_string=secrets.SecretStringGenerator(
                secret_string_template=json.dumps({}),
                generate_string_key="pepper",
                password_length=_LENGTH,
                exclude_punctuation=True,
            ),
        )
        acknowledge(
            self,
            f"{AWS_SOLUTIONS}SMG4",
            "Stored keys are computed under it: with another one every API key would end at once.",
        )
