"""Figures of the market: what is configured and known, asking the sources anew, and a tenant's own rates."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from networx import settings
from networx.api.declared import REFUSED_FILES, refuses
from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.limits import refusal
from networx.api.principals import Principal, Who
from networx.api.shapes import market as shapes
from networx.api.shapes.envelope import Success
from networx.db import audit, pool
from networx.domain.market import MARKET_KINDS
from networx.errors import LimitExceeded, Problem, RefusedInput
from networx.market import configuration, own, store
from networx.market.orchestrator import Refreshed, now_utc
from networx.market.values import MarketValue, Unusable, usable_day
from networx.resilience.confine import Child, Confinement
from networx.resilience.http import hosts_outside
from networx.resilience.limits import Limit, Limiter

router = APIRouter(prefix="/api/market", tags=["market"])

# For everybody together: what the hosts allow in a day is the installation's, not a tenant's.
REFRESHES = Limit("market-refresh", 12, timedelta(hours=1))
READER = Confinement("networx.ingest.rates:run", memory_mib=512, cpu_seconds=30)
READING_TIME = timedelta(seconds=60)
_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("", summary="Figures of the market", response_model=Success[shapes.Market])
def figures(who: Who) -> Response:
    """What is configured, how its hosts stand for this process, and the newest figure of each kind, subject and source.

    `value` is text, so that no decimal is lost. `usable` says whether the figure is young enough to be used.
    """
    now = now_utc()
    with pool.tenant(who.tenant_id) as connection:
        known = store.listed(connection)
        ways = store.ways_known(connection)
    return success(
        {
            "kinds": [
                {
                    "name": kind.name,
                    "meaning": kind.meaning,
                    "unit": kind.unit,
                    "oldest_days": kind.oldest.days,
                }
                for kind in MARKET_KINDS.values()
            ],
            "sources": _sources(),
            "hosts": {host: state.value for host, state in hosts_outside().items()},
            "values": [value_view(value, now) for value in known],
            "ways_by_road": ways,
        }
    )


@router.post("/refresh", summary="Ask every source anew", response_model=Success[shapes.Refreshed])
def refresh(request: Request, doing: Doing, who: Who) -> Response:
    """Ask every configured source for all it is configured for, and store what it says.

    `reason` says why a source told no figure; what was stored before stays, with its age. Twelve times an hour, whoever
    asks; then 429 with `Retry-After`.
    """
    limiter: Limiter = request.app.state.limiter
    verdict = limiter.take(REFRESHES, "everybody")
    if not verdict.admitted:
        return refusal(verdict)
    asked = configuration.market().refresh()
    told = sum(each.observation is not None for each in asked)
    with pool.tenant(who.tenant_id) as connection:
        facts = {"asked": len(asked), "told": told}
        audit.write(connection, doing, "market.refreshed", "market", tenant_id=who.tenant_id, facts=facts)
    return success({"asked": [_refreshed_view(each) for each in asked]})


@router.post(
    "/rates",
    summary="Send a file of your own rates",
    status_code=201,
    openapi_extra=_BYTES,
    response_model=Success[shapes.StoredRates],
    responses=refuses(*REFUSED_FILES),
)
async def rates(
    request: Request,
    doing: Doing,
    who: Who,
    filename: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/\\]+$")] = "rates",
) -> Response:
    """The body is a workbook with a sheet Rates, or CSV: columns kind, subject, as_of, value, unit. All rows or none.

    Your own figure counts before every public one, as long as it is young enough. The same file again changes nothing.
    """
    content = await request.body()
    stored = await run_in_threadpool(_store_rates, content, filename, who, doing)
    return success({"stored": stored}, 201)


def _store_rates(content: bytes, filename: str, who: Principal, doing: Doing) -> int:
    rows = _read_confined(content)
    now = now_utc()
    observations = own.observations_of(rows, filename, now)
    with pool.tenant(who.tenant_id) as connection:
        store.keep(connection, observations, now, who.tenant_id)
        facts = {"rows": len(observations)}
        audit.write(connection, doing, "rates.stored", filename, tenant_id=who.tenant_id, facts=facts)
    return len(observations)


def _read_confined(content: bytes) -> list[dict[str, Any]]:
    """What a child makes of a file that may be hostile. Raises RefusedInput."""
    with tempfile.TemporaryDirectory(dir=settings.current().scratch) as folder:
        path = Path(folder) / "rates"
        path.write_bytes(content)
        try:
            said = list(Child(READER).run({"path": str(path)}, longest=READING_TIME))
        except LimitExceeded as limit:
            message = f"The file could not be read within {limit.facts['limit']}. Save it again in Excel, or as CSV."
            raise RefusedInput([Problem(message, "limit")], code="FILE_TOO_COMPLEX") from None
    rows: list[dict[str, Any]] = said[0]["rows"]
    return rows


def value_view(value: MarketValue, now: datetime) -> dict[str, Any]:
    """A figure with what travels with it: source, day, age, confidence and licence."""
    try:
        usable_day(MARKET_KINDS[value.kind], value.as_of, now)
        usable = True
    except Unusable:
        usable = False
    return {
        "kind": value.kind,
        "subject": value.subject,
        "value": f"{value.value:f}",
        "unit": value.unit,
        "as_of": value.as_of,
        "age_days": value.age(now).days,
        "usable": usable,
        "source": value.source,
        "origin": value.origin.value,
        "confidence": value.confidence.value,
        "preliminary": value.preliminary,
        "licence": value.licence,
        "request": value.request,
        "fetched_at": value.fetched_at,
        "confirmed_at": value.confirmed_at,
    }


def _sources() -> list[dict[str, Any]]:
    figures = [
        {
            "name": source.name,
            "kind": source.kind,
            "subjects": list(source.subjects),
            "address": source.address,
            "standing": source.standing.value,
            "licence": source.licence,
        }
        for source in configuration.market().sources
    ]
    roads: list[dict[str, Any]] = [
        {
            "name": server.name,
            "kind": "road_miles, road_minutes",
            "subjects": [],
            "address": server.address,
            "standing": server.standing.value,
            "licence": server.licence,
        }
        for server in configuration.road_servers()
    ]
    return [*figures, *roads]


def _refreshed_view(asked: Refreshed) -> dict[str, Any]:
    told = asked.observation
    return {
        "source": asked.source,
        "kind": asked.kind,
        "subject": asked.subject,
        "value": None if told is None else f"{told.value:f}",
        "unit": None if told is None else told.unit,
        "as_of": None if told is None else told.as_of,
        "reason": asked.reason,
    }
