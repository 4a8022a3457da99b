"""What an operator sees and does: how the engine stands, and pauses. All of it reaches beyond a tenant."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from networx.api.declared import refuses
from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Who
from networx.api.shapes import operations as shapes
from networx.api.shapes.envelope import Paged, Success
from networx.db import audit, pool
from networx.errors import CacheUnavailable, Conflict, NotFound
from networx.jobs import circuits, control, overview, recovery, relay
from networx.jobs.control import Pause, Scope
from networx.observability.logs import Log
from networx.resilience.http import hosts_outside

log = Log(__name__)

router = APIRouter(prefix="/api", tags=["operations"])


Name = Annotated[
    str,
    Path(
        max_length=255,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["optimization.fifo"],
        description="A tenant's slug, or the name of a queue or kind.",
    ),
]
# Once listed whole; clients that ask for no page still get as good as all.
LISTING = Listing(control.PAUSE_ORDERS, usual=1000, most=1000)


class NewPause(BaseModel):
    """Why something is paused: shown to whoever waits for it."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=500, examples=["The solver's licence server is being moved."])


@router.get("/status", summary="How the engine stands", response_model=Success[shapes.EngineStatus])
def status(_who: Who) -> Response:
    """Queues, workers that have jobs, the outbox, pauses in force, and jobs of kinds that nobody here knows."""
    with pool.system() as connection:
        pauses = control.pauses(connection)
        paused_queues = {pause.name: pause.reason for pause in pauses if pause.scope == Scope.QUEUE}
        return success(
            {
                "queues": [
                    asdict(queue) | {"paused": paused_queues.get(queue.name)} for queue in overview.queues(connection)
                ],
                "workers": [asdict(worker) for worker in overview.workers(connection)],
                "outbox": asdict(overview.outbox(connection)),
                "pauses": [pause_view(pause) for pause in pauses],
                "circuits": _circuits(),
                "unknown_kinds": recovery.unknown_kinds(connection),
            }
        )


def _circuits() -> list[dict[str, str]]:
    own = circuits.own() | hosts_outside()
    found = [{"process": "web", "part": part, "state": state} for part, state in own.items()]
    with suppress(CacheUnavailable):  # which its own circuit tells
        found += [told._asdict() for told in circuits.told()]
    return found


@router.get("/pauses", summary="What is paused", response_model=Paged[list[shapes.Pause]])
def pauses(paging: Annotated[Paging, paged(LISTING)], scope: Scope | None = None) -> Response:
    """The pauses in force, the oldest first: what, why, by whom and since when."""
    with pool.system() as connection:
        return paging.rows(control.list_pauses(connection, scope=scope, page=paging.page), pause_view)


@router.get(
    "/pauses/{scope}/{name}",
    summary="What a pause holds back, or would",
    response_model=Success[shapes.Reach],
    responses=refuses("QUEUE_NOT_FOUND", "KIND_NOT_FOUND", "TENANT_NOT_FOUND"),
)
def reach(scope: Scope, name: Name, _who: Who) -> Response:
    """`paused`, the pause in force or null, and how many jobs wait (`queued`) and run (`running`: they run on)."""
    with pool.system() as connection:
        control.require_known(connection, scope, name)
        held = overview.reach(connection, scope, name)
        return success({"scope": scope, "name": name, "paused": _in_force(connection, scope, name), **asdict(held)})


@router.put(
    "/pauses/{scope}/{name}",
    summary="Pause a queue, a kind of job or a tenant",
    response_model=Success[shapes.Pause],
    responses=refuses("QUEUE_NOT_FOUND", "KIND_NOT_FOUND", "TENANT_NOT_FOUND", "CONFLICT"),
)
def pause(scope: Scope, name: Name, body: NewPause, doing: Doing) -> Response:
    """Workers take nothing more of it. What waits keeps its place, what runs runs on, and submissions are accepted.

    Put again with the same reason it stays as it is; with another reason it is refused with 409.
    """
    with pool.system() as connection:
        found = _in_force(connection, scope, name)
        if found is not None:
            if found["reason"] != body.reason.strip():
                raise Conflict(what=f"The {scope} {name} is paused already by {found['paused_by']}: {found['reason']}")
            return success(found)
        made = control.pause(connection, scope, name, doing.name, body.reason)
        audit.write(
            connection, doing, "pause.begun", f"{scope} {name}", tenant_id=made.tenant_id, facts={"reason": made.reason}
        )
    log.warning("pause.begun", scope=scope, name=name, reason=made.reason, userId=doing.name)
    return success(pause_view(made))


@router.delete(
    "/pauses/{scope}/{name}",
    summary="Resume what was paused",
    response_model=Success[shapes.Pause],
    responses=refuses("PAUSE_NOT_FOUND"),
)
def resume(scope: Scope, name: Name, doing: Doing) -> Response:
    """Workers take it up again at once: fresh hints are sent for what waited. 404 where nothing was paused."""
    with pool.system() as connection:
        ended = control.resume(connection, scope, name, doing.name)
        if ended is None:
            raise NotFound(what="pause", id=f"{scope} {name}")
        audit.write(connection, doing, "pause.ended", f"{scope} {name}", tenant_id=ended.tenant_id)
    log.warning("pause.ended", scope=scope, name=name, userId=doing.name)
    relay.send_beside()
    return success(pause_view(ended))


def pause_view(pause: Pause) -> dict[str, Any]:
    """A pause as an operator sees it."""
    return asdict(pause)


def _in_force(connection: pool.Connection, scope: Scope, name: str) -> dict[str, Any] | None:
    found = (held for held in control.pauses(connection) if (held.scope, held.name) == (scope, name))
    return next((pause_view(held) for held in found), None)
