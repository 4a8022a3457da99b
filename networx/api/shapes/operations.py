"""What operators and load balancers see: how the engine stands, pauses, and health."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from networx.api.shapes.envelope import At, Count, Id, Seconds, Shape
from networx.resilience.breaker import State

Health = Annotated[Literal["healthy", "degraded", "unhealthy"], Field(examples=["healthy"])]
PauseScope = Annotated[Literal["queue", "kind", "tenant"], Field(examples=["queue"])]
Number = Annotated[int, Field(ge=0, examples=[0])]


class Pause(Shape):
    """A pause: of what, why, by whom and since when."""

    scope: PauseScope
    name: str = Field(examples=["optimization.fifo"])
    tenant_id: Id | None = Field(examples=[None])
    reason: str = Field(examples=["The solver is being updated."])
    paused_by: str = Field(examples=["an operator"])
    paused_at: At
    resumed_by: str | None = Field(examples=[None])
    resumed_at: At | None = Field(examples=[None])


class Reach(Shape):
    """What a pause holds back, or would: jobs that wait. Those that run, run on."""

    scope: PauseScope
    name: str = Field(examples=["optimization.fifo"])
    paused: Pause | None = Field(examples=[None])
    queued: Number
    running: Number


class Queue(Shape):
    """One queue: what waits, is put off, runs and is dead."""

    name: str = Field(examples=["optimization.fifo"])
    queued: Number
    put_off: Number
    running: Number
    dead: Number
    oldest_waiting_seconds: Seconds | None
    paused: str | None = Field(description="Why, if it is.", examples=[None])


class Worker(Shape):
    """A worker that has jobs."""

    name: str = Field(examples=["worker-1"])
    running: Count = Field(examples=[1])
    heartbeat_at: At


class Outbox(Shape):
    """Messages that are due and not sent."""

    waiting: Number
    oldest_seconds: Seconds | None


class Circuit(Shape):
    """How one process's breaker of a part stands; a host outside stands under its own name."""

    process: str = Field(examples=["optimization@task-1:7"])
    part: str = Field(examples=["solver"])
    state: State = Field(examples=["open"])


class EngineStatus(Shape):
    """How the engine stands."""

    queues: list[Queue]
    workers: list[Worker]
    outbox: Outbox
    pauses: list[Pause]
    circuits: list[Circuit] = Field(
        description="Those of the web process that answers, and what workers tell of theirs that are not closed."
    )
    unknown_kinds: dict[str, int] = Field(description="Waiting jobs of kinds unknown here.", examples=[{}])


class HealthCheck(BaseModel):
    """One part; what else is known of it stands beside."""

    model_config = ConfigDict(extra="allow")
    status: Health
    latency_ms: float = Field(ge=0, examples=[0.8])
    message: str | None = Field(default=None, examples=["Many jobs wait."])


class HealthReport(Shape):
    """Every part; the worst one counts."""

    status: Health
    version: str = Field(examples=["1.0.0"])
    uptime_seconds: Seconds
    circuits: dict[str, State] = Field(
        description="Of the process that answers; `host` is the worst of all hosts outside, `solver` of all workers.",
        examples=[{"database": "closed", "solver": "closed"}],
    )
    checks: dict[str, HealthCheck] = Field(examples=[{"database": {"status": "healthy", "latency_ms": 0.8}}])


class Live(Shape):
    """The process serves."""

    status: Health
    pid: int = Field(examples=[1])
