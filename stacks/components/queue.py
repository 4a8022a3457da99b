"""A queue of the topology with its dead-letter queue: encrypted, TLS only, fast where it is FIFO."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from networx.blueprint import Queue
from stacks.stages import Stage

_LONG_POLL = cdk.Duration.seconds(20)


class QueueWithDeadLetters(Construct):
    """`queue` and `dead_letters`. What fails `max_receive_count` times waits there for a person."""

    def __init__(self, scope: Construct, id: str, *, queue: Queue, stage: Stage, key: kms.IKey) -> None:
        super().__init__(scope, id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            fifo=queue.fifo or None,
            retention_period=cdk.Duration.seconds(int(queue.dead_letter_retention.total_seconds())),
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            removal_policy=stage.removal_policy,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            fifo=queue.fifo or None,
            # High throughput: order and duplicates matter within one group of messages only.
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP if queue.fifo else None,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID if queue.fifo else None,
            visibility_timeout=cdk.Duration.seconds(int(queue.visibility_timeout.total_seconds())),
            retention_period=cdk.Duration.seconds(int(queue.retention.total_seconds())),
            receive_message_wait_time=_LONG_POLL,
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            removal_policy=stage.removal_policy,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=queue.max_receive_count),
        )
