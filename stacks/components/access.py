"""What a task or a function may do, as policy statements without a wildcard in their actions.

Each names its resources. Keys are granted only by way of the service that uses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from stacks.components.acknowledge import acknowledge

_CONSUME = (
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
)
_SEND = ("sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl")
_READ = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersionTagging")
_WRITE = ("s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
_DEPTH = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl")
_ABORT = ("s3:AbortMultipartUpload",)
_REMOVE = ("s3:DeleteObject", "s3:DeleteObjectVersion")
# Without it S3 answers 403 for an object that is gone, and the code could not tell it from a fault.
_LIST = ("s3:ListBucket", "s3:ListBucketVersions")


@dataclass(frozen=True)
class Objects:
    """What a process does with objects, by the topology's bucket names; `input/models/` is a folder of a bucket."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    aborts: tuple[str, ...] = ()


def may_read_secrets(grantee: iam.IGrantable, arns: Sequence[str], key: kms.IKey | None) -> None:
    """Let it read secrets; `key` is the one they are encrypted with, None for AWS's own."""
    _allow(grantee, ["secretsmanager:GetSecretValue"], arns)
    if key is not None:
        _may_use_key(grantee, key, "secretsmanager", ["kms:Decrypt"])


def may_consume(grantee: iam.IGrantable, queue: sqs.IQueue, key: kms.IKey) -> None:
    """Let it receive, hide and delete the messages of one queue."""
    _allow(grantee, _CONSUME, [queue.queue_arn])
    _may_use_key(grantee, key, "sqs", ["kms:Decrypt"])


def may_send(grantee: iam.IGrantable, queues: Iterable[sqs.IQueue], key: kms.IKey) -> None:
    """Let it send to queues."""
    _allow(grantee, _SEND, [queue.queue_arn for queue in queues])
    _may_use_key(grantee, key, "sqs", ["kms:Decrypt", "kms:GenerateDataKey"])


def may_see_depth(grantee: iam.IGrantable, queues: Iterable[sqs.IQueue]) -> None:
    """Let it count the messages of queues."""
    _allow(grantee, _DEPTH, [queue.queue_arn for queue in queues])


def may_see_backups(grantee: iam.IGrantable, database: rds.IDatabaseInstance, vault: backup.IBackupVault) -> None:
    """Let it see what the database can be restored from."""
    _allow(grantee, ["rds:DescribeDBInstances"], [database.instance_arn])
    _allow(grantee, ["backup:ListRecoveryPointsByBackupVault"], [vault.backup_vault_arn])


def may_use_objects(grantee: iam.IGrantable, objects: Objects, buckets: dict[str, s3.Bucket], key: kms.IKey) -> None:
    """Let it do with each bucket's objects what `objects` says."""
    does = ((objects.reads, _READ), (objects.writes, _WRITE), (objects.removes, _REMOVE), (objects.aborts, _ABORT))
    for names, actions in does:
        if names:
            places = [name.partition("/") for name in names]
            _allow(grantee, actions, [buckets[name].arn_for_objects(f"{folder}*") for name, _, folder in places])
    for place in sorted({*objects.reads, *objects.writes, *objects.removes, *objects.aborts}):
        name, _, folder = place.partition("/")
        what = f"Every object of the {name} bucket" if not folder else f"Every object under {folder} of {name}"
        _explain_wildcard(grantee, f"{_name_elsewhere(buckets[name])}/{folder}*", f"{what} is this process's work.")
    listed = sorted({place.partition("/")[0] for place in (*objects.reads, *objects.removes)})
    if listed:
        _allow(grantee, _LIST, [buckets[name].bucket_arn for name in listed])
    if objects != Objects():
        # A multipart upload decrypts its own parts when it is completed.
        _may_use_key(grantee, key, "s3", ["kms:Decrypt", "kms:GenerateDataKey"])


def may_protect_its_task(grantee: iam.IGrantable, cluster_arn: str) -> None:
    """Let a worker keep its own task from scaling in while it has a job, and see what task it is."""
    _allow(
        grantee,
        ["ecs:UpdateTaskProtection", "ecs:GetTaskProtection", "ecs:DescribeTasks"],
        ["*"],
        conditions={"ArnEquals": {"ecs:cluster": cluster_arn}},
    )
    _explain_wildcard(grantee, "*", "A task's name is known only when it runs; the condition keeps it to our cluster.")


def may_look_at_its_service(role: iam.IRole, service: ecs.FargateService) -> None:
    """Let a worker see which version its service is to run.

    A policy of its own: one with the role's others would need the service, which needs them.
    """
    iam.Policy(
        service,
        "Look",
        roles=[role],
        statements=[iam.PolicyStatement(actions=["ecs:DescribeServices"], resources=[service.service_arn])],
    )


def explain_any_resource(role: iam.IGrantable, reason: str) -> None:
    """Say why a role's policy names `*`."""
    _explain_wildcard(role, "*", reason)


def _may_use_key(grantee: iam.IGrantable, key: kms.IKey, service: str, actions: Sequence[str]) -> None:
    via = f"{service}.{cdk.Stack.of(key).region}.amazonaws.com"
    _allow(grantee, actions, [key.key_arn], conditions={"StringEquals": {"kms:ViaService": via}})


def _allow(
    grantee: iam.IGrantable,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: dict[str, dict[str, str]] | None = None,
) -> None:
    grantee.grant_principal.add_to_principal_policy(
        iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
    )


def _explain_wildcard(grantee: iam.IGrantable, resource: str, reason: str) -> None:
    role = grantee.grant_principal
    assert isinstance(role, iam.Role)
    acknowledge(role.node.find_child("DefaultPolicy"), f"AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]", reason)


def _name_elsewhere(bucket: s3.IBucket) -> str:
    """The export by which another stack knows the bucket, which is how the security rules name it."""
    home = cdk.Stack.of(bucket)
    exported: str = home.resolve(home.export_value(bucket.bucket_arn))["Fn::ImportValue"]
    return exported
