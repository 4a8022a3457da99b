"""Ways by road between many places: what is stored and fresh, else from the servers in their order, pair by pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from networx.db import pool
from networx.domain.market import MARKET_KINDS, ROADS
from networx.domain.phrases import counted
from networx.errors import MarketDataUnavailable
from networx.market import store
from networx.market.orchestrator import now_utc
from networx.market.osrm import Osrm, Pair, Place
from networx.market.values import MarketValue, Observation, Origin, confidence_of

_PAIRS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Road:
    """One way, both figures with their source and age."""

    miles: MarketValue
    minutes: MarketValue


def subject_of(pair: Pair) -> str:
    """How a pair stands in the record: longitude and latitude of both ends."""
    return f"{pair[0]};{pair[1]}"


def roads(
    servers: Sequence[Osrm], origins: Sequence[Place], destinations: Sequence[Place], now: datetime | None = None
) -> dict[Pair, Road]:
    """Every way from an origin to a destination. Raises MarketDataUnavailable that names the pairs without one.

    A server is asked for the places of the pairs that are missing; what it says is stored for the next time.
    """
    at = now or now_utc()
    pairs = list(dict.fromkeys((origin, destination) for origin in origins for destination in destinations))
    with pool.system() as connection:
        known = _known(connection, pairs)
    found = {pair: road for pair, road in known.items() if at - road.miles.confirmed_at <= _fresh_for()}
    reasons: dict[Pair, list[str]] = {pair: [] for pair in pairs if pair not in found}
    for server in servers:
        missing = [pair for pair in pairs if pair not in found]
        if not missing:
            break
        told = server.ways(list(dict.fromkeys(a for a, _ in missing)), list(dict.fromkeys(b for _, b in missing)))
        observed = [
            each for pair, way in told.found.items() for each in _observed(server, pair, way.miles, way.minutes, at)
        ]
        with pool.system() as connection:
            store.keep(connection, observed, at)
            found |= _labelled(_known(connection, [pair for pair in missing if pair in told.found]), Origin.SOURCE)
        for pair in missing:
            if pair in told.failures:
                reasons[pair].append(f"{server.address}: {told.failures[pair]}")
    old_enough = {pair: road for pair, road in known.items() if road.miles.age(at) <= MARKET_KINDS[ROADS[0]].oldest}
    for pair in pairs:
        if pair not in found and pair in old_enough:
            found |= _labelled({pair: old_enough[pair]}, Origin.LAST_KNOWN_GOOD)
    lacking = [pair for pair in pairs if pair not in found]
    if lacking:
        named = [
            f"from {origin} to {destination}: {'; '.join(reasons[(origin, destination)]) or 'no server is configured'}"
            for origin, destination in lacking[:_PAIRS_NAMED]
        ]
        more = [f"and {counted(len(lacking) - len(named), 'more pair')}"] if len(lacking) > len(named) else []
        raise MarketDataUnavailable(what="way by road", tried="; ".join([*named, *more]))
    return {pair: found[pair] for pair in pairs}


def _fresh_for() -> timedelta:
    return MARKET_KINDS[ROADS[0]].fresh_for


def _known(connection: pool.Connection, pairs: Sequence[Pair]) -> dict[Pair, Road]:
    subjects = [subject_of(pair) for pair in pairs]
    miles, minutes = (store.newest_of_many(connection, kind, subjects) for kind in ROADS)
    return {
        pair: Road(miles[subject], minutes[subject])
        for pair, subject in zip(pairs, subjects, strict=True)
        if subject in miles and subject in minutes
    }


def _observed(server: Osrm, pair: Pair, miles: Decimal, minutes: Decimal, at: datetime) -> list[Observation]:
    """Both figures of a way, as of today: the server does not say of which day its map is."""
    return [
        Observation(
            kind=kind,
            subject=subject_of(pair),
            as_of=at.date(),
            value=value,
            source=server.name,
            confidence=confidence_of(server.standing, preliminary=False),
            licence=server.licence,
            request=server.request_of(pair),
        )
        for kind, value in zip(ROADS, (miles, minutes), strict=True)
    ]


def _labelled(found: Mapping[Pair, Road], origin: Origin) -> dict[Pair, Road]:
    return {pair: Road(road.miles.used_as(origin), road.minutes.used_as(origin)) for pair, road in found.items()}
