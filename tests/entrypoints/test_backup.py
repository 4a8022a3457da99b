"""Backups: what is refused before anything is touched, what a backup holds, and the whole rehearsal in small."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from drills import restore
from local.backups import manifest
from local.backups import record as dumps
from local.backups.faults import BackupFailed, BackupRefused
from local.backups.manifest import FORMAT, Manifest, StoredVersion, TableSum, checked, part_of, write
from local.backups.newest import newest, remember
from local.backups.put_back import holds_data, put_back
from local.backups.take import take
from local.home import CHECKOUT, Home
from networx import settings
from networx.db import pool
from networx.errors import ConfigurationError
from networx.topology import POSTGRES_MAJOR

from .conftest import Started

CONTENT = b"what a client sent"


def small_backup(folder: Path, **changes: object) -> Path:
    """A backup with one object, as `take` seals it; its record is of no use."""
    folder.mkdir()
    for name in (manifest.RECORD, manifest.SECRETS):
        (folder / name).write_bytes(b"{}")
    (folder / manifest.OBJECTS).mkdir()
    held = folder / manifest.OBJECTS / "content"
    held.write_bytes(CONTENT)
    part = part_of(held)
    held.rename(folder / manifest.OBJECTS / part.sha256)
    version = StoredVersion("input", "uploads/a/b.xlsx", "v1", part.bytes, part.sha256, False, "text/plain", {}, {})
    said = {
        "format": FORMAT,
        "product": "0.1.0",
        "instant": "2026-11-22T06:00:00+00:00",
        "postgres_major": POSTGRES_MAJOR,
        "migrations": {},
        "tables": {"jobs": TableSum(3, "1/2")},
        "versions": (version,),
        "parts": {name: part_of(folder / name) for name in (manifest.RECORD, manifest.SECRETS)},
        "dangling": (),
    }
    write(Manifest(**{**said, **changes}), folder)  # type: ignore[arg-type]
    return folder


def held_file(folder: Path) -> Path:
    return next((folder / manifest.OBJECTS).iterdir())


def test_a_home_remembers_its_newest_backup_for_as_long_as_it_is_there(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert newest(home) is None
    for name, hour in (("first", "06"), ("second", "07")):
        remember(home, small_backup(tmp_path / name, instant=f"2026-11-22T{hour}:00:00+00:00"))
    assert newest(home) == datetime(2026, 11, 22, 7, tzinfo=UTC)
    shutil.rmtree(tmp_path / "second")
    assert newest(home) is None


def test_a_whole_backup_says_what_it_holds(tmp_path: Path) -> None:
    found = checked(small_backup(tmp_path / "backup"))
    assert (found.rows, found.object_bytes) == (3, len(CONTENT))
    assert found.tables["jobs"] == TableSum(3, "1/2")


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "was never finished"),
        (lambda folder: (folder / "manifest.json").write_text('{"manifest"'), "cannot be read"),
        (lambda folder: (folder / "record.dump").unlink(), "record.dump is missing"),
        (lambda folder: (folder / "record.dump").write_bytes(b"{]"), "record.dump was changed"),
        (lambda folder: (folder / "secrets.json").write_bytes(b"{} "), "secrets.json has 3 bytes instead of 2"),
        (lambda folder: held_file(folder).unlink(), "is missing"),
        (lambda folder: held_file(folder).write_bytes(CONTENT[:-1]), "has 17 bytes instead of 18"),
        (lambda folder: held_file(folder).write_bytes(CONTENT.upper()), "was changed"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_by_name_and_nothing_is_touched(tmp_path, spoil, named):
    folder = small_backup(tmp_path / "backup")
    spoil(folder)
    with pytest.raises(BackupRefused, match=named):
        put_back(folder, tmp_path / "home", replace=True)
    assert not (tmp_path / "home").exists()


def test_a_manifest_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = small_backup(tmp_path / "backup")
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace('"rows":3', '"rows":4'))
    with pytest.raises(BackupRefused, match="changed after it was written"):
        checked(folder)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"format": FORMAT + 1}, f"has the format {FORMAT + 1}"),
        ({"migrations": {"9999_later.sql": "0"}}, "9999_later.sql, which this version does not know"),
        ({"migrations": {"0001_the_record.sql": "0"}}, "0001_the_record.sql, which this version knows with another"),
        ({"postgres_major": POSTGRES_MAJOR + 1}, f"PostgreSQL {POSTGRES_MAJOR + 1}"),
    ],
)
def test_a_backup_of_a_later_version_is_refused(tmp_path: Path, changes: dict[str, object], named: str) -> None:
    with pytest.raises(BackupRefused, match=named):
        checked(small_backup(tmp_path / "backup", **changes))


def test_a_home_with_data_is_never_overwritten_unasked(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "secrets.json").write_text("{}")
    assert holds_data(home)
    with pytest.raises(ConfigurationError, match="holds data already"):
        put_back(small_backup(tmp_path / "backup"), home)
    assert [path.name for path in home.iterdir()] == ["secrets.json"]


def uploaded(record, aws, *, there: bool = True) -> tuple[str, str, str]:
    """A file that the record says was loaded, and that lies in the store or does not: (bucket, key, version)."""
    bucket, key = settings.current().buckets["input"], f"uploads/{record.slug}/{uuid4()}/network.xlsx"
    version = aws.s3.put_object(Bucket=bucket, Key=key, Body=CONTENT)["VersionId"] if there else str(uuid4())
    with pool.tenant(record.tenant_id) as connection:
        connection.execute(
            """INSERT INTO uploads (tenant_id, bucket, key, version_id, filename, bytes, status)
               VALUES (%s, %s, %s, %s, 'network.xlsx', 1, 'loaded')""",
            (record.tenant_id, bucket, key, version),
        )
    return bucket, key, version


def backed_up(machine, folder: Path) -> Manifest:
    return take(machine.home, {"postgres": machine.ports.postgres, "aws": machine.ports.aws}, folder)


def keys_of(found: Manifest) -> set[str]:
    return {version.key for version in found.versions}


def test_what_comes_while_a_backup_is_taken_and_is_named_by_the_record_is_in_it(
    record, machine, aws, tmp_path, monkeypatch
):
    dump, came = dumps.dump, []

    def dump_after_an_upload(*arguments, **named):
        came.append(uploaded(record, aws))
        return dump(*arguments, **named)

    monkeypatch.setattr(dumps, "dump", dump_after_an_upload)
    found = backed_up(machine, tmp_path / "backup")
    assert len(came) == 1
    assert came[0][1] in keys_of(found)
    assert found.dangling == ()
    assert checked(tmp_path / "backup") == found


def test_what_is_removed_while_a_backup_is_taken_costs_another_look_at_the_record(
    record, machine, aws, tmp_path, monkeypatch
):
    dump, instants = dumps.dump, []

    def dump_before_a_refusal(*arguments, **named):
        bucket, key, version = uploaded(record, aws) if not instants else (None, None, None)
        snapshot = dump(*arguments, **named)
        instants.append(snapshot.instant)
        if key is not None:
            # The record named it at that instant; the next moment it was refused, and its object removed for good.
            aws.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
            with pool.system() as connection:
                connection.execute(
                    "UPDATE uploads SET status = 'rejected', reason_code = 'BAD', reason = 'bad' WHERE key = %s", (key,)
                )
        return snapshot

    monkeypatch.setattr(dumps, "dump", dump_before_a_refusal)
    found = backed_up(machine, tmp_path / "backup")
    assert len(instants) == 2
    assert found.instant == instants[1].isoformat()
    assert found.dangling == ()


def test_what_the_store_had_lost_before_is_told(record, machine, aws, tmp_path):
    _, lost, _ = uploaded(record, aws, there=False)
    _, kept, _ = uploaded(record, aws)
    found = backed_up(machine, tmp_path / "backup")
    assert [name for name in found.dangling if lost in name] == list(found.dangling)
    assert len(found.dangling) == 1
    assert kept in keys_of(found)


def test_a_deleted_object_is_kept_with_its_versions_and_its_marker(record, machine, aws, tmp_path):
    bucket, key, version = uploaded(record, aws)
    aws.s3.delete_object(Bucket=bucket, Key=key)
    found = [one for one in backed_up(machine, tmp_path / "backup").versions if one.key == key]
    assert [(one.version == version, one.marker) for one in found] == [(True, False), (False, True)]


def test_a_restore_that_differs_says_what_and_leaves_the_home_as_it_was(record, machine, aws, folder, monkeypatch):
    uploaded(record, aws)
    found = backed_up(machine, folder / "backup")
    home = folder / "home"
    home.mkdir()
    (home / "secrets.json").write_text("theirs")
    bring_back = dumps.bring_back

    def one_row_less(*arguments):
        sums = bring_back(*arguments)
        return {**sums, "uploads": TableSum(sums["uploads"].rows - 1, "0/0")}

    monkeypatch.setattr(dumps, "bring_back", one_row_less)
    with pytest.raises(BackupFailed, match="table uploads is"):
        put_back(folder / "backup", home, replace=True)
    assert (home / "secrets.json").read_text() == "theirs"
    assert not (folder / "home.restoring").exists()

    monkeypatch.setattr(dumps, "bring_back", bring_back)
    done = put_back(folder / "backup", home, replace=True)
    assert done.manifest == found
    assert done.aside is not None
    assert (done.aside / "secrets.json").read_text() == "theirs"
    assert holds_data(home)
    # Its servers' passwords are its own; what keys are computed under is the same.
    kept, new = (json.loads((root / "secrets.json").read_text()) for root in (machine.home.root, home))
    assert new["pepper"] == kept["pepper"]
    assert new["postgres"] != kept["postgres"]


def networx(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "NETWORX_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
    )


@pytest.mark.platform
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_platform_is_backed_up_while_it_runs_and_its_home_is_safe_from_a_restore(
    platform: Started, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    took = networx(platform.home, "backup", str(folder), "--json")
    assert took.returncode == 0, took.stderr
    assert json.loads(took.stdout)["tables"]["tenants"] == 1
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "objects")} == {0o700}
    kept = json.loads((folder / "secrets.json").read_text())
    # Of the home's secrets those that the record is worthless without; passwords are made anew.
    assert set(kept) == {"pepper", "dev_key"}

    assert networx(platform.home, "restore", str(folder), "--check").returncode == 0
    again = networx(platform.home, "backup", str(folder))
    assert again.returncode == 2
    assert "is not empty" in again.stderr
    unasked = networx(platform.home, "restore", str(folder))
    assert unasked.returncode == 2
    assert "Nothing was changed" in unasked.stderr
    held = networx(platform.home, "restore", str(folder), "--yes")
    assert held.returncode == 2
    assert f"process {platform.process.pid}" in held.stderr
    (folder / "record.dump").write_bytes(b"cut")
    refused = networx(platform.home, "restore", str(folder), "--yes")
    assert refused.returncode == 3
    assert "record.dump has 3 bytes" in refused.stderr
    assert not list(platform.home.parent.glob("*.restoring"))


@pytest.mark.platform
@pytest.mark.timeout(1500)
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_what_was_destroyed_under_load_comes_back_and_its_jobs_end(capsys: pytest.CaptureFixture[str]) -> None:
    ended = restore.main(["--seconds", "1", "--long-solves", "2"])
    said = capsys.readouterr()
    assert ended == 0, said
    assert "recovery time" in said.out


def test_what_stood_there_is_moved_aside_whole(tmp_path: Path) -> None:
    from local.backups.put_back import _swap

    for name in ("home", "home.restoring"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "secrets.json").write_text(name)
    aside = _swap(tmp_path / "home", tmp_path / "home.restoring")
    assert aside is not None
    assert (aside / "secrets.json").read_text() == "home"
    assert (tmp_path / "home" / "secrets.json").read_text() == "home.restoring"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["home", aside.name])
    shutil.rmtree(aside)
