"""Which figure is used: the tenant's own, else a source's, in the order they are configured, else the last one known.

    own file -> stored and fresh -> primary -> secondary ... -> last known good, within its limit of age -> refusal

Nothing is made up: where none of these has a figure, MarketDataUnavailable says what was tried and why each failed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from networx.db import pool
from networx.domain.market import MARKET_KINDS
from networx.errors import MarketDataUnavailable
from networx.market import store
from networx.market.sources import Source, Told, failed
from networx.market.values import MarketValue, Observation, Origin, Unusable, usable_day
from networx.observability.logs import Log

log = Log(__name__)

_ASKED_AT_ONCE = 4


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What asking one source for one subject brought: a figure, or why none."""

    source: str
    kind: str
    subject: str
    observation: Observation | None
    reason: str | None


class Market:
    """The figures of one installation. `sources` in the order in which they are asked."""

    def __init__(self, sources: Sequence[Source], now: Callable[[], datetime] = now_utc) -> None:
        self.sources = tuple(sources)
        self._now = now

    def current(self, tenant_id: UUID, kind: str, subject: str) -> MarketValue:
        """The figure to use now. Raises MarketDataUnavailable, DatabaseUnavailable."""
        now = self._now()
        tried: list[str] = []
        with pool.tenant(tenant_id) as connection:
            own = store.newest(connection, kind, subject, own=True)
            stored = store.newest(connection, kind, subject, own=False)
        if _usable(own, now, "your own file", tried):
            assert own is not None
            return own.used_as(Origin.OWN)
        if stored is not None and now - stored.confirmed_at <= MARKET_KINDS[kind].fresh_for and _usable(stored, now):
            return stored.used_as(Origin.STORED)
        for source in self._telling(kind, subject):
            told = _asked(source, [subject], now)
            if subject in told.observations:
                return self._kept(tenant_id, told.observations[subject], now)
            tried.append(f"{source.name}: {told.failures.get(subject, 'it said nothing')}")
        if not self._telling(kind, subject):
            tried.append("no source is configured for it")
        if _usable(stored, now, "the last known", tried):
            assert stored is not None
            log.warning("market.last_known_good", kind=kind, subject=subject, days=stored.age(now).days, tried=tried)
            return stored.used_as(Origin.LAST_KNOWN_GOOD)
        raise MarketDataUnavailable(what=f"{kind} of {subject}", tried="; ".join(tried))

    def for_scenario(self, tenant_id: UUID, scenario_id: UUID, version: int, kind: str, subject: str) -> MarketValue:
        """The figure that a version of a scenario uses: what it used before, else the current one from now on.

        Raises NotFound, MarketDataUnavailable.
        """
        with pool.tenant(tenant_id) as connection:
            for value in store.pinned(connection, scenario_id, version):
                if (value.kind, value.subject) == (kind, subject):
                    return value
        value = self.current(tenant_id, kind, subject)
        with pool.tenant(tenant_id) as connection:
            return store.pin(connection, scenario_id, version, value, self._now())

    def refresh(self) -> list[Refreshed]:
        """Ask every source for all its subjects, and store what they say."""
        now = self._now()
        with ThreadPoolExecutor(_ASKED_AT_ONCE, thread_name_prefix="market") as threads:
            answers = list(threads.map(lambda source: _asked(source, source.subjects, now), self.sources))
        found = [observation for told in answers for observation in told.observations.values()]
        if found:
            with pool.system() as connection:
                store.keep(connection, found, now)
        return [
            Refreshed(
                source.name,
                source.kind,
                subject,
                told.observations.get(subject),
                None if subject in told.observations else told.failures.get(subject, "it said nothing"),
            )
            for source, told in zip(self.sources, answers, strict=True)
            for subject in source.subjects
        ]

    def _telling(self, kind: str, subject: str) -> list[Source]:
        return [source for source in self.sources if source.kind == kind and subject in source.subjects]

    def _kept(self, tenant_id: UUID, observation: Observation, now: datetime) -> MarketValue:
        with pool.system() as connection:
            store.keep(connection, [observation], now)
        with pool.tenant(tenant_id) as connection:
            kept = store.newest(connection, observation.kind, observation.subject, own=False)
        assert kept is not None
        # A secondary source may be behind what the primary said before: the newer figure counts.
        return kept.used_as(Origin.SOURCE if kept.source == observation.source else Origin.STORED)


def _asked(source: Source, subjects: Sequence[str], now: datetime) -> Told:
    try:
        told = source.observe(subjects, now)
    except Exception:  # a fault of ours in one source must not take the others with it
        log.exception("market.source_broke", source=source.name, kind=source.kind)
        told = failed(subjects, "it failed in a way that we did not foresee")
    for subject, reason in told.failures.items():
        log.warning("market.source_failed", source=source.name, kind=source.kind, subject=subject, reason=reason)
    return told


def _usable(value: MarketValue | None, now: datetime, whose: str = "", tried: list[str] | None = None) -> bool:
    """Whether a stored figure is young enough. One that is not is added to what was tried."""
    if value is None:
        return False
    try:
        usable_day(MARKET_KINDS[value.kind], value.as_of, now)
    except Unusable as fault:
        if tried is not None:
            tried.append(f"{whose}: {fault}")
        return False
    return True
