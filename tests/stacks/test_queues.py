"""Queues: those of the topology, each with its own dead letters, and nothing said twice."""

from __future__ import annotations

from typing import Any

import pytest

from networx.blueprint import Queue
from networx.topology import TOPOLOGY
from tests.stacks.statements import denies_plain_http
from tests.stacks.synthesis import Assembly, Resource

EVERY_QUEUE = pytest.mark.parametrize("queue", TOPOLOGY.queues, ids=lambda queue: queue.name)


def made(deployed: Assembly, queue: Queue) -> tuple[Resource, Resource]:
    """The queue and its dead-letter queue."""
    stem = "".join(part.capitalize() for part in queue.name.removesuffix(".fifo").split("-"))
    found = deployed["Queues"].of_type("AWS::SQS::Queue")
    (main,) = (resource for name, resource in found.items() if name.startswith(f"{stem}Queue"))
    (dead,) = (resource for name, resource in found.items() if name.startswith(f"{stem}DeadLetters"))
    return main, dead


def redrive(resource: Resource) -> dict[str, Any]:
    policy: dict[str, Any] = resource["Properties"]["RedrivePolicy"]
    return policy


def test_there_are_the_queues_of_the_topology_and_no_other(deployed: Assembly) -> None:
    assert len(deployed["Queues"].of_type("AWS::SQS::Queue")) == 2 * len(TOPOLOGY.queues)


@EVERY_QUEUE
def test_a_queue_redrives_to_its_own_dead_letters(deployed: Assembly, queue: Queue) -> None:
    main, dead = made(deployed, queue)
    target = redrive(main)["deadLetterTargetArn"]["Fn::GetAtt"][0]
    assert deployed["Queues"].resources[target] is dead
    assert redrive(main)["maxReceiveCount"] == queue.max_receive_count
    assert "RedrivePolicy" not in dead["Properties"]


@EVERY_QUEUE
def test_a_queue_and_its_dead_letters_are_of_the_same_kind(deployed: Assembly, queue: Queue) -> None:
    for resource in made(deployed, queue):
        assert bool(resource["Properties"].get("FifoQueue")) == queue.fifo


@EVERY_QUEUE
def test_a_fifo_queue_is_as_fast_as_its_groups_allow(deployed: Assembly, queue: Queue) -> None:
    properties = made(deployed, queue)[0]["Properties"]
    if queue.fifo:
        assert properties["DeduplicationScope"] == "messageGroup"
        assert properties["FifoThroughputLimit"] == "perMessageGroupId"
    else:
        assert "DeduplicationScope" not in properties


@EVERY_QUEUE
def test_the_clocks_are_the_topologys(deployed: Assembly, queue: Queue) -> None:
    main, dead = made(deployed, queue)
    assert main["Properties"]["VisibilityTimeout"] == queue.visibility_timeout.total_seconds()
    assert main["Properties"]["MessageRetentionPeriod"] == queue.retention.total_seconds()
    assert dead["Properties"]["MessageRetentionPeriod"] == queue.dead_letter_retention.total_seconds()
    assert main["Properties"]["ReceiveMessageWaitTimeSeconds"] == 20


@EVERY_QUEUE
def test_a_message_stays_hidden_for_longer_than_heartbeats_come(deployed: Assembly, queue: Queue) -> None:
    hidden = made(deployed, queue)[0]["Properties"]["VisibilityTimeout"]
    assert hidden > 3 * TOPOLOGY.leases.heartbeat.total_seconds()
    assert hidden >= TOPOLOGY.leases.lease.total_seconds()


@EVERY_QUEUE
def test_a_function_may_fail_five_times_before_its_message_shows_again(deployed: Assembly, queue: Queue) -> None:
    hidden = made(deployed, queue)[0]["Properties"]["VisibilityTimeout"]
    for function in TOPOLOGY.functions:
        if function.queue == queue.name:
            assert hidden >= 6 * function.timeout.total_seconds()


def test_every_queue_is_encrypted_with_the_stacks_rotating_key(deployed: Assembly) -> None:
    template = deployed["Queues"]
    ((key, properties),) = template.of_type("AWS::KMS::Key").items()
    assert properties["Properties"]["EnableKeyRotation"] is True
    for queue in template.properties("AWS::SQS::Queue"):
        assert queue["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}


def test_every_queue_speaks_tls_only(deployed: Assembly) -> None:
    template = deployed["Queues"]
    guarded = {
        queue["Ref"]
        for policy in template.properties("AWS::SQS::QueuePolicy")
        for queue in policy["Queues"]
        if denies_plain_http(policy["PolicyDocument"])
    }
    assert guarded == set(template.of_type("AWS::SQS::Queue"))


def test_no_queue_has_a_name_of_its_own(deployed: Assembly) -> None:
    # A named queue cannot be replaced beside itself, nor stand twice in an account.
    assert not any("QueueName" in queue for queue in deployed["Queues"].properties("AWS::SQS::Queue"))
