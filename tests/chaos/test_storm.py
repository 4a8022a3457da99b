"""The storm, and what must be left when it is over. JOBS and CHAOS_SEED say how much of it and which."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

import pytest

from networx.db import pool
from tests.chaos.conftest import SEED, STORM
from tests.chaos.stage import Stage
from tests.chaos.storm import Storm

JOBS = int(os.environ.get("CHAOS_JOBS") or 1000)
WEATHER_SEEN = ("lost", "duplicated", "refused", "unanswered")


@pytest.mark.timeout(300 + JOBS // 4)
def test_the_storm(stage: Stage, record_property: Callable[[str, object], None]):
    """Whatever is killed, frozen, cut off, lost or doubled: every accepted job ends once, and keeps its result."""
    began = time.monotonic()
    storm = Storm(stage, JOBS)
    storm.rage()
    storm.redrive()
    stage.judge(within=120)
    report = {
        "seed": SEED,
        "jobs": JOBS,
        "seconds": round(time.monotonic() - began),
        "ended": dict(stage.statuses()),
        "redriven": storm.redriven,
        "done to it": dict(storm.happened),
        "done to messages": {name: storm.met[name] for name in WEATHER_SEEN},
        "events": events(),
        "seen": dict(stage.witness.counts()),
    }
    record_property(STORM, json.dumps(report))
    for name in storm.disturbances:
        assert storm.happened[name] > 0, f"not once: {name}"
    for name in WEATHER_SEEN:
        assert storm.met[name] > 0, f"no message was {name}"
    assert sum(stage.statuses().values()) >= JOBS
    assert stage.witness.counts()["accepted"] == JOBS
    told = events()
    for event in ("taken over", "retried", "cancelled", "died", "failed"):
        assert told.get(event), f"no job was ever {event}: {told}"


def events() -> dict[str, int]:
    with pool.system() as connection:
        return dict(connection.execute("SELECT event, count(*) FROM job_events GROUP BY event").fetchall())
