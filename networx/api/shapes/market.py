"""Figures of the market as the API shows them. A `value` is text, so that no decimal is lost."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from networx.api.shapes.envelope import At, Count, Shape
from networx.market.values import Confidence, Origin, Standing
from networx.resilience.breaker import State

Kind = Annotated[str, Field(examples=["diesel"])]
Subject = Annotated[str, Field(examples=["US"])]
Unit = Annotated[str, Field(examples=["$/gal"])]
Source = Annotated[str, Field(examples=["own rates"])]
Licence = Annotated[str, Field(examples=["public domain"])]
Decimal = Annotated[str, Field(examples=["3.812"])]
Day = Annotated[date, Field(examples=["2026-11-16"])]


class MarketKind(Shape):
    """A kind of figure, and how old one may be to be used."""

    name: Kind
    meaning: str = Field(examples=["A gallon of diesel at the pump."])
    unit: Unit
    oldest_days: Count = Field(examples=[21])


class MarketSource(Shape):
    """A source that is configured."""

    name: Source
    kind: Kind
    subjects: list[str] = Field(examples=[["US"]])
    address: str = Field(examples=["https://api.example.com/v2"])
    standing: Standing
    licence: Licence


class MarketFigure(Shape):
    """A figure with what travels with it."""

    kind: Kind
    subject: Subject
    value: Decimal
    unit: Unit
    as_of: Day
    age_days: int = Field(examples=[6])
    usable: bool
    source: Source
    origin: Origin
    confidence: Confidence
    preliminary: bool
    licence: Licence
    request: str = Field(examples=["https://api.example.com/v2?series=diesel"])
    fetched_at: At
    confirmed_at: At


class Market(Shape):
    """What is configured, how its hosts stand, and the newest figures."""

    kinds: list[MarketKind]
    sources: list[MarketSource]
    hosts: dict[str, State] = Field(examples=[{"api.example.com": "closed"}])
    values: list[MarketFigure]
    ways_by_road: Count = Field(examples=[0])


class AskedSource(Shape):
    """What one source told, or why it told nothing."""

    source: Source
    kind: Kind
    subject: Subject
    value: Decimal | None
    unit: Unit | None
    as_of: Day | None
    reason: str | None = Field(examples=[None])


class Refreshed(Shape):
    """What every source told."""

    asked: list[AskedSource]


class StoredRates(Shape):
    """How many rates were stored."""

    stored: Count = Field(examples=[12])
