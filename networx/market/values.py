"""What a figure of the market is: observed by a source, stored with its origin, and used with an honest label.

Confidence is a rule and no number: where the figure comes from, one step lower if its publisher calls it preliminary,
one step lower if it is used because no source answered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID

from networx.domain.market import MARKET_KINDS, MarketKind, in_unit

# A publisher's day may have begun before ours.
_AHEAD = timedelta(days=1)


class Confidence(StrEnum):
    """How far a figure may be leaned on."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def lower(self) -> Confidence:
        """One step less; LOW stays."""
        return Confidence.MEDIUM if self is Confidence.HIGH else Confidence.LOW


class Standing(StrEnum):
    """What a source is to its figures."""

    PUBLISHER = "publisher"  # the office that measures and publishes them
    OWN = "own"  # the client, of what it pays itself
    DERIVED = "derived"  # computed, collected or passed on by somebody else


class Origin(StrEnum):
    """How a figure came to be used."""

    OWN = "own"  # the tenant's own file
    SOURCE = "source"  # asked for just now
    STORED = "stored"  # asked for so lately that the source is not asked again
    LAST_KNOWN_GOOD = "last_known_good"  # no source answered


@dataclass(frozen=True, slots=True)
class Observation:
    """What a source says: `value` in the unit of its kind, `as_of` the day it speaks of, `request` without keys."""

    kind: str
    subject: str
    as_of: date
    value: Decimal
    source: str
    confidence: Confidence
    licence: str
    request: str
    preliminary: bool = False

    @property
    def unit(self) -> str:
        return MARKET_KINDS[self.kind].unit


@dataclass(frozen=True, slots=True)
class MarketValue:
    """A stored observation, and how it came to be used."""

    id: UUID
    kind: str
    subject: str
    as_of: date
    value: Decimal
    unit: str
    source: str
    confidence: Confidence
    preliminary: bool
    licence: str
    request: str
    fetched_at: datetime
    confirmed_at: datetime
    origin: Origin = Origin.STORED

    def age(self, now: datetime) -> timedelta:
        """How long ago it was true, in whole days of UTC."""
        return max(now.astimezone(UTC).date() - self.as_of, timedelta())

    def used_as(self, origin: Origin) -> MarketValue:
        """The figure with the label of its use."""
        worse = origin is Origin.LAST_KNOWN_GOOD
        return replace(self, origin=origin, confidence=self.confidence.lower() if worse else self.confidence)


class Unusable(Exception):
    """What a source said cannot be used, and why. Whatever a host wrote becomes text that prints and is UTF-8."""

    def __init__(self, reason: str) -> None:
        plain = reason.encode("utf-8", "replace").decode()
        super().__init__("".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in plain))


def confidence_of(standing: Standing, *, preliminary: bool) -> Confidence:
    """The confidence of a figure that was just observed."""
    first = Confidence.MEDIUM if standing is Standing.DERIVED else Confidence.HIGH
    return first.lower() if preliminary else first


def plausible(kind: MarketKind, said: Any, unit: str) -> Decimal:
    """A number as a source writes it, in the unit of its kind. Raises Unusable."""
    if isinstance(said, bool) or not isinstance(said, str | int | float | Decimal):
        raise Unusable("it is no number")
    try:
        # A float would carry digits that nobody wrote.
        number = Decimal(str(said).strip() if isinstance(said, str) else str(said))
        return in_unit(kind, number, unit)
    except InvalidOperation:
        raise Unusable(f"{str(said)[:40]!r} is no number") from None
    except ValueError as fault:
        raise Unusable(str(fault)) from None


def usable_day(kind: MarketKind, as_of: date, now: datetime) -> date:
    """The day a figure speaks of, if it may still be used. Raises Unusable for one too old or yet to come."""
    age = now.astimezone(UTC).date() - as_of
    if age < -_AHEAD:
        raise Unusable(f"it is of {as_of.isoformat()}, which is yet to come")
    if age > kind.oldest:
        allowed = f"a {kind.name} may be {kind.oldest.days} days old at most"
        raise Unusable(f"it is of {as_of.isoformat()}, {age.days} days ago; {allowed}")
    return as_of
