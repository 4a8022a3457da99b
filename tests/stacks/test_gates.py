"""What every stage's templates must pass before anybody deploys them: public rule sets and our own.

The synthesis itself runs the CDK's validation and the AWS Solutions rules and fails on a finding; here the report is
read, so that a rule set that did not run is not taken for a clean one.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cfn_guard_rs.api import run_checks

from local.home import CHECKOUT
from tests.stacks.exceptions import BASELINE, CHECKOV, exceptions, judge
from tests.stacks.synthesis import Assembly

RULE_SETS = {"AwsSolutions", "CloudFormation Validate"}
GUARD = CHECKOUT / "stacks" / "guard"
SHORTEST_REASON = 20
# The CDK's construct for flow logs writes its own, against findings that today's rules do not have.
THE_LIBRARYS_OWN = {"Network/Vpc/Flows"}
Properties = dict[str, Any]


@dataclass(frozen=True)
class Acknowledged:
    """One finding that somebody chose to live with: where, which, why."""

    path: str
    rule: str
    reason: str


def report_of(assembly: Assembly) -> list[dict[str, Any]]:
    """What each rule set said at the synthesis."""
    reports: list[dict[str, Any]] = json.loads((assembly.path / "validation-report.json").read_text())["pluginReports"]
    return reports


def metadata(assembly: Assembly) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(path, entries) of every construct that has some."""
    for described in sorted(assembly.path.glob("*.metadata.json")):
        for path, entries in json.loads(described.read_text()).items():
            yield path.removeprefix("/"), entries


def acknowledged(assembly: Assembly) -> Iterator[Acknowledged]:
    """Every acknowledgement written into a stack."""
    for path, entries in metadata(assembly):
        for entry in entries:
            if entry["type"] == "aws:cdk:acknowledged-rules" and path not in THE_LIBRARYS_OWN:
                for rule, reason in entry["data"].items():
                    yield Acknowledged(path, rule, reason)


def needed(assembly: Assembly) -> set[tuple[str, str]]:
    """(where, which) of the acknowledgements that answer a finding of today."""
    return {
        (finding["acknowledgedAt"], finding["acknowledgedId"])
        for report in report_of(assembly)
        for finding in report["suppressedViolations"]
    }


def test_the_rule_sets_ran_and_found_nothing(deployed: Assembly) -> None:
    reports = report_of(deployed)
    assert {report["pluginName"] for report in reports} == RULE_SETS
    assert [(report["conclusion"], report["violations"]) for report in reports] == [("success", [])] * len(reports)


def test_every_acknowledgement_answers_a_finding_of_today(deployed: Assembly) -> None:
    written = {(one.path, one.rule) for one in acknowledged(deployed)}
    assert written
    assert written - needed(deployed) == set()


def test_no_acknowledgement_stands_above_a_resource(deployed: Assembly) -> None:
    resources = {
        path for path, entries in metadata(deployed) if any(entry["type"] == "aws:cdk:logicalId" for entry in entries)
    }
    assert {place for place, _ in needed(deployed)} - resources == set()


def test_every_acknowledgement_gives_its_reason(deployed: Assembly) -> None:
    assert [one for one in acknowledged(deployed) if len(one.reason) < SHORTEST_REASON] == []


def test_cfn_lint_finds_nothing(deployed: Assembly) -> None:
    files = [str(template.path) for template in deployed.templates.values()]
    # The zones are the stage's own data; a DependsOn that a reference repeats is the CDK's habit.
    command = [str(Path(sys.executable).with_name("cfn-lint")), "-i", "W3010", "W3005", "-r", "us-east-1", "--", *files]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not CHECKOV.exists(), reason="needs `bin/checkov`, which `make test` runs")
def test_checkov_finds_the_exceptions_of_its_baseline_and_nothing_else(tmp_path: Path) -> None:
    found, said = judge(tmp_path)
    assert exceptions(found) == exceptions(BASELINE), said


def rules_of(path: Path) -> set[str]:
    return set(re.findall(r"^rule (\w+)", path.read_text(), re.MULTILINE))


def broken(template: dict[str, Any], path: Path) -> set[str]:
    """The names of the rules that a template breaks."""
    return {clause.Rule.name for clause in run_checks(template, path.read_text()).not_compliant if clause.Rule}


@pytest.mark.parametrize("rules", sorted(GUARD.glob("*.guard")), ids=lambda path: path.stem)
def test_the_rules_of_the_house_hold_and_each_has_something_to_judge(deployed: Assembly, rules: Path) -> None:
    held: set[str] = set()
    for name, template in deployed.templates.items():
        assert broken(template.body, rules) == set(), name
        held |= set(run_checks(template.body, rules.read_text()).compliant)
    assert held == rules_of(rules)


def lose(*names: str) -> Callable[[Properties], None]:
    """A property is left out."""

    def fault(properties: Properties) -> None:
        for name in names[:-1]:
            properties = properties[name]
        del properties[names[-1]]

    return fault


def say(value: Any, *names: str) -> Callable[[Properties], None]:
    """A property says something else."""

    def fault(properties: Properties) -> None:
        for name in names[:-1]:
            properties = properties[name]
        properties[names[-1]] = value

    return fault


def add_statement(statement: dict[str, Any]) -> Callable[[Properties], None]:
    def fault(properties: Properties) -> None:
        properties["PolicyDocument"]["Statement"].append(statement)

    return fault


def _open_database_port(properties: Properties) -> None:
    properties.setdefault("SecurityGroupIngress", []).append(
        {"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    )


def _write_a_policy_inside(properties: Properties) -> None:
    document = {"Statement": [{"Effect": "Allow", "Action": ["ec2:*"], "Resource": "arn"}]}
    properties["Policies"] = [{"PolicyName": "Inside", "PolicyDocument": document}]


ANYBODY_READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"}
ANY_ACCOUNT_READS = {**ANYBODY_READS, "Principal": {"AWS": "*"}}
EVERYTHING = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn"}
ALL_BUT_ONE = {"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "arn"}
BLOCK = "PublicAccessBlockConfiguration"

# The rule, the type it judges, and a fault that it must find.
FAULTS: list[tuple[str, str, Callable[[Properties], None]]] = [
    ("buckets_block_the_public", "AWS::S3::Bucket", lose(BLOCK)),
    ("buckets_block_the_public", "AWS::S3::Bucket", say(False, BLOCK, "BlockPublicPolicy")),
    ("databases_have_no_public_address", "AWS::RDS::DBInstance", say(True, "PubliclyAccessible")),
    ("databases_have_no_public_address", "AWS::RDS::DBInstance", lose("PubliclyAccessible")),
    ("the_world_reaches_web_ports_alone", "AWS::EC2::SecurityGroup", _open_database_port),
    ("nobody_is_granted_anything_as_anybody", "AWS::S3::BucketPolicy", add_statement(ANYBODY_READS)),
    ("nobody_is_granted_anything_as_anybody", "AWS::SQS::QueuePolicy", add_statement(ANY_ACCOUNT_READS)),
    ("buckets_encrypt", "AWS::S3::Bucket", lose("BucketEncryption")),
    ("queues_encrypt", "AWS::SQS::Queue", lose("KmsMasterKeyId")),
    ("topics_encrypt", "AWS::SNS::Topic", lose("KmsMasterKeyId")),
    ("secrets_are_under_our_key", "AWS::SecretsManager::Secret", lose("KmsKeyId")),
    ("databases_encrypt", "AWS::RDS::DBInstance", say(False, "StorageEncrypted")),
    ("databases_encrypt", "AWS::RDS::DBInstance", lose("KmsKeyId")),
    ("databases_refuse_plain_text", "AWS::RDS::DBParameterGroup", say("0", "Parameters", "rds.force_ssl")),
    ("proxies_refuse_plain_text", "AWS::RDS::DBProxy", say(False, "RequireTLS")),
    ("caches_encrypt_and_ask_for_a_password", "AWS::ElastiCache::ReplicationGroup", lose("AuthToken")),
    (
        "caches_encrypt_and_ask_for_a_password",
        "AWS::ElastiCache::ReplicationGroup",
        say("preferred", "TransitEncryptionMode"),
    ),
    ("backups_encrypt", "AWS::Backup::BackupVault", lose("EncryptionKeyArn")),
    ("keys_turn", "AWS::KMS::Key", say(False, "EnableKeyRotation")),
    (
        "doors_speak_tls_or_lead_to_it",
        "AWS::ElasticLoadBalancingV2::Listener",
        say([{"Type": "forward"}], "DefaultActions"),
    ),
    ("policies_name_their_actions", "AWS::IAM::Policy", add_statement(EVERYTHING)),
    ("policies_name_their_actions", "AWS::IAM::Policy", add_statement(ALL_BUT_ONE)),
    ("roles_name_their_actions", "AWS::IAM::Role", _write_a_policy_inside),
    ("logs_end", "AWS::Logs::LogGroup", lose("RetentionInDays")),
    ("functions_log_where_logs_end", "AWS::Lambda::Function", lose("LoggingConfig")),
    ("alarms_say_what_silence_means", "AWS::CloudWatch::Alarm", lose("TreatMissingData")),
    ("alarms_say_what_silence_means", "AWS::CloudWatch::Alarm", say("missing", "TreatMissingData")),
    ("alarms_call_somebody", "AWS::CloudWatch::Alarm", say([], "AlarmActions")),
]


@pytest.mark.parametrize(
    ("rule", "kind", "fault"), FAULTS, ids=[f"{rule}-{n}" for n, (rule, _, _) in enumerate(FAULTS)]
)
def test_a_rule_of_the_house_finds_the_fault_it_is_for(
    dev: Assembly, rule: str, kind: str, fault: Callable[[Properties], None]
) -> None:
    (rules,) = (path for path in GUARD.glob("*.guard") if rule in rules_of(path))
    for template in dev.templates.values():
        for name, resource in template.of_type(kind).items():
            properties = copy.deepcopy(resource["Properties"])
            if properties.get("Handler") == "__entrypoint__.handler" or properties.get("Protocol") == "HTTPS":
                continue
            if "Metrics" in properties:  # so long that the judge's report of its fault arrives without its beginning
                continue
            fault(properties)
            planted = {"Resources": {name: {**resource, "Properties": properties}}}
            assert broken(planted, rules) == {rule}
            return
    pytest.fail(f"no {kind} in any template")


def test_every_rule_of_the_house_is_known_to_find_its_fault() -> None:
    written = {rule for path in GUARD.glob("*.guard") for rule in rules_of(path)}
    assert {rule for rule, _, _ in FAULTS} == written
