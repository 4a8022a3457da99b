"""The topics of alerts. They stand with the services: the alarms that roll a deploy back must be heard as well."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from networx.topology import TOPOLOGY
from stacks.components.names import construct_id

_PUBLISHERS = ("cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com")


class AlertTopics(Construct):
    """`topics` by the topology's name. CloudWatch and budgets of this account may publish."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        account = cdk.Stack.of(self).account
        key = kms.Key(
            self,
            "Key",
            description="NetWORX alerts",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        publishers = [
            iam.ServicePrincipal(name, conditions={"StringEquals": {"aws:SourceAccount": account}})
            for name in _PUBLISHERS
        ]
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=list(publishers), actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=["*"]
            )
        )
        self.topics: dict[str, sns.Topic] = {}
        for name in TOPOLOGY.topics:
            topic = sns.Topic(self, construct_id(name), master_key=key, enforce_ssl=True)
            topic.add_to_resource_policy(
                iam.PolicyStatement(principals=list(publishers), actions=["sns:Publish"], resources=[topic.topic_arn])
            )
            self.topics[name] = topic

    def topic_of(self, *, pages: bool) -> sns.Topic:
        """Where an alarm goes: `critical` calls on-call at once."""
        return self.topics["critical" if pages else "notice"]
