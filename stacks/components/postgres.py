"""PostgreSQL: the primary, its replica for reports, their parameters and their logs."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct

from networx.topology import POSTGRES_MAJOR, SERVICE
from stacks.components.acknowledge import AWS_SOLUTIONS, acknowledge, acknowledge_managed_policy
from stacks.components.logs import retention_of
from stacks.components.secret import DATABASE, RoleSecret
from stacks.stages import Stage

PORT = 5432
MASTER = "networx_master"
_LOGS = ("postgresql", "upgrade")
_SLOW_STATEMENT_MS = 1000
_VERSION = rds.PostgresEngineVersion.of(str(POSTGRES_MAJOR), str(POSTGRES_MAJOR))
_ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)


class Postgres(Construct):
    """`database`, `replica` (None where the stage has none), `master_secret`, `security_group`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, vpc: ec2.IVpc, key: kms.IKey) -> None:
        super().__init__(scope, id)
        self._stage, self._vpc, self._key = stage, vpc, key
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, allow_all_outbound=False, description="PostgreSQL, primary and replica"
        )
        self._parameters = rds.ParameterGroup(
            self,
            "Parameters",
            engine=rds.DatabaseInstanceEngine.postgres(version=_VERSION),
            description="NetWORX: TLS only, connections of the stage",
            parameters={
                "max_connections": str(stage.database.max_connections),
                "rds.force_ssl": "1",
                "log_min_duration_statement": str(_SLOW_STATEMENT_MS),
                "log_lock_waits": "1",
            },
        )
        master = RoleSecret(self, "Master", stage=stage, role=MASTER, key=key)
        self.database = self._primary(master)
        self.master_secret = self.database.secret or master
        self._keep_logs("primary", self.database)
        self._acknowledge_primary()
        self.replica = self._replica()
        if self.replica is not None:
            self._keep_logs("replica", self.replica)
            self._acknowledge_replica(self.replica)

    def _primary(self, master: RoleSecret) -> rds.DatabaseInstance:
        size = self._stage.database
        return rds.DatabaseInstance(
            self,
            "Primary",
            engine=rds.DatabaseInstanceEngine.postgres(version=_VERSION),
            database_name=DATABASE,
            instance_type=_instance(size.instance),
            instance_identifier=self._identifier("primary"),
            multi_az=size.multi_az,
            credentials=rds.Credentials.from_secret(master),
            allocated_storage=100,
            max_allocated_storage=1000,
            storage_encrypted=True,
            storage_encryption_key=self._key,
            backup_retention=cdk.Duration.days(size.backup_days),
            preferred_backup_window="03:00-04:00",
            preferred_maintenance_window="Sun:04:30-Sun:05:30",
            delete_automated_backups=not self._stage.retain,
            deletion_protection=size.deletion_protection,
            parameter_group=self._parameters,
            **self._shared(),
        )

    def _replica(self) -> rds.DatabaseInstanceReadReplica | None:
        size = self._stage.database
        if size.replica_instance is None:
            return None
        # Its encryption is its source's: naming it again is refused.
        return rds.DatabaseInstanceReadReplica(
            self,
            "Replica",
            source_database_instance=self.database,
            instance_type=_instance(size.replica_instance),
            instance_identifier=self._identifier("replica"),
            deletion_protection=size.deletion_protection,
            parameter_group=self._parameters,
            **self._shared(),
        )

    def _shared(self) -> dict[str, Any]:
        """What holds for the primary and the replica alike."""
        return {
            "vpc": self._vpc,
            "vpc_subnets": _ISOLATED,
            "security_groups": [self.security_group],
            "port": PORT,
            "publicly_accessible": False,
            "storage_type": rds.StorageType.GP3,
            "auto_minor_version_upgrade": True,
            "copy_tags_to_snapshot": True,
            "iam_authentication": True,
            "ca_certificate": rds.CaCertificate.RDS_CA_RSA2048_G1,
            "enable_performance_insights": True,
            "performance_insight_encryption_key": self._key,
            "monitoring_interval": cdk.Duration.minutes(1),
            "cloudwatch_logs_exports": list(_LOGS),
            "removal_policy": self._stage.removal_policy,
        }

    def _identifier(self, which: str) -> str:
        # A name a person types: it is the dashboards' dimension and part of the log groups' names.
        return f"{SERVICE}-{self._stage.name}-{which}"

    def _keep_logs(self, which: str, instance: rds.DatabaseInstanceBase) -> None:
        # Made before the instance: RDS itself would make groups that keep everything for ever.
        for log in _LOGS:
            group = logs.LogGroup(
                self,
                f"{which.capitalize()}{log.capitalize()}Log",
                log_group_name=f"/aws/rds/instance/{self._identifier(which)}/{log}",
                retention=retention_of(self._stage.log_days),
                removal_policy=cdk.RemovalPolicy.DESTROY,
            )
            instance.node.add_dependency(group)

    def _acknowledge_primary(self) -> None:
        _acknowledge_instance(self.database)
        if not self._stage.database.multi_az:
            acknowledge(self.database, f"{AWS_SOLUTIONS}RDS3", "This stage is small and may be down: it has one zone.")
        if not self._stage.database.deletion_protection:
            acknowledge(self.database, f"{AWS_SOLUTIONS}RDS10", "This stage holds no data that is missed when it goes.")

    def _acknowledge_replica(self, replica: rds.DatabaseInstanceReadReplica) -> None:
        _acknowledge_instance(replica)
        acknowledge(replica, f"{AWS_SOLUTIONS}RDS2", "A replica is encrypted as its source is; naming it is refused.")
        acknowledge(
            replica, f"{AWS_SOLUTIONS}RDS3", "Reports may wait for a replica; it can be rebuilt from the primary."
        )


def _acknowledge_instance(instance: rds.DatabaseInstanceBase) -> None:
    acknowledge(
        instance,
        f"{AWS_SOLUTIONS}RDS11",
        "Isolated subnets and security groups guard the port; its number hides nothing.",
    )
    acknowledge_managed_policy(
        instance.node.find_child("MonitoringRole"),
        "service-role/AmazonRDSEnhancedMonitoringRole",
        "Enhanced monitoring is given by AWS with exactly this policy, which it keeps up to date.",
    )


def _instance(name: str) -> ec2.InstanceType:
    return ec2.InstanceType(name.removeprefix("db."))
