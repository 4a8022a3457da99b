"""Buckets: those of the topology, closed to the public, and tidy."""

from __future__ import annotations

from typing import Any

import pytest

from networx.blueprint import Bucket
from networx.topology import TOPOLOGY
from tests.stacks.statements import denies_plain_http
from tests.stacks.synthesis import Assembly
from tests.stacks.test_stages import SAID

EVERY_BUCKET = pytest.mark.parametrize("bucket", TOPOLOGY.buckets, ids=lambda bucket: bucket.name)
ACCESS_LOGS = "AccessLogs"


def found(deployed: Assembly, stem: str) -> tuple[str, dict[str, Any]]:
    """Logical id and properties of one bucket."""
    buckets = deployed["Storage"].of_type("AWS::S3::Bucket")
    (name,) = (name for name in buckets if name.startswith(stem))
    return name, buckets[name]["Properties"]


def properties_of(deployed: Assembly, bucket: Bucket) -> dict[str, Any]:
    return found(deployed, bucket.name.capitalize())[1]


def rules(properties: dict[str, Any]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = properties["LifecycleConfiguration"]["Rules"]
    return kept


def test_there_are_the_buckets_of_the_topology_and_one_for_their_logs(deployed: Assembly) -> None:
    assert len(deployed["Storage"].of_type("AWS::S3::Bucket")) == len(TOPOLOGY.buckets) + 1


def test_no_bucket_can_be_made_public_and_every_version_is_kept(deployed: Assembly) -> None:
    for properties in deployed["Storage"].properties("AWS::S3::Bucket"):
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
        assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_every_bucket_speaks_tls_only(deployed: Assembly) -> None:
    template = deployed["Storage"]
    policies = template.properties("AWS::S3::BucketPolicy")
    guarded = {policy["Bucket"]["Ref"] for policy in policies if denies_plain_http(policy["PolicyDocument"])}
    assert guarded == set(template.of_type("AWS::S3::Bucket"))


@EVERY_BUCKET
def test_objects_are_encrypted_with_the_stacks_rotating_key(deployed: Assembly, bucket: Bucket) -> None:
    ((key, said),) = deployed["Storage"].of_type("AWS::KMS::Key").items()
    assert said["Properties"]["EnableKeyRotation"] is True
    (rule,) = properties_of(deployed, bucket)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {
        "KMSMasterKeyID": {"Fn::GetAtt": [key, "Arn"]},
        "SSEAlgorithm": "aws:kms",
    }
    assert rule["BucketKeyEnabled"] is True


@EVERY_BUCKET
def test_who_reads_and_writes_is_logged(deployed: Assembly, bucket: Bucket) -> None:
    logs, _ = found(deployed, ACCESS_LOGS)
    said = properties_of(deployed, bucket)["LoggingConfiguration"]
    assert said == {"DestinationBucketName": {"Ref": logs}, "LogFilePrefix": f"{bucket.name}/"}


def test_the_log_bucket_does_not_log_itself(deployed: Assembly) -> None:
    assert "LoggingConfiguration" not in found(deployed, ACCESS_LOGS)[1]


@EVERY_BUCKET
def test_what_is_left_over_goes(deployed: Assembly, bucket: Bucket) -> None:
    kept = rules(properties_of(deployed, bucket))
    assert all(rule["Status"] == "Enabled" for rule in kept)
    assert any(rule.get("AbortIncompleteMultipartUpload") == {"DaysAfterInitiation": 1} for rule in kept)
    assert any("NoncurrentVersionExpiration" in rule for rule in kept)
    # Only what is temporary, from requests, or about a fault expires: how long the rest is kept is the tenant's to say.
    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in kept if "ExpirationInDays" in rule}
    assert expiring == {prefix: kept_for.days for prefix, kept_for in bucket.expiring.items()}
    also = {"input": {"models/"}, "results": {"refused/"}}
    assert set(expiring) == {"tmp/"} | also.get(bucket.name, set())


@EVERY_BUCKET
def test_only_the_input_tells_of_its_objects_and_takes_a_browsers_parts(deployed: Assembly, bucket: Bucket) -> None:
    properties = properties_of(deployed, bucket)
    if bucket.name != "input":
        assert "NotificationConfiguration" not in properties
        assert "CorsConfiguration" not in properties
        return
    told = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert properties["NotificationConfiguration"] == told
    (rule,) = properties["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["PUT"]
    assert rule["AllowedOrigins"] == [f"https://{SAID[deployed.stage]['domain']}"]
    assert rule["ExposedHeaders"] == ["ETag"]


def test_no_bucket_has_a_name_of_its_own(deployed: Assembly) -> None:
    assert not any("BucketName" in bucket for bucket in deployed["Storage"].properties("AWS::S3::Bucket"))
