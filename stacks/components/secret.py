"""The password of one database role, under the name the code asks for."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from networx.topology import SERVICE
from stacks.stages import Stage

DATABASE = "networx"
# Nothing that a connection string, a shell or a rotation would read as its own.
EXCLUDED_CHARACTERS = " %+~`#$&*()|[]{}:;<>?!'/@\"\\^="


class RoleSecret(rds.DatabaseSecret):
    """`networx/<stage>/database/<role>`: username, password, and where to use them once it is attached."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, role: str, key: kms.IKey) -> None:
        super().__init__(
            scope,
            id,
            username=role,
            dbname=DATABASE,
            secret_name=secret_prefix(stage) + role,
            encryption_key=key,
            exclude_characters=EXCLUDED_CHARACTERS,
        )
        self.apply_removal_policy(stage.removal_policy)


def secret_prefix(stage: Stage) -> str:
    """What stands before a role in the name of its secret."""
    return f"{SERVICE}/{stage.name}/database/"
