"""No stateful resource is ever replaced, and the test that says so would notice."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest

from local.home import CHECKOUT
from stacks.sizes import SIZES
from tests.stacks.replacement import STAGES, STATEFUL_STACKS, STATEFUL_TYPES, Body, golden, losses, stateful
from tests.stacks.synthesis import Assembly, assembly

pytestmark = pytest.mark.skipif(
    not (CHECKOUT / "node_modules" / "@aws-cdk" / "cloudformation-diff").exists(),
    reason="needs `bin/node-tools`, which `make test` runs",
)


def body_of(stage: str, stack: str) -> Body:
    body: Body = json.loads(golden(stage, stack).read_text())
    return body


def first(body: Body, kind: str, holding: str = "") -> str:
    """The logical id of a resource of this type, with `holding` in its id."""
    return next(name for name, said in body["Resources"].items() if said["Type"] == kind and holding in name)


def test_a_deploy_replaces_nothing_that_holds_data() -> None:
    changes = [
        (f"{stage} {stack}", body_of(stage, stack), stateful(assembly(stage)[stack].body))
        for stage in STAGES
        for stack in STATEFUL_STACKS
    ]
    assert losses(changes) == [], "Data would be lost. See docs/operations/deploy.md before writing goldens anew."


def _another_key(body: Body) -> str:
    primary = first(body, "AWS::RDS::DBInstance", "Primary")
    body["Resources"][primary]["Properties"]["KmsKeyId"] = "arn:aws:kms:us-east-1:333333333333:key/another"
    return primary


def _another_bucket_name(body: Body) -> str:
    bucket = first(body, "AWS::S3::Bucket", "Results")
    body["Resources"][bucket]["Properties"]["BucketName"] = "networx-results"
    return bucket


def _no_longer_fifo(body: Body) -> str:
    queue = first(body, "AWS::SQS::Queue", "OptimizationQueue")
    del body["Resources"][queue]["Properties"]["FifoQueue"]
    return queue


def _another_engine(body: Body) -> str:
    cache = first(body, "AWS::ElastiCache::ReplicationGroup")
    body["Resources"][cache]["Properties"]["Engine"] = "redis"
    return cache


def _another_logical_id(body: Body) -> str:
    primary = first(body, "AWS::RDS::DBInstance", "Primary")
    body["Resources"]["Moved"] = body["Resources"].pop(primary)
    return primary


@pytest.mark.parametrize(
    ("stack", "plant"),
    [
        ("Data", _another_key),
        ("Storage", _another_bucket_name),
        ("Queues", _no_longer_fifo),
        ("Data", _another_engine),
        ("Data", _another_logical_id),
    ],
)
def test_a_planted_replacement_is_caught(stack: str, plant: Callable[[Body], str]) -> None:
    before = body_of("prod", stack)
    after = copy.deepcopy(before)
    planted = plant(after)
    assert planted in [loss.id for loss in losses([(stack, before, after)])]


def test_a_change_in_place_loses_nothing() -> None:
    before = body_of("prod", "Data")
    after = copy.deepcopy(before)
    after["Resources"][first(after, "AWS::RDS::DBInstance", "Primary")]["Properties"]["MaxAllocatedStorage"] = 2000
    assert losses([("Data", before, after)]) == []


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("stack", STATEFUL_STACKS)
def test_the_logical_ids_of_stateful_resources_are_frozen(stage: str, stack: str) -> None:
    assert set(body_of(stage, stack)["Resources"]) <= set(assembly(stage)[stack].resources)


def test_what_leaves_the_template_stays_where_the_stage_keeps_data(deployed: Assembly) -> None:
    wanted = "Retain" if SIZES[deployed.stage].retain else "Delete"
    for stack in STATEFUL_STACKS:
        for name, resource in deployed[stack].resources.items():
            if resource["Type"] in STATEFUL_TYPES and not resource["Type"].endswith("SubnetGroup"):
                assert resource.get("DeletionPolicy", "Delete") == wanted, name
                assert resource.get("UpdateReplacePolicy", "Delete") == wanted, name


def test_a_command_alone_deletes_no_stack_that_keeps_data(deployed: Assembly) -> None:
    for stack in (*STATEFUL_STACKS, "Network"):
        assert deployed.protected(stack) == SIZES[deployed.stage].retain


def test_dev_leaves_nothing_behind(dev: Assembly) -> None:
    for stack in STATEFUL_STACKS:
        for name, resource in dev[stack].resources.items():
            assert resource.get("DeletionPolicy", "Delete") == "Delete", name
