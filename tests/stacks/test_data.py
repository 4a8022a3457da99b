"""The record and the cache: to the stage's size, encrypted, reachable by nobody unasked, and kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from networx.topology import POSTGRES_MAJOR, TOPOLOGY
from stacks.components.proxy import PROXIED_ROLES
from stacks.components.role_secrets import ROLES
from stacks.sizes import SIZES, Sizes
from tests.stacks.synthesis import Assembly, Template


@pytest.fixture
def data(deployed: Assembly) -> Template:
    return deployed["Data"]


@pytest.fixture
def size(deployed: Assembly) -> Sizes:
    return SIZES[deployed.stage]


def instances(data: Template) -> list[dict[str, Any]]:
    return data.properties("AWS::RDS::DBInstance")


def primary(data: Template) -> dict[str, Any]:
    (found,) = (instance for instance in instances(data) if "SourceDBInstanceIdentifier" not in instance)
    return found


def replicas(data: Template) -> list[dict[str, Any]]:
    return [instance for instance in instances(data) if "SourceDBInstanceIdentifier" in instance]


def secret_of(data: Template, arn: dict[str, str]) -> str:
    """The name of the secret behind an ARN, attached or not."""
    resource = data.resources[arn["Ref"]]
    if resource["Type"] == "AWS::SecretsManager::SecretTargetAttachment":
        return secret_of(data, resource["Properties"]["SecretId"])
    return str(resource["Properties"]["Name"])


def test_the_primary_has_the_stages_size_and_the_one_major_version(data: Template, size: Sizes) -> None:
    said = primary(data)
    assert said["DBInstanceClass"] == size.database.instance
    assert said["MultiAZ"] == size.database.multi_az
    assert said["Engine"] == "postgres"
    assert str(said["EngineVersion"]).split(".")[0] == str(POSTGRES_MAJOR)
    assert data.only("AWS::RDS::DBParameterGroup")["Family"] == f"postgres{POSTGRES_MAJOR}"


def test_reports_have_a_replica_where_the_stage_says_so(data: Template, size: Sizes) -> None:
    wanted = [size.database.replica_instance] if size.database.replica_instance else []
    assert [replica["DBInstanceClass"] for replica in replicas(data)] == wanted


def test_backups_are_kept_and_deletion_is_refused_as_the_stage_says(data: Template, size: Sizes) -> None:
    said = primary(data)
    assert said["BackupRetentionPeriod"] == size.database.backup_days
    assert said["DeletionProtection"] == size.database.deletion_protection
    assert said["DeleteAutomatedBackups"] == (not size.retain)


def test_every_instance_is_hidden_and_encrypted_and_takes_tls_only(data: Template) -> None:
    ((key, said),) = data.of_type("AWS::KMS::Key").items()
    assert said["Properties"]["EnableKeyRotation"] is True
    assert primary(data)["StorageEncrypted"] is True
    assert primary(data)["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    parameters = data.of_type("AWS::RDS::DBParameterGroup")
    for instance in instances(data):
        assert instance["PubliclyAccessible"] is False
        assert parameters[instance["DBParameterGroupName"]["Ref"]]["Properties"]["Parameters"]["rds.force_ssl"] == "1"


def test_a_replica_allows_as_many_connections_as_its_primary(data: Template, size: Sizes) -> None:
    # A standby with fewer would stop replaying.
    assert len({json.dumps(instance["DBParameterGroupName"]) for instance in instances(data)}) == 1
    allowed = data.only("AWS::RDS::DBParameterGroup")["Parameters"]["max_connections"]
    assert allowed == str(size.database.max_connections)


def test_databases_and_cache_stand_in_isolated_subnets(data: Template) -> None:
    groups = [group["SubnetIds"] for group in data.properties("AWS::RDS::DBSubnetGroup")]
    groups += [group["SubnetIds"] for group in data.properties("AWS::ElastiCache::SubnetGroup")]
    groups += [proxy["VpcSubnetIds"] for proxy in data.properties("AWS::RDS::DBProxy")]
    for subnets in groups:
        assert len(subnets) >= 2
        assert all("IsolatedSubnet" in json.dumps(subnet) for subnet in subnets)


def test_nobody_is_let_in_by_address(data: Template) -> None:
    inside = [
        rule for group in data.properties("AWS::EC2::SecurityGroup") for rule in group.get("SecurityGroupIngress", [])
    ]
    rules = inside + data.properties("AWS::EC2::SecurityGroupIngress")
    assert rules
    assert all("SourceSecurityGroupId" in rule and "CidrIp" not in rule for rule in rules)


def test_the_logs_of_every_instance_end(data: Template, size: Sizes) -> None:
    groups = {group["LogGroupName"]: group for group in data.properties("AWS::Logs::LogGroup")}
    for instance in instances(data):
        for log in instance["EnableCloudwatchLogsExports"]:
            group = groups[f"/aws/rds/instance/{instance['DBInstanceIdentifier']}/{log}"]
            assert group["RetentionInDays"] == size.log_days


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_secret_under_the_name_the_code_asks_for(deployed: Assembly, role: str) -> None:
    names = [secret["Name"] for secret in deployed["Data"].properties("AWS::SecretsManager::Secret")]
    assert f"networx/{deployed.stage}/database/{role}" in names


def test_the_roles_are_those_that_the_database_knows() -> None:
    from networx.db.bootstrap import ROLES_FILE

    assert all(role in ROLES_FILE.read_text() for role in ROLES)


def test_every_database_secret_is_rotated_by_a_single_user(data: Template) -> None:
    schedules = data.properties("AWS::SecretsManager::RotationSchedule")
    rotated = {secret_of(data, schedule["SecretId"]) for schedule in schedules}
    assert rotated == {
        secret["Name"] for secret in data.properties("AWS::SecretsManager::Secret") if "/database/" in secret["Name"]
    }
    # Two users would hand the proxy a user it was not given.
    assert {schedule["HostedRotationLambda"]["RotationType"] for schedule in schedules} == {"PostgreSQLSingleUser"}


def test_no_password_is_changed_before_the_first_migration_made_its_role(data: Template) -> None:
    schedules = data.properties("AWS::SecretsManager::RotationSchedule")
    assert all(schedule["RotateImmediatelyOnUpdate"] is False for schedule in schedules)


def test_every_secret_is_encrypted_with_the_stacks_key(data: Template) -> None:
    ((key, _),) = data.of_type("AWS::KMS::Key").items()
    for secret in data.properties("AWS::SecretsManager::Secret"):
        assert secret["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}


def test_the_proxy_serves_the_roles_that_pool_and_only_over_tls(deployed: Assembly) -> None:
    data = deployed["Data"]
    proxy = data.only("AWS::RDS::DBProxy")
    assert proxy["RequireTLS"] is True
    served = {secret_of(data, auth["SecretArn"]) for auth in proxy["Auth"]}
    assert served == {f"networx/{deployed.stage}/database/{role}" for role in PROXIED_ROLES}
    # It refuses options at connect, and PostgreSQL's proxy takes no initial query.
    assert "ConnectionBorrowTimeout" in data.only("AWS::RDS::DBProxyTargetGroup")["ConnectionPoolConfigurationInfo"]
    assert "InitQuery" not in data.only("AWS::RDS::DBProxyTargetGroup")["ConnectionPoolConfigurationInfo"]


def test_the_proxy_lets_go_when_a_task_gives_up(data: Template) -> None:
    pool = data.only("AWS::RDS::DBProxyTargetGroup")["ConnectionPoolConfigurationInfo"]
    assert pool["ConnectionBorrowTimeout"] == TOPOLOGY.limits.connect_timeout.total_seconds()


def test_two_stages_may_share_an_account(dev: Assembly, prod: Assembly) -> None:
    names = [assembly["Data"].only("AWS::RDS::DBProxy")["DBProxyName"] for assembly in (dev, prod)]
    names += [primary(assembly["Data"])["DBInstanceIdentifier"] for assembly in (dev, prod)]
    assert len(set(names)) == 4


def test_the_cache_is_valkey_with_the_stages_replicas_encrypted_and_with_a_password(
    data: Template, size: Sizes
) -> None:
    cache = data.only("AWS::ElastiCache::ReplicationGroup")
    assert cache["Engine"] == "valkey"
    assert cache["CacheNodeType"] == size.cache.node
    assert cache["NumCacheClusters"] == 1 + size.cache.replicas
    # Cluster mode stays off: clients hold one connection to one primary.
    assert "NumNodeGroups" not in cache
    assert "NodeGroupConfiguration" not in cache
    assert cache["AutomaticFailoverEnabled"] == cache["MultiAZEnabled"] == (size.cache.replicas > 0)
    assert cache["TransitEncryptionEnabled"] is True
    assert cache["TransitEncryptionMode"] == "required"
    assert cache["AtRestEncryptionEnabled"] is True
    assert "resolve:secretsmanager" in json.dumps(cache["AuthToken"])


def test_a_backup_plan_copies_the_primary_every_day(data: Template, size: Sizes) -> None:
    (name,) = (
        name
        for name, instance in data.of_type("AWS::RDS::DBInstance").items()
        if "SourceDBInstanceIdentifier" not in instance["Properties"]
    )
    covered = data.only("AWS::Backup::BackupSelection")["BackupSelection"]["Resources"]
    assert name in json.dumps(covered)
    (rule,) = data.only("AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    assert rule["ScheduleExpression"] == "cron(0 2 * * ? *)"
    assert rule["Lifecycle"]["DeleteAfterDays"] == size.database.backup_days
