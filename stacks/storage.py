"""The buckets of the topology: input, processed, results and quarantine, and one for their access logs."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from networx.topology import TOPOLOGY
from stacks.components.bucket import AccessLogs, TopologyBucket
from stacks.components.key import StageKey
from stacks.components.names import construct_id
from stacks.components.stack import StageStack
from stacks.stages import Stage


class StorageStack(StageStack):
    """`buckets` by the topology's name."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, env: cdk.Environment) -> None:
        super().__init__(scope, id, stage=stage, env=env, description="NetWORX: storage", stateful=True)
        self.key = StageKey(self, "Key", stage=stage, description="NetWORX buckets")
        self.access_logs = AccessLogs(self, "AccessLogs", stage=stage)
        self.buckets: dict[str, s3.Bucket] = {
            bucket.name: TopologyBucket(
                self, construct_id(bucket.name), bucket=bucket, stage=stage, key=self.key, access_logs=self.access_logs
            )
            for bucket in TOPOLOGY.buckets
        }
