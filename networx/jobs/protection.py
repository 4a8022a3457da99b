"""Keeps the container service from ending a task while a job runs in it: scale-in and deployments wait.

The task says so itself, to the agent on its own machine, a quarter of an hour at a time, so that a protection nobody
renews ends by itself. Where there is no agent (a laptop, a test) nothing happens; a fault is logged, for an unprotected
job is only handed back and resumed elsewhere. Spot reclaims and the drain are the worker's own concern.
"""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson

from networx import settings
from networx.observability.logs import Log

log = Log(__name__)

PROTECTED_FOR = timedelta(minutes=15)
LOOK_EVERY = timedelta(seconds=1)
ANSWER_WITHIN = timedelta(seconds=5)


def keep(finished: threading.Event, busy: Callable[[], bool]) -> None:
    """Protect this task while `busy` says so, until `finished`. Renewed with every heartbeat."""
    agent = settings.current().task_agent
    if agent is None:
        return
    heartbeat = settings.current().leases.heartbeat.total_seconds()
    protected = False
    rest = 0.0
    while not finished.wait(rest):
        wanted = busy()
        if wanted or protected:
            protected = _say(agent, protected=wanted, before=protected)
        rest = heartbeat if wanted or protected else LOOK_EVERY.total_seconds()
    if protected:
        _say(agent, protected=False, before=True)


def _say(agent: str, *, protected: bool, before: bool) -> bool:
    """Ask the agent; whether the task is protected then, as far as is known."""
    body: dict[str, Any] = {"ProtectionEnabled": protected}
    if protected:
        body["ExpiresInMinutes"] = int(PROTECTED_FOR.total_seconds() // 60)
    request = urllib.request.Request(  # noqa: S310  # the container service names its own agent
        f"{agent}/task-protection/v1/state",
        data=orjson.dumps(body),
        headers={"Content-Type": "application/json"},
        method="PUT",
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN.total_seconds()) as answer:  # noqa: S310
            said = orjson.loads(answer.read())
    except urllib.error.HTTPError as fault:
        log.warning("task.protection_failed", protected=protected, status=fault.code, reason=fault.read(2000).decode())
        return before
    except (OSError, http.client.HTTPException, orjson.JSONDecodeError) as fault:
        log.warning("task.protection_failed", protected=protected, reason=str(fault))
        return before
    if "protection" not in said:
        # The agent answers 200 and names a failure when the service refused.
        log.warning("task.protection_failed", protected=protected, reason=orjson.dumps(said).decode())
        return before
    if protected != before:
        log.info("task.protection_changed", protected=protected)
    return protected
