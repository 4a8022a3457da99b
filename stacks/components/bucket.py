"""A bucket of the topology: versioned, encrypted, TLS only, never public, and tidy by lifecycle."""

from __future__ import annotations

from datetime import timedelta

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from networx.blueprint import TEMPORARY, Bucket
from stacks.stages import Stage

_INPUT = "input"
_OLD_VERSIONS_FOR = cdk.Duration.days(30)
_ACCESS_LOGS_FOR = cdk.Duration.days(365)


class AccessLogs(s3.Bucket):
    """Who read and wrote what. S3 can deliver its access logs only under its own key."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage) -> None:
        super().__init__(
            scope,
            id,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            removal_policy=stage.removal_policy,
            lifecycle_rules=[_tidied(expiration=_ACCESS_LOGS_FOR)],
        )


class TopologyBucket(s3.Bucket):
    """One bucket. Only the input tells EventBridge of its objects, and only to it may a browser write."""

    def __init__(
        self, scope: Construct, id: str, *, bucket: Bucket, stage: Stage, key: kms.IKey, access_logs: s3.IBucket
    ) -> None:
        is_input = bucket.name == _INPUT
        super().__init__(
            scope,
            id,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            removal_policy=stage.removal_policy,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"{bucket.name}/",
            lifecycle_rules=[_tidied(), *(_expiring(*said) for said in bucket.expiring.items())],
            cors=[_browser_uploads(stage)] if is_input else None,
        )
        if is_input:
            self._tell_event_bridge()

    def _tell_event_bridge(self) -> None:
        # The bucket's own property: the L2's switch would bring a function that writes it from outside.
        told = s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        bucket = self.node.default_child
        assert isinstance(bucket, s3.CfnBucket)
        bucket.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=told
        )


def _tidied(*, expiration: cdk.Duration | None = None) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id="Tidy",
        abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
        noncurrent_version_expiration=_OLD_VERSIONS_FOR,
        expiration=expiration,
    )


def _expiring(prefix: str, kept_for: timedelta) -> s3.LifecycleRule:
    name = "Temporary" if prefix == TEMPORARY else prefix.rstrip("/").capitalize()
    return s3.LifecycleRule(id=name, prefix=prefix, expiration=cdk.Duration.days(kept_for.days))


def _browser_uploads(stage: Stage) -> s3.CorsRule:
    # A browser puts the parts here itself, and must be shown each part's tag to complete the upload.
    return s3.CorsRule(
        allowed_methods=[s3.HttpMethods.PUT],
        allowed_origins=[f"https://{stage.domain}"],
        allowed_headers=["*"],
        exposed_headers=["ETag"],
        max_age=3600,
    )
