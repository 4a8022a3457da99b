"""What every stack of a stage shares: its name, its zones without a look-up, its tags and its protection."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from networx.topology import SERVICE
from stacks.stages import Stage


class StageStack(cdk.Stack):
    """A stack of one stage. `stateful` stacks of a stage that retains cannot be deleted by a command."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, env: cdk.Environment, description: str, stateful: bool = False
    ) -> None:
        self._zones = list(stage.zones)
        super().__init__(
            scope,
            id,
            env=env,
            description=description,
            stack_name=f"{SERVICE}-{stage.name}-{id.lower()}",
            termination_protection=stateful and stage.retain,
            tags={"service": SERVICE, "stage": stage.name},
        )
        self.stage = stage

    @property
    def availability_zones(self) -> list[str]:
        """The stage's: asking the account would be a look-up."""
        return self._zones
