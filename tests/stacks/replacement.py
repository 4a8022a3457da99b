"""What a deploy would replace, by CloudFormation's own rules: committed goldens on one side, today's on the other.

What only may be replaced counts as well: it depends on values that nobody here can see. After such a change was looked
at, `python -m tests.stacks.replacement` writes the goldens anew.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.home import CHECKOUT
from stacks.sizes import SIZES
from tests.stacks.synthesis import NODE, assembly

GOLDENS = Path(__file__).with_name("goldens")
STATEFUL_STACKS = ("Data", "Storage", "Queues")
STAGES = tuple(SIZES)
# What holds data, or what data cannot be read without. Everything else may be made anew.
STATEFUL_TYPES = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::ElastiCache::SubnetGroup",
        "AWS::KMS::Key",
        "AWS::RDS::DBInstance",
        "AWS::RDS::DBSubnetGroup",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::SQS::Queue",
    }
)

Body = dict[str, Any]


@dataclass(frozen=True)
class Loss:
    """A resource that would be replaced, removed or left behind."""

    stack: str
    id: str
    type: str
    impact: str


def losses(changes: Iterable[tuple[str, Body, Body]]) -> list[Loss]:
    """Of (stack, old template, new template): the stateful resources that a deploy would lose."""
    asked = [{"name": name, "old": old, "new": new} for name, old, new in changes]
    done = subprocess.run(
        [NODE, CHECKOUT / "tests" / "stacks" / "replacements.mjs"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    found = [Loss(**loss) for loss in json.loads(done.stdout)]
    return [loss for loss in found if loss.type in STATEFUL_TYPES]


def golden(stage: str, stack: str) -> Path:
    return GOLDENS / f"{stage}-{stack}.json"


def stateful(body: Body) -> Body:
    """The template with its stateful resources alone: what a golden holds."""
    kept = {name: resource for name, resource in body["Resources"].items() if resource["Type"] in STATEFUL_TYPES}
    return {"Resources": kept}


def write_goldens() -> None:
    GOLDENS.mkdir(exist_ok=True)
    for stage in STAGES:
        for stack in STATEFUL_STACKS:
            body = stateful(assembly(stage)[stack].body)
            golden(stage, stack).write_text(json.dumps(body, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    write_goldens()
