"""The database roles' passwords: one secret a role, attached to the primary and rotated by a single user.

A rotation by two users would leave the proxy with a user it was not given. Passwords reach the database with the
first migration; so the first rotation waits for its day instead of running at once.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from stacks.components.postgres import PORT, Postgres
from stacks.components.secret import EXCLUDED_CHARACTERS, RoleSecret
from stacks.stages import Stage

ROLES = ("networx_owner", "networx_app", "networx_loader", "networx_system", "networx_report")
_ROTATED_EVERY = cdk.Duration.days(30)


class RoleSecrets(Construct):
    """`secrets` by role, without the master's, which is rotated here as well."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, vpc: ec2.IVpc, key: kms.IKey, postgres: Postgres
    ) -> None:
        super().__init__(scope, id)
        self._vpc = vpc
        self._group = ec2.SecurityGroup(
            self, "Rotation", vpc=vpc, allow_all_outbound=False, description="Rotation of database passwords"
        )
        self._group.connections.allow_to(postgres.security_group, ec2.Port.tcp(PORT), "Change passwords")
        self._group.connections.allow_to_any_ipv4(ec2.Port.tcp(443), "Secrets Manager")
        self.secrets: dict[str, secrets.ISecret] = {}
        for role in ROLES:
            secret = RoleSecret(self, _id(role), stage=stage, role=role, key=key)
            attached = secret.attach(postgres.database)
            self._rotate(attached)
            self.secrets[role] = attached
        self._rotate(postgres.master_secret)

    def _rotate(self, attached: secrets.ISecret) -> None:
        attached.add_rotation_schedule(
            "Rotation",
            automatically_after=_ROTATED_EVERY,
            rotate_immediately_on_update=False,
            hosted_rotation=secrets.HostedRotation.postgre_sql_single_user(
                vpc=self._vpc,
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
                security_groups=[self._group],
                exclude_characters=EXCLUDED_CHARACTERS,
            ),
        )


def _id(role: str) -> str:
    return "".join(part.capitalize() for part in role.removeprefix("networx_").split("_"))
