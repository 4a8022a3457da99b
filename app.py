"""The CDK app: a table of contents. `bin/cdk synth -c stage=dev`; each stack is one screen under stacks/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag

from stacks.compute import ComputeStack
from stacks.data import DataStack
from stacks.network import NetworkStack
from stacks.queues import QueuesStack
from stacks.stages import Stage, stage_of
from stacks.storage import StorageStack
from stacks.watch import WatchStack

HERE = Path(__file__).parent


def new_app(context: Mapping[str, Any] | None = None, outdir: str | None = None) -> cdk.App:
    """An app with this project's context, which `App()` alone would not read. The command line's `-c` wins."""
    known = json.loads((HERE / "cdk.json").read_text())["context"]
    known |= json.loads((HERE / "cdk.context.json").read_text())
    return cdk.App(context={**known, **(context or {})}, outdir=outdir, analytics_reporting=False)


def build(app: cdk.App, stage: Stage) -> None:
    """Every stack of one stage: what keeps data first, what uses it after. A finding of a rule fails the synthesis."""
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    network = NetworkStack(app, "Network", stage=stage, env=stage.env)
    data = DataStack(app, "Data", stage=stage, env=stage.env, vpc=network.vpc)
    storage = StorageStack(app, "Storage", stage=stage, env=stage.env)
    queues = QueuesStack(app, "Queues", stage=stage, env=stage.env)
    compute = ComputeStack(
        app, "Compute", stage=stage, env=stage.env, network=network, data=data, storage=storage, queues=queues
    )
    WatchStack(app, "Watch", stage=stage, env=stage.env, compute=compute, data=data, queues=queues)


def main() -> None:
    app = new_app()
    build(app, stage_of(app.node.try_get_context("stage"), app.node.try_get_context("stages")))
    app.synth()


if __name__ == "__main__":
    main()
