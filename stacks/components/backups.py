"""Copies of the database that outlive it: a daily recovery point in a vault of its own, beside RDS's own backups."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from stacks.components.acknowledge import acknowledge_managed_policy
from stacks.stages import Stage


class Backups(Construct):
    """The vault, the plan and what it covers."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, key: kms.IKey, database: rds.DatabaseInstance
    ) -> None:
        super().__init__(scope, id)
        self.vault = backup.BackupVault(self, "Vault", encryption_key=key, removal_policy=stage.removal_policy)
        plan = backup.BackupPlan(self, "Plan", backup_vault=self.vault)
        plan.add_rule(
            backup.BackupPlanRule(
                rule_name="Daily",
                schedule_expression=events.Schedule.cron(hour="2", minute="0"),
                start_window=cdk.Duration.hours(1),
                completion_window=cdk.Duration.hours(4),
                delete_after=cdk.Duration.days(stage.database.backup_days),
            )
        )
        selection = plan.add_selection(
            "Database", resources=[backup.BackupResource.from_rds_database_instance(database)]
        )
        acknowledge_managed_policy(
            selection.node.find_child("Role"),
            "service-role/AWSBackupServiceRolePolicyForBackup",
            "AWS Backup is given exactly this policy, which AWS keeps in step with the services it copies.",
        )
