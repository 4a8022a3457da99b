"""Which figure is used, over the real record: own, fresh, primary, secondary, last known good, refusal; and pins."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg
import pytest

from networx.db import pool
from networx.domain.market import MARKET_KINDS
from networx.errors import MarketDataUnavailable, NotFound
from networx.market import store
from networx.market.orchestrator import Market
from networx.market.sources import Told
from networx.market.values import Confidence, MarketValue, Observation, Origin, Standing, confidence_of
from networx.scenarios import store as scenarios
from tests.core.market.conftest import NOW

KIND, SUBJECT = "diesel_price", "US"
TODAY = NOW.date()


@dataclass
class Fake:
    """A source that says what a test gave it, and counts how often it was asked."""

    name: str = "primary"
    kind: str = KIND
    subjects: Sequence[str] = (SUBJECT,)
    standing: Standing = Standing.PUBLISHER
    licence: str = "public domain"
    address: str = "https://example.com"
    says: dict[str, tuple[str, int]] = field(default_factory=dict)
    asked: int = 0

    def observe(self, subjects: Sequence[str], now: datetime) -> Told:
        self.asked += 1
        seen = {subject: seen_of(self, subject) for subject in subjects if subject in self.says}
        return Told(seen, {subject: "it is away" for subject in subjects if subject not in self.says})


def seen_of(source: Fake, subject: str = SUBJECT) -> Observation:
    value, days_ago = source.says[subject]
    return Observation(
        kind=source.kind,
        subject=subject,
        as_of=TODAY - timedelta(days=days_ago),
        value=Decimal(value),
        source=source.name,
        confidence=confidence_of(source.standing, preliminary=False),
        licence=source.licence,
        request="GET https://example.com",
    )


def kept(value: str, days_ago: int, *, hours_ago: float = 100, source="primary", tenant_id: UUID | None = None) -> None:
    observation = seen_of(Fake(source, says={SUBJECT: (value, days_ago)}))
    at = NOW - timedelta(hours=hours_ago)
    if tenant_id is None:
        with pool.system() as connection:
            store.keep(connection, [observation], at)
    else:
        with pool.tenant(tenant_id) as connection:
            store.keep(connection, [observation], at, tenant_id)


def market(*sources: Fake) -> Market:
    return Market(sources, now=lambda: NOW)


def used(value: MarketValue) -> tuple[str, Origin, Confidence, str]:
    return f"{value.value:f}", value.origin, value.confidence, value.source


def test_the_primary_is_asked_and_what_it_said_is_stored(record):
    primary, secondary = Fake(says={SUBJECT: ("3.745", 6)}), Fake("secondary", says={SUBJECT: ("9.9", 0)})
    value = market(primary, secondary).current(record.tenant_id, KIND, SUBJECT)
    assert used(value) == ("3.745", Origin.SOURCE, Confidence.HIGH, "primary")
    assert (value.age(NOW).days, value.unit, value.licence, value.fetched_at) == (6, "$/gal", "public domain", NOW)
    assert secondary.asked == 0
    again = market(Fake()).current(record.tenant_id, KIND, SUBJECT)
    assert used(again) == ("3.745", Origin.STORED, Confidence.HIGH, "primary")


def test_a_source_is_not_asked_again_while_its_figure_is_fresh(record):
    primary = Fake(says={SUBJECT: ("3.745", 6)})
    asked_again = MARKET_KINDS[KIND].fresh_for
    now = [NOW]
    figures = Market((primary,), now=lambda: now[0])
    for _ in range(3):
        figures.current(record.tenant_id, KIND, SUBJECT)
    assert primary.asked == 1
    now[0] = NOW + asked_again + timedelta(seconds=1)
    value = figures.current(record.tenant_id, KIND, SUBJECT)
    assert (primary.asked, value.fetched_at, value.confirmed_at) == (2, NOW, now[0])


def test_the_secondary_stands_in_for_the_primary(record):
    secondary = Fake("secondary", standing=Standing.DERIVED, says={SUBJECT: ("3.8", 1)})
    value = market(Fake(), secondary).current(record.tenant_id, KIND, SUBJECT)
    assert used(value) == ("3.8", Origin.SOURCE, Confidence.MEDIUM, "secondary")


def test_a_secondary_that_is_behind_does_not_replace_what_is_newer(record):
    kept("3.745", 6)
    secondary = Fake("secondary", says={SUBJECT: ("3.5", 13)})
    value = market(Fake(), secondary).current(record.tenant_id, KIND, SUBJECT)
    assert used(value)[0] == "3.745"


def test_the_last_known_good_is_labelled_and_counts_for_less(record):
    kept("3.745", 20)
    value = market(Fake(), Fake("secondary")).current(record.tenant_id, KIND, SUBJECT)
    assert used(value) == ("3.745", Origin.LAST_KNOWN_GOOD, Confidence.MEDIUM, "primary")
    assert value.age(NOW).days == 20


@pytest.mark.parametrize(("days", "usable"), [(28, True), (29, False)])
def test_the_last_known_good_has_a_limit_of_age(record, days, usable):
    kept("3.745", days)
    if usable:
        assert market(Fake()).current(record.tenant_id, KIND, SUBJECT).age(NOW).days == days
    else:
        with pytest.raises(MarketDataUnavailable) as refused:
            market(Fake(), Fake("secondary")).current(record.tenant_id, KIND, SUBJECT)
        said = str(refused.value)
        assert refused.value.code == "MARKET_DATA_UNAVAILABLE"
        for part in ("diesel_price of US", "primary: it is away", "secondary: it is away", "the last known: it is of"):
            assert part in said


def test_without_a_source_and_a_stored_figure_there_is_none(record):
    with pytest.raises(MarketDataUnavailable, match="no source is configured for it"):
        market(Fake(subjects=("R10",), says={"R10": ("3", 1)})).current(record.tenant_id, KIND, SUBJECT)


def test_an_own_rate_counts_first_and_is_seen_by_its_tenant_alone(record):
    primary = Fake(says={SUBJECT: ("3.745", 6)})
    kept("3.1", 3, source="own-rates", tenant_id=record.tenant_id)
    value = market(primary).current(record.tenant_id, KIND, SUBJECT)
    assert used(value) == ("3.1", Origin.OWN, Confidence.HIGH, "own-rates")
    with pool.system() as connection:
        row = connection.execute("INSERT INTO tenants (slug, name) VALUES ('other', 'Other') RETURNING id").fetchone()
    assert row is not None
    assert used(market(primary).current(row[0], KIND, SUBJECT))[0] == "3.745"
    with pool.tenant(row[0]) as connection:
        assert [value.source for value in store.listed(connection)] == ["primary"]


def test_an_own_rate_that_is_too_old_is_not_used_in_silence(record):
    kept("3.1", 40, source="own-rates", tenant_id=record.tenant_id)
    assert used(market(Fake(says={SUBJECT: ("3.7", 1)})).current(record.tenant_id, KIND, SUBJECT))[0] == "3.7"
    with pytest.raises(MarketDataUnavailable, match="your own file: it is of"):
        Market((), now=lambda: NOW + timedelta(days=60)).current(record.tenant_id, KIND, SUBJECT)


def test_a_revised_figure_is_another_row_and_the_newest_counts(record):
    first = market(Fake(says={SUBJECT: ("3.7", 6)})).current(record.tenant_id, KIND, SUBJECT)
    later = Market((Fake(says={SUBJECT: ("3.72", 6)}),), now=lambda: NOW + timedelta(days=1))
    revised = later.current(record.tenant_id, KIND, SUBJECT)
    assert (str(first.value), str(revised.value)) == ("3.7", "3.72")
    with pool.system() as connection:
        rows = connection.execute("SELECT count(*) FROM market_values").fetchone()
    assert rows == (2,)


def test_refreshing_asks_every_source_and_says_what_became_of_each(record):
    sources = (
        Fake(subjects=("US", "R10"), says={"US": ("3.7", 6)}),
        Fake("wages", "hourly_wage", ("warehousing",), says={"warehousing": ("31", 53)}),
    )
    asked = market(*sources).refresh()
    assert [(each.source, each.subject, each.reason) for each in asked] == [
        ("primary", "US", None), ("primary", "R10", "it is away"), ("wages", "warehousing", None),
    ]  # fmt: skip
    with pool.tenant(record.tenant_id) as connection:
        assert [(value.kind, str(value.value)) for value in store.listed(connection)] == [
            ("diesel_price", "3.7"), ("hourly_wage", "31"),
        ]  # fmt: skip


def test_many_at_once_store_one_figure(record):
    observation = seen_of(Fake(says={SUBJECT: ("3.7", 6)}))
    faults: list[BaseException] = []

    def keep() -> None:
        try:
            with pool.system() as connection:
                store.keep(connection, [observation, replace(observation, subject="R10")], NOW)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    with pool.system() as connection:
        assert connection.execute("SELECT count(*) FROM market_values").fetchone() == (2,)


def test_the_record_lets_nobody_change_a_figure_or_write_everybodys(record):
    kept("3.7", 6)
    for statement in (
        "UPDATE market_values SET value = 1",
        "DELETE FROM market_values",
        """INSERT INTO market_values (tenant_id, kind, subject, as_of, value, unit, source, confidence, licence,
                                      request, fetched_at, confirmed_at)
           VALUES (NULL, 'diesel_price', 'US', now(), 1, '$/gal', 'x', 'high', 'x', 'x', now(), now())""",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), pool.tenant(record.tenant_id) as connection:
            connection.execute(statement)
    with pool.tenant(record.tenant_id) as connection:
        # Of what is everybody's a tenant may not even say that it was seen.
        done = connection.execute("UPDATE market_values SET confirmed_at = now()")
    assert done.rowcount == 0


# --- Pins ---


@pytest.fixture
def scenario(record) -> tuple[UUID, int]:
    upload, dataset = uuid4(), uuid4()
    with pool.system() as connection:
        connection.execute(
            "INSERT INTO uploads (id, tenant_id, bucket, key, filename, bytes, status) "
            "VALUES (%s, %s, 'b', 'k', 'network.xlsx', 1, 'loaded')",
            (upload, record.tenant_id),
        )
    with pool.tenant(record.tenant_id, pool.Role.LOADER) as connection:
        connection.execute(
            "INSERT INTO datasets (id, tenant_id, domain, upload_id, filename, source_sha256, sha256, counts) "
            "VALUES (%s, %s, 'network', %s, 'network.xlsx', 'a', 'b', '{}')",
            (dataset, record.tenant_id, upload),
        )
    with pool.tenant(record.tenant_id) as connection:
        project = scenarios.create_project(connection, record.tenant_id, "First")
        made = scenarios.create_scenario(
            connection,
            record.tenant_id,
            project_id=project.id,
            name="A",
            type="transport",
            network_dataset_id=dataset,
            parameters={},
        )
    return made.id, made.version


def test_a_rerun_uses_the_figure_that_the_first_run_used(record, scenario):
    first = market(Fake(says={SUBJECT: ("3.7", 6)})).for_scenario(record.tenant_id, *scenario, KIND, SUBJECT)
    later = Fake(says={SUBJECT: ("4.2", -1)})
    much_later = Market((later,), now=lambda: NOW + timedelta(days=400))
    again = much_later.for_scenario(record.tenant_id, *scenario, KIND, SUBJECT)
    assert (again.id, again.value, again.origin, again.confidence) == (
        first.id,
        first.value,
        first.origin,
        first.confidence,
    )
    assert later.asked == 0
    with pool.tenant(record.tenant_id) as connection:
        assert [value.id for value in store.pinned(connection, *scenario)] == [first.id]


def test_a_new_version_pins_anew(record, scenario):
    market(Fake(says={SUBJECT: ("3.7", 6)})).for_scenario(record.tenant_id, *scenario, KIND, SUBJECT)
    with pool.tenant(record.tenant_id) as connection:
        revised = scenarios.revise_scenario(connection, scenario[0], {"name": "B"})
    later = Market((Fake(says={SUBJECT: ("3.9", 0)}),), now=lambda: NOW + timedelta(days=1))
    value = later.for_scenario(record.tenant_id, revised.id, revised.version, KIND, SUBJECT)
    assert str(value.value) == "3.9"


def test_a_pin_keeps_the_label_that_the_figure_was_used_with(record, scenario):
    kept("3.7", 20)
    market(Fake()).for_scenario(record.tenant_id, *scenario, KIND, SUBJECT)
    with pool.tenant(record.tenant_id) as connection:
        value = store.pinned(connection, *scenario)[0]
    assert (value.origin, value.confidence) == (Origin.LAST_KNOWN_GOOD, Confidence.MEDIUM)


def test_of_two_that_pin_at_once_both_use_one_figure(record, scenario):
    kept("3.7", 6)
    kept("3.9", 5, source="secondary")
    with pool.tenant(record.tenant_id) as connection:
        newer, older = sorted(store.listed(connection), key=lambda value: value.as_of, reverse=True)
    together = threading.Barrier(2)
    pinned: list[UUID] = []

    def pin(value: MarketValue) -> None:
        together.wait(20)
        with pool.tenant(record.tenant_id) as connection:
            pinned.append(store.pin(connection, *scenario, value, NOW).id)

    threads = [threading.Thread(target=pin, args=(value,)) for value in (newer, older)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(pinned) == 2
    assert len(set(pinned)) == 1


def test_another_tenants_scenario_or_figure_cannot_be_pinned(record, scenario):
    kept("3.7", 6)
    kept("3.1", 3, source="own-rates", tenant_id=record.tenant_id)
    with pool.tenant(record.tenant_id) as connection:
        own = store.newest(connection, KIND, SUBJECT, own=True)
        shared = store.newest(connection, KIND, SUBJECT, own=False)
        with pytest.raises(NotFound):
            store.pin(connection, uuid4(), 1, shared, NOW)
        with pytest.raises(NotFound):
            store.pin(connection, scenario[0], 7, shared, NOW)
    with pool.system() as connection:
        row = connection.execute("INSERT INTO tenants (slug, name) VALUES ('other', 'Other') RETURNING id").fetchone()
    assert row is not None
    with pool.tenant(row[0]) as connection:
        for value in (own, shared):
            with pytest.raises(NotFound):
                store.pin(connection, *scenario, value, NOW)
        assert store.pinned(connection, *scenario) == []


def test_days_are_counted_in_utc(record):
    kept("3.7", 0)
    with pool.tenant(record.tenant_id) as connection:
        value = store.newest(connection, KIND, SUBJECT, own=False)
    late_in_honolulu = datetime.fromisoformat("2026-11-22T20:00:00-10:00")
    assert value.age(late_in_honolulu) == timedelta(days=1)
    assert replace(value, as_of=date(2026, 11, 24)).age(NOW) == timedelta()
