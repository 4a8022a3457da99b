"""What an installation needs looked after: migrations, backups, clocks, room on the disk."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from networx.db import pool
from networx.db.migrate import migrations
from networx.db.pool import Role
from networx.readiness.check import Place, Unprotected
from networx.readiness.web import asked, browser
from networx.resilience.cache import cache_client
from networx.topology import TOPOLOGY

_HOURS_ARE_DAYS_FROM = 48
# Leases are counted by the record's clock and signatures by AWS's, which refuses what is five minutes off.
MOST_APART = timedelta(seconds=5)
# Below this a machine with record, store and logs on one disk is about to stop.
LEAST_FREE_BYTES = 2 * 1024**3
OLDEST_BACKUP_SECONDS = next(alarm.threshold for alarm in TOPOLOGY.alarms if alarm.metric == "BackupAge")


def migrated(_: Place) -> str:
    """The record has every migration of this version, each with the content it has here, and no other."""
    meant = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in migrations()}
    with pool.connect(Role.OWNER) as owner:
        found = dict(owner.execute("SELECT name, sha256 FROM schema_migrations").fetchall())
    do = "Bring the record to this version: start the platform again, or run the migration task."
    missing = [name for name in meant if name not in found]
    if missing:
        raise Unprotected(f"Not applied: {', '.join(missing)}", do)
    changed = [name for name in meant if found[name] != meant[name]]
    if changed:
        raise Unprotected(f"Applied with another content: {', '.join(changed)}", "docs/operations/deploy.md")
    newer = [name for name in found if name not in meant]
    if newer:
        raise Unprotected(f"This version does not know {', '.join(newer)}", "Run the version that the record is of.")
    return f"{len(meant)} of {len(meant)} applied, the newest {max(meant)}"


def backups(place: Place) -> str:
    """The newest backup is young enough; before the first one the record itself is."""
    newest = place.backed_up
    if newest is None:
        with pool.connect(Role.OWNER) as owner:
            found = owner.execute("SELECT min(applied_at) FROM schema_migrations").fetchone()
        assert found is not None
        since, said = found[0], "no backup yet, but the record is no older than"
    else:
        since, said = newest, "the newest was made"
    age = place.now() - since
    if age.total_seconds() > OLDEST_BACKUP_SECONDS:
        what = "There is no backup of a record that began" if newest is None else "The newest backup was made"
        raise Unprotected(
            f"{what} {hours(age)} ago; {OLDEST_BACKUP_SECONDS / 3600:g} h are the most",
            "`networx backup FOLDER`; docs/runbook/backup-old.md.",
        )
    return f"{said} {hours(age)}" if newest is None else f"{said} {hours(age)} ago"


def clocks(place: Place) -> str:
    """The record, Valkey and the web agree with this machine about the time."""
    found = {
        "the record": apart(place.now, _record_says),
        "Valkey": apart(place.now, _valkey_says),
        "the web": apart(place.now, lambda: web_says(place)),
    }
    wrong = {name: off for name, off in found.items() if off > MOST_APART}
    if wrong:
        told = ", ".join(f"{name} by {off.total_seconds():.1f} s" for name, off in wrong.items())
        raise Unprotected(
            f"Clocks are apart: {told}; {MOST_APART.total_seconds():g} s are the most", "Set the clocks by NTP."
        )
    return f"{len(found)} clocks, at most {max(found.values()).total_seconds():.1f} s apart from this machine's"


def apart(now: Callable[[], datetime], says: Callable[[], datetime]) -> timedelta:
    """How far a clock is off at least, whatever the time its answer was on the way; it may tell whole seconds alone."""
    before = now()
    told = says()
    after = now()
    return max(before - (told + timedelta(seconds=1)), told - after, timedelta(0))


def _record_says() -> datetime:
    with pool.system() as connection:
        found = connection.execute("SELECT clock_timestamp()").fetchone()
    assert found is not None
    instant: datetime = found[0]
    return instant


def _valkey_says() -> datetime:
    seconds, microseconds = cache_client().time()
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))


def web_says(place: Place) -> datetime:
    """The time by the web's clock, in whole seconds."""
    with browser(place.url) as client:
        return parsedate_to_datetime(asked(client, "/api/health/live").headers["date"])


def disk_space(place: Place) -> str:
    """There is room where the record and the store keep their data."""
    free = shutil.disk_usage(place.home).free
    if free < LEAST_FREE_BYTES:
        raise Unprotected(
            f"{free / 1024**3:.1f} GiB are free, {LEAST_FREE_BYTES / 1024**3:g} GiB are the least",
            "Make room; docs/runbook/database-storage.md.",
        )
    return f"{free / 1024**3:.1f} GiB are free"


def hours(age: timedelta) -> str:
    """An age as a person reads it."""
    told = age / timedelta(hours=1)
    return f"{told:.1f} h" if told < _HOURS_ARE_DAYS_FROM else f"{told / 24:.1f} d"
