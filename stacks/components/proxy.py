"""The proxy between tasks and the primary: pools connections, TLS only, for the roles that serve requests."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from constructs import Construct

from networx.topology import SERVICE, TOPOLOGY
from stacks.components.postgres import PORT, Postgres
from stacks.components.role_secrets import RoleSecrets
from stacks.stages import Stage

# Owner, loader and reports go to the database itself: they hold sessions, run long, or read the replica.
PROXIED_ROLES = ("networx_app", "networx_system")


class Proxy(Construct):
    """`proxy` and the `security_group` that its clients are let into."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, vpc: ec2.IVpc, postgres: Postgres, roles: RoleSecrets
    ) -> None:
        super().__init__(scope, id)
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, allow_all_outbound=False, description="Proxy to PostgreSQL"
        )
        self.security_group.connections.allow_to(postgres.security_group, ec2.Port.tcp(PORT), "Proxy to primary")
        self.proxy = rds.DatabaseProxy(
            self,
            "Proxy",
            # Left alone, the name would be the construct's id: one proxy an account and region.
            db_proxy_name=f"{SERVICE}-{stage.name}",
            proxy_target=rds.ProxyTarget.from_instance(postgres.database),
            secrets=[roles.secrets[role] for role in PROXIED_ROLES],
            client_password_auth_type=rds.ClientPasswordAuthType.POSTGRES_SCRAM_SHA_256,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[self.security_group],
            require_tls=True,
            # A task gives up on a connection by itself: the proxy must not hold its place for longer.
            borrow_timeout=cdk.Duration.seconds(int(TOPOLOGY.limits.connect_timeout.total_seconds())),
            max_connections_percent=90,
            max_idle_connections_percent=50,
        )
