"""The assistant as the API shows it: what it may see, what it used, what it suggested and wrote."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from networx.api.shapes.envelope import At, Count, Id, Shape

Model = Annotated[str, Field(examples=["gpt-5-mini"])]
Tokens = Annotated[int, Field(ge=0, examples=[1_250])]
Dollars = Annotated[float, Field(ge=0, examples=[0.0041])]
Purpose = Literal["mapping", "summary"]


class Consent(Shape):
    """What the tenant lets the assistant see; nothing until an administrator says so."""

    mapping: bool = Field(description="Headers and masked samples of refused files.", examples=[True])
    summaries: bool = Field(description="The figures of results, without names.", examples=[False])
    changed_at: At | None
    changed_by: str | None = Field(examples=["ann@example.com"])


class Assistant(Shape):
    """Whether the installation has an assistant, where it asks, and what the tenant lets it see."""

    configured: bool
    host: str | None = Field(examples=["api.example.com"])
    model: Model | None
    cheaper_model: Model | None = Field(examples=["gpt-5-nano"])
    consent: Consent
    may_see_budget: bool = Field(description="Whether who asks is an operator.", examples=[False])


class ModelUsage(Shape):
    """What one model took."""

    model: Model
    calls: Count = Field(examples=[3])
    tokens: Tokens
    dollars: Dollars


class PeriodUsage(Shape):
    """What the tenant used since the day or the month began (UTC)."""

    period: Literal["month", "day"]
    since: date = Field(examples=["2026-11-22"])
    models: list[ModelUsage]


class Usage(Shape):
    """What the tenant used, by model."""

    periods: list[PeriodUsage]


class CallMade(Shape):
    """One call: what was held for it, and what it took. `in_full` and `lost` took all that was held."""

    id: Id
    purpose: Purpose
    subject_id: Id = Field(description="The upload or the job that it was about.")
    model: Model
    asked_by: str = Field(examples=["ann@example.com"])
    request_id: str | None = Field(examples=["f4a75728-c293-488f-bb9b-3149a352ef79"])
    status: Literal["reserved", "spent", "in_full", "unspent", "lost"] = Field(examples=["spent"])
    outcome: str | None = Field(examples=["answered"])
    reserved_tokens: Tokens
    reserved_dollars: Dollars
    input_tokens: Tokens | None
    output_tokens: Tokens | None
    tokens: Tokens | None
    dollars: Dollars | None
    created_at: At
    settled_at: At | None


class PeriodBudget(Shape):
    """One period of the whole installation: its limits, what is spent, and what calls under way hold."""

    period: Literal["month", "day"]
    since: date = Field(examples=["2026-11-22"])
    token_limit: Tokens | None = Field(examples=[100_000])
    dollar_limit: Dollars | None = Field(examples=[10.0])
    spent_tokens: Tokens
    spent_dollars: Dollars
    held_tokens: Tokens
    held_dollars: Dollars
    percent_spent: float | None = Field(description="Of the limit that is nearer.", examples=[1.25])


class TenantUsage(ModelUsage):
    """What one model took for one tenant this month."""

    tenant: str = Field(examples=["acme"])


class Budget(Shape):
    """The budget of the installation, and who used it this month."""

    periods: list[PeriodBudget]
    tenants: list[TenantUsage]


class Suggestion(Shape):
    """What a column could be. `confidence` is below 0.9 always: a person decides."""

    field: str = Field(examples=["capacity_units"])
    confidence: float = Field(ge=0, lt=0.9, examples=[0.82])
    source: Literal["assistant"]
    model: Model
    suggested_at: At


class MappedColumn(Shape):
    """A column whose header means nothing to us: what its cells look like, and what it may be."""

    position: Count = Field(examples=[0])
    sheet: str = Field(examples=["Facilities"])
    header: str = Field(description="Its digits are masked.", examples=["Room"])
    patterns: list[str] = Field(description="Letters are a or A, digits 9.", examples=[["9,999", "999"]])
    fields: list[str] = Field(examples=[["capacity_units", "city"]])
    suggestion: Suggestion | None


class Mapping(Shape):
    """The columns of a refused file that nobody knows what they are."""

    upload_id: Id
    columns: list[MappedColumn]


class WrittenFigure(Shape):
    """A figure in a summary, and what of the result it is: every fact that it may be."""

    text: str = Field(examples=["$1.23 million"])
    facts: list[str] = Field(examples=[["total cost, all years"]])


class Summary(Shape):
    """A result in plain words, written by a model."""

    job_id: Id
    text: str = Field(examples=["The plan opens 6 facilities and costs $1.23 million over 5 years."])
    figures: list[WrittenFigure]
    written_by: Literal["model"]
    model: Model
    written_at: At
    note: str = Field(
        examples=["Written by the model gpt-5-mini. Every figure was checked against the result; the wording was not."]
    )
