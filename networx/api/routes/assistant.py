"""The assistant: what a tenant lets it see, what it used, its suggestions for columns, and results in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from networx import settings
from networx.api import object_store
from networx.api.archived import archived_job, result_of
from networx.api.declared import refuses
from networx.api.doers import Doing
from networx.api.envelope import success
from networx.api.paging import Listing, Paging, paged
from networx.api.principals import Principal, Who
from networx.api.shapes import assistant as shapes
from networx.api.shapes.envelope import Paged, Success
from networx.assistant import asking, consent, ledger, mapping, summary, usage
from networx.assistant.budget import Period, budgets_of, percent_spent
from networx.assistant.ledger import About
from networx.assistant.mapping import MappedColumn
from networx.assistant.summary import Summary
from networx.assistant.usage import Used
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.errors import Conflict, NotFound
from networx.identity.scopes import Scope
from networx.ingest import records
from networx.jobs import store

router = APIRouter(prefix="/api", tags=["assistant"])

LISTING = Listing(usage.ORDERS, usual=50, most=500)
_ASKING = (
    *("ASSISTANT_OFF", "ASSISTANT_NOT_ALLOWED", "ASSISTANT_BUDGET_SPENT", "ASSISTANT_ANSWER_REFUSED"),
    *("ASSISTANT_UNAVAILABLE", "CONFLICT"),
)
_SUMMARISED = ("transport", "capacity", "warehouse", "inventory", "integrated", "greenfield")


class Allowed(BaseModel):
    """What the assistant may see from now on: this, and no more."""

    model_config = ConfigDict(extra="forbid")
    mapping: bool = Field(strict=True, description="Headers and masked samples of refused files.", examples=[True])
    summaries: bool = Field(strict=True, description="The figures of results, without names.", examples=[False])


# --- The assistant itself ---


@router.get("/assistant", summary="The assistant", response_model=Success[shapes.Assistant])
def status(who: Who) -> Response:
    """Whether there is one, which models it asks and where, and what your tenant lets it see."""
    terms = settings.current().assistant
    with pool.tenant(who.tenant_id) as connection:
        allowed = consent.get(connection)
    return success(
        {
            "configured": terms is not None,
            "host": None if terms is None else urlsplit(terms.url).hostname,
            "model": None if terms is None else terms.model,
            "cheaper_model": None if terms is None else terms.cheaper_model,
            "consent": asdict(allowed),
            "may_see_budget": Scope.OPERATOR in who.scopes,
        }
    )


@router.put("/assistant/consent", summary="Say what the assistant may see", response_model=Success[shapes.Consent])
def allow(body: Allowed, doing: Doing, who: Who) -> Response:
    """For your tenant, from now on. What it has seen before it has seen; what it suggested and wrote stays."""
    with pool.tenant(who.tenant_id) as connection:
        changed = consent.change(connection, doing, who.tenant_id, mapping=body.mapping, summaries=body.summaries)
    return success(asdict(changed))


@router.get("/assistant/usage", summary="What your tenant used", response_model=Success[shapes.Usage])
def used(who: Who) -> Response:
    """By model, since the month and the day began (UTC). Calls under way are counted when they end."""
    with pool.tenant(who.tenant_id) as connection:
        periods = [
            {
                "period": period.value,
                "since": since,
                "models": [_used(one) for one in usage.used_since(connection, since)],
            }
            for period, since in usage.days(connection).items()
        ]
    return success({"periods": periods})


@router.get("/assistant/calls", summary="Calls, newest first", response_model=Paged[list[shapes.CallMade]])
def calls(
    who: Who,
    paging: Annotated[Paging, paged(LISTING)],
    purpose: Literal["mapping", "summary"] | None = None,
) -> Response:
    """Each call that was made for your tenant: by whom, about what, by which model, and what it took."""
    with pool.tenant(who.tenant_id) as connection:
        found = usage.calls(connection, purpose=purpose, page=paging.page)
    return paging.rows(found, lambda call: _plain(asdict(call)))


@router.get("/assistant/budget", summary="The budget, for operators", response_model=Success[shapes.Budget])
def budget() -> Response:
    """Of the whole installation: the limits, what is spent and held, and by which tenants this month."""
    terms = settings.current().assistant
    limits = {} if terms is None else budgets_of(terms)
    with pool.system() as connection:
        since, standings = usage.days(connection), ledger.standings(connection)
        tenants = usage.used_by_tenants(connection, since[Period.MONTH])
    return success(
        {
            "periods": [
                _plain(
                    {
                        "period": period.value,
                        "since": since[period],
                        "token_limit": limits[period].tokens if period in limits else None,
                        "dollar_limit": limits[period].dollars if period in limits else None,
                        **asdict(standing),
                        "percent_spent": percent_spent(standing, limits[period]) if period in limits else None,
                    }
                )
                for period, standing in standings.items()
            ],
            "tenants": [{"tenant": one.tenant, **_used(one)} for one in tenants],
        }
    )


# --- Columns ---


@router.get(
    "/uploads/{upload_id}/mapping",
    summary="Columns that nobody knows what they are",
    tags=["uploads"],
    response_model=Success[shapes.Mapping],
    responses=refuses("UPLOAD_NOT_FOUND"),
)
def columns(upload_id: UUID, who: Who) -> Response:
    """Of a refused file: each unknown header, what its cells look like, what it may be, and what was suggested.

    Nothing is ever mapped by a suggestion: rename the column in the file to what it is, and upload it again.
    """
    return success(_mapping(who, upload_id))


@router.post(
    "/uploads/{upload_id}/mapping/suggestions",
    summary="Have the assistant suggest what columns are",
    tags=["uploads"],
    response_model=Success[shapes.Mapping],
    responses=refuses("UPLOAD_NOT_FOUND", *_ASKING),
)
def suggest(upload_id: UUID, doing: Doing, who: Who) -> Response:
    """Sends headers and masked samples (letters as a, digits as 9), if your tenant allows it; answers like the GET.

    May take most of a minute. Earlier suggestions are replaced.
    """
    with pool.tenant(who.tenant_id) as connection:
        records.get_upload(connection, upload_id)
        unknown = mapping.columns(connection, upload_id)
        consent.get(connection).require_mapping()
    if not unknown:
        raise Conflict(what="This upload has no column of an unknown header.")
    assistant = asking.assistant()
    suggested, model = mapping.suggest(assistant, _about(who, doing, mapping.PURPOSE, upload_id), unknown)
    with pool.tenant(who.tenant_id) as connection:
        mapping.keep(connection, who.tenant_id, upload_id, suggested, model)
        facts = {"model": model, "columns": len(unknown), "suggested": len(suggested)}
        audit.write(connection, doing, "mapping.suggested", str(upload_id), tenant_id=who.tenant_id, facts=facts)
    return success(_mapping(who, upload_id))


# --- Results ---


@router.get(
    "/jobs/{job_id}/summary",
    summary="The result in plain words",
    tags=["results"],
    response_model=Success[shapes.Summary],
    responses=refuses("JOB_NOT_FOUND", "SUMMARY_NOT_FOUND", "STORAGE_UNAVAILABLE"),
)
def summary_of(job_id: UUID, who: Who) -> Response:
    """As a model wrote it. Every figure in it was checked against the result; `figures` says what each is."""
    written = _written(who, job_id)
    if written is None:
        _answered(who, job_id)
        raise NotFound(what="summary", id=job_id)
    return success(written)


@router.post(
    "/jobs/{job_id}/summary",
    summary="Have the result told in plain words",
    tags=["results"],
    response_model=Success[shapes.Summary],
    responses=refuses("JOB_NOT_FOUND", "RESULT_NOT_FOUND", "STORAGE_UNAVAILABLE", *_ASKING),
)
def summarise(job_id: UUID, doing: Doing, who: Who) -> Response:
    """Sends the figures of the result without names, if your tenant allows it. One that was written before is kept.

    A text with a figure that is not the result's is refused: asked for once more, then 502. May take most of a minute.
    """
    written = _written(who, job_id)
    if written is not None:
        return success(written)
    kind, result = _answered(who, job_id)
    with pool.tenant(who.tenant_id) as connection:
        consent.get(connection).require_summaries()
    if result is None:
        raise NotFound(what="result", id=job_id)
    place = result.get("files", {}).get("result_json")
    if kind not in _SUMMARISED or place is None:
        raise Conflict(what="Only results of scenarios and of greenfield studies are told in plain words.")
    assistant = asking.assistant()
    whole = orjson.loads(object_store.read_result(place, "result"))
    text, figures, model = summary.write(assistant, _about(who, doing, summary.PURPOSE, job_id), whole)
    with pool.tenant(who.tenant_id) as connection:
        kept = summary.keep(connection, who.tenant_id, job_id, text, figures, model)
        facts = {"model": model}
        audit.write(connection, doing, "summary.written", str(job_id), tenant_id=who.tenant_id, facts=facts)
    return success(_summary(kept))


def _about(who: Principal, doing: Doer, purpose: str, subject_id: UUID) -> About:
    return About(who.tenant_id, purpose, subject_id, who.name, doing.request_id)


def _written(who: Principal, job_id: UUID) -> dict[str, Any] | None:
    """The summary of a job's result, if it was written."""
    with pool.tenant(who.tenant_id) as connection:
        found = summary.find(connection, job_id)
    return None if found is None else _summary(found)


def _answered(who: Principal, job_id: UUID) -> tuple[str, Mapping[str, Any] | None]:
    """The kind of a job and the result that it has, in the record or archived. Raises NotFound."""
    try:
        with pool.tenant(who.tenant_id) as connection:
            return store.get_job(connection, job_id).kind, store.get_result(connection, job_id)
    except NotFound:
        archived = archived_job(who.tenant_id, job_id)
        return archived.job.kind, result_of(archived)


def _mapping(who: Principal, upload_id: UUID) -> dict[str, Any]:
    with pool.tenant(who.tenant_id) as connection:
        records.get_upload(connection, upload_id)
        found = mapping.columns(connection, upload_id)
    return {"upload_id": upload_id, "columns": [_column(column) for column in found]}


def _column(column: MappedColumn) -> dict[str, Any]:
    suggestion = None
    if column.field is not None and column.confidence is not None:
        suggestion = {
            "field": column.field,
            "confidence": float(column.confidence),
            "source": column.source,
            "model": column.model,
            "suggested_at": column.suggested_at,
        }
    return {
        "position": column.position,
        "sheet": column.tab,
        "header": column.header,
        "patterns": column.patterns,
        "fields": column.fields,
        "suggestion": suggestion,
    }


def _summary(one: Summary) -> dict[str, Any]:
    note = f"Written by the model {one.model}. Every figure was checked against the result; the wording was not."
    return {**asdict(one), "written_by": "model", "note": note}


def _used(one: Used) -> dict[str, Any]:
    return {"model": one.model, "calls": one.calls, "tokens": one.tokens, "dollars": float(one.dollars)}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same with amounts of dollars as JSON has them."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
