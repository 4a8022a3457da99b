"""What is too long and what is too much: the clocks of a running job, and the limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Leases:
    """The clocks of a running job, from the shortest to the longest."""

    cancel_poll: timedelta = timedelta(milliseconds=500)
    progress: timedelta = timedelta(seconds=1)
    # Short enough that a drain finds every poll back: a message given to an abandoned poll would stay hidden.
    receive_wait: timedelta = timedelta(seconds=5)
    record_progress: timedelta = timedelta(seconds=5)
    heartbeat: timedelta = timedelta(seconds=15)
    self_fence: timedelta = timedelta(seconds=75)
    lease: timedelta = timedelta(seconds=90)
    stale_after: timedelta = timedelta(minutes=10)
    lost_hint_after: timedelta = timedelta(minutes=5)
    drain: timedelta = timedelta(seconds=110)
    stop_timeout: timedelta = timedelta(seconds=120)

    @property
    def past_the_lease(self) -> timedelta:
        """How long a running job's message stays hidden: were it back before, it would be spent on a leased job."""
        return self.lease + self.heartbeat


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much. Bytes, rows and connections."""

    api_upload_bytes: int = 100 * 1024**2
    s3_upload_bytes: int = 5 * 1024**3
    upload_part_bytes: int = 16 * 1024**2
    # Of a model's MPS or LP file, packed and unpacked.
    model_upload_bytes: int = 500 * 1024**2
    # A job stays in the record this long after its end, and with it a model that came in its request's body; then it is
    # archived.
    jobs_kept_for: timedelta = timedelta(days=90)
    # A model that was uploaded is removed when it is that old and no job of the record has run it.
    unused_models_kept_for: timedelta = timedelta(days=180)
    presigned_for: timedelta = timedelta(hours=1)
    body_bytes: int = 8 * 1024**2
    batch_members: int = 100
    inline_lanes: int = 100_000
    web_connections: int = 20
    web_connections_warning: int = 15
    worker_connections: int = 4
    function_connections: int = 1
    replica_connections: int = 4
    connect_timeout: timedelta = timedelta(seconds=10)
    statement_timeout: timedelta = timedelta(seconds=30)
    slow_statement: timedelta = timedelta(seconds=5)
    database_degraded: timedelta = timedelta(milliseconds=1000)
    cache_degraded: timedelta = timedelta(milliseconds=500)
    queued_jobs_degraded: int = 50
    memory_degraded_share: float = 0.75
    memory_unhealthy_share: float = 0.90
    problems_kept: int = 10_000
    hot_copy_for: timedelta = timedelta(hours=24)
    running_per_tenant: int = 8
