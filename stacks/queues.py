"""The queues of the topology, each with its own dead-letter queue, under one key."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from networx.topology import TOPOLOGY
from stacks.components.key import StageKey
from stacks.components.names import construct_id
from stacks.components.queue import QueueWithDeadLetters
from stacks.components.stack import StageStack
from stacks.stages import Stage


class QueuesStack(StageStack):
    """`queues` and `dead_letters` by the topology's queue name."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, env: cdk.Environment) -> None:
        super().__init__(scope, id, stage=stage, env=env, description="NetWORX: queues", stateful=True)
        self.key = StageKey(self, "Key", stage=stage, description="NetWORX queues")
        self.queues: dict[str, sqs.Queue] = {}
        self.dead_letters: dict[str, sqs.Queue] = {}
        for queue in TOPOLOGY.queues:
            made = QueueWithDeadLetters(self, construct_id(queue.name), queue=queue, stage=stage, key=self.key)
            self.queues[queue.name] = made.queue
            self.dead_letters[queue.name] = made.dead_letters
