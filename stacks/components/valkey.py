"""The cache: Valkey with one primary and the stage's replicas, TLS and a password. No L2 construct exists."""

from __future__ import annotations

import json

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from networx.topology import SERVICE
from stacks.components.acknowledge import AWS_SOLUTIONS, acknowledge
from stacks.stages import Stage

PORT = 6379
_ENGINE_VERSION = "8.0"
_TOKEN_LENGTH = 64


class Valkey(Construct):
    """`endpoint` and `port` of the primary, the `secret` with its password, and its `security_group`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, vpc: ec2.IVpc, key: kms.IKey) -> None:
        super().__init__(scope, id)
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, allow_all_outbound=False, description="Valkey"
        )
        self.secret = secrets.Secret(
            self,
            "Password",
            secret_name=f"{SERVICE}/{stage.name}/cache",
            description="The password of Valkey",
            encryption_key=key,
            removal_policy=stage.removal_policy,
            generate_secret_string=secrets.SecretStringGenerator(
                secret_string_template=json.dumps({}),
                generate_string_key="password",
                password_length=_TOKEN_LENGTH,
                exclude_punctuation=True,
            ),
        )
        acknowledge(
            self.secret,
            f"{AWS_SOLUTIONS}SMG4",
            "A new token must reach the cache and its clients together: the runbook does it, no schedule can.",
        )
        group = self._replication_group(stage, vpc, key)
        self.endpoint: str = group.attr_primary_end_point_address
        self.port: str = group.attr_primary_end_point_port

    def _replication_group(self, stage: Stage, vpc: ec2.IVpc, key: kms.IKey) -> elasticache.CfnReplicationGroup:
        isolated = vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        subnets = elasticache.CfnSubnetGroup(
            self, "Subnets", description="Isolated subnets", subnet_ids=isolated.subnet_ids
        )
        replicated = stage.cache.replicas > 0
        group = elasticache.CfnReplicationGroup(
            self,
            "Group",
            replication_group_description=f"NetWORX {stage.name}: progress, sessions and limits",
            # The engine is chosen once: changing it would make another cache.
            engine="valkey",
            engine_version=_ENGINE_VERSION,
            cache_node_type=stage.cache.node,
            num_cache_clusters=1 + stage.cache.replicas,
            automatic_failover_enabled=replicated,
            multi_az_enabled=replicated,
            cache_subnet_group_name=subnets.ref,
            security_group_ids=[self.security_group.security_group_id],
            port=PORT,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            at_rest_encryption_enabled=True,
            kms_key_id=key.key_arn,
            auth_token=self.secret.secret_value_from_json("password").unsafe_unwrap(),
            auto_minor_version_upgrade=True,
            snapshot_retention_limit=7 if stage.retain else 1,
            snapshot_window="03:00-04:00",
            preferred_maintenance_window="sun:04:30-sun:05:30",
        )
        group.apply_removal_policy(stage.removal_policy)
        if not replicated:
            acknowledge(group, f"{AWS_SOLUTIONS}AEC4", "This stage is small and may be down: its cache has one node.")
        return group
