"""Gives a process what its duty says: secrets, queues, buckets, and the ports of database and cache."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from networx.topology import TOPOLOGY
from stacks.assistant import Assistant
from stacks.components import access, postgres, valkey
from stacks.components.duties import DIRECT_ROLES, Duty
from stacks.data import DataStack
from stacks.market import Market
from stacks.queues import QueuesStack
from stacks.storage import StorageStack

_POSTGRES = ec2.Port.tcp(postgres.PORT)
_VALKEY = ec2.Port.tcp(valkey.PORT)
_HTTPS = ec2.Port.tcp(443)


@dataclass(frozen=True)
class Backends:
    """What processes stand on."""

    vpc: ec2.IVpc
    data: DataStack
    storage: StorageStack
    queues: QueuesStack
    environment: dict[str, str]
    market: Market
    assistant: Assistant | None

    def security_group(self, scope: Construct, id: str, duty: Duty, what: str) -> ec2.SecurityGroup:
        """A group for processes of one duty: out to AWS by HTTPS, to the database and the cache if it needs them."""
        group = ec2.SecurityGroup(scope, id, vpc=self.vpc, description=f"NetWORX {what}", allow_all_outbound=False)
        group.add_egress_rule(ec2.Peer.any_ipv4(), _HTTPS, "AWS, and where people sign in")
        if duty.database:
            group.connections.allow_to(self.data.proxy_security_group, _POSTGRES, f"{what} to the proxy")
        if DIRECT_ROLES & set(duty.roles):
            group.connections.allow_to(self.data.database_security_group, _POSTGRES, f"{what} to the database")
        if duty.cache:
            group.connections.allow_to(self.data.cache_security_group, _VALKEY, f"{what} to the cache")
        if duty.asks_market:
            for network, port in self.market.ways_out:
                group.add_egress_rule(ec2.Peer.ipv4(network), ec2.Port.tcp(port), "Sources of market figures")
        return group

    def told(self, duty: Duty) -> dict[str, str]:
        """What a process of one duty is told besides what all are."""
        told = {}
        if duty.sees_backups:
            told["NETWORX_DATABASE_INSTANCE"] = self.data.database.instance_identifier
            told["NETWORX_BACKUP_VAULT"] = self.data.backup_vault.backup_vault_name
        if duty.judges_keys:
            told["NETWORX_KEY_PEPPER_SECRET"] = self.data.key_pepper.secret_arn
        if duty.asks_market:
            told |= self.market.told()
        if duty.asks_assistant and self.assistant is not None:
            told |= self.assistant.told()
        return told

    def grant(self, grantee: iam.IGrantable, duty: Duty) -> None:
        """The policy of one duty, except the queue that it consumes."""
        secrets = [self.data.role_secrets[role].secret_arn for role in duty.roles]
        if duty.cache:
            secrets.append(self.data.cache_secret.secret_arn)
        if duty.judges_keys:
            secrets.append(self.data.key_pepper.secret_arn)
        if secrets:
            access.may_read_secrets(grantee, secrets, self.data.key)
        if duty.asks_market and self.market.secrets:
            access.may_read_secrets(grantee, self.market.secrets, None)
        if duty.asks_assistant and self.assistant is not None:
            access.may_read_secrets(grantee, [self.assistant.secret_arn], None)
        if duty.relays:
            names = [queue.name for queue in TOPOLOGY.job_queues()]
            targets = [
                *(self.queues.queues[name] for name in names),
                *(self.queues.dead_letters[name] for name in names),
            ]
            access.may_send(grantee, targets, self.queues.key)
        if duty.sends:
            access.may_send(grantee, [self.queues.queues[name] for name in duty.sends], self.queues.key)
        for name in duty.dead_letters_of:
            access.may_consume(grantee, self.queues.dead_letters[name], self.queues.key)
        counted = [self.queues.queues[name] for name in duty.counts]
        counted += [self.queues.dead_letters[name] for name in duty.counts_dead_letters_of]
        if counted:
            access.may_see_depth(grantee, counted)
        if duty.sees_backups:
            access.may_see_backups(grantee, self.data.database, self.data.backup_vault)
        access.may_use_objects(grantee, duty.objects, self.storage.buckets, self.storage.key)
