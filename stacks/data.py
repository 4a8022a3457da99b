"""The record and the cache: PostgreSQL with replica, proxy, secrets and backups, and Valkey."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from stacks.components.backups import Backups
from stacks.components.key import StageKey
from stacks.components.pepper import KeyPepper
from stacks.components.postgres import Postgres
from stacks.components.proxy import Proxy
from stacks.components.role_secrets import RoleSecrets
from stacks.components.stack import StageStack
from stacks.components.valkey import Valkey
from stacks.stages import Stage


class DataStack(StageStack):
    """Everything that would be missed. Who may connect is said by who connects: nothing here opens a port to tasks."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, env: cdk.Environment, vpc: ec2.IVpc) -> None:
        super().__init__(scope, id, stage=stage, env=env, description="NetWORX: database and cache", stateful=True)
        self.key = StageKey(self, "Key", stage=stage, description="NetWORX database, cache and their secrets")

        postgres = Postgres(self, "Postgres", stage=stage, vpc=vpc, key=self.key)
        self.database: rds.DatabaseInstance = postgres.database
        self.replica: rds.DatabaseInstanceReadReplica | None = postgres.replica
        self.database_security_group = postgres.security_group

        roles = RoleSecrets(self, "Roles", stage=stage, vpc=vpc, key=self.key, postgres=postgres)
        self.role_secrets: dict[str, secrets.ISecret] = roles.secrets
        self.master_secret = postgres.master_secret

        proxy = Proxy(self, "Proxy", stage=stage, vpc=vpc, postgres=postgres, roles=roles)
        self.proxy: rds.DatabaseProxy = proxy.proxy
        self.proxy_security_group = proxy.security_group

        cache = Valkey(self, "Cache", stage=stage, vpc=vpc, key=self.key)
        self.cache_endpoint: str = cache.endpoint
        self.cache_port: str = cache.port
        self.cache_secret: secrets.ISecret = cache.secret
        self.cache_security_group = cache.security_group

        self.key_pepper: secrets.ISecret = KeyPepper(self, "KeyPepper", stage=stage, key=self.key)

        backups = Backups(self, "Backups", stage=stage, key=self.key, database=self.database)
        self.backup_vault: backup.IBackupVault = backups.vault
