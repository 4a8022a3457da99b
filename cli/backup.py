"""`networx backup` and `networx restore`: all that a platform would be missed for, in one folder, and back."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.attached import running_platform
from cli.keys import AsJson, Yes
from cli.terminal import CommandFailed, Exit, confirm, out, print_json, say
from local.backups.faults import BackupRefused
from local.backups.manifest import Manifest, checked, read
from local.backups.newest import remember
from local.backups.put_back import holds_data, put_back
from local.backups.take import take
from local.home import CHECKOUT
from networx.results.wording import file_size

Folder = Annotated[Path, typer.Argument(help="The folder of the backup.")]


def backup(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    as_json: AsJson = False,
) -> None:
    """Back up the platform that runs, while it runs: the record at one instant and every object it names."""
    began = time.monotonic()
    attached = running_platform()
    state = attached.home.read_state() or {}
    place = folder.expanduser().resolve()
    manifest = take(attached.home, state["ports"], place, say=_unless(as_json))
    remember(attached.home, place)
    if as_json:
        print_json(described(manifest, folder, time.monotonic() - began))
        return
    _print(manifest)
    out.print(f"Backed up in {time.monotonic() - began:.1f} s to {folder}", soft_wrap=True)


def restore(
    folder: Folder,
    check: Annotated[bool, typer.Option("--check", help="Only check the backup; nothing is touched.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup back into NETWORX_HOME, where no platform runs; a home with data is moved aside, never deleted."""
    began = time.monotonic()
    folder = folder.expanduser().resolve()
    root = Path(os.environ.get("NETWORX_HOME") or CHECKOUT / ".run").expanduser().resolve()
    try:
        if check:
            _told(checked(folder), folder, began, as_json=as_json)
            return
        # Asked first: the check of every file, which `put_back` begins with, may take minutes.
        manifest = read(folder)
        if holds_data(root):
            confirm(f"{root} holds data. Move it aside and put the backup of {manifest.instant} there?", yes=yes)
        done = put_back(folder, root, replace=True, say=_unless(as_json))
    except BackupRefused as refused:
        raise CommandFailed(str(refused), Exit.REFUSED) from refused
    if as_json:
        aside = None if done.aside is None else str(done.aside)
        print_json({**described(manifest, folder, time.monotonic() - began), "home": str(root), "aside": aside})
        return
    _print(manifest)
    if done.aside is not None:
        out.print(f"What stood in {root} is now in {done.aside}", soft_wrap=True)
    out.print(f"Put back in {time.monotonic() - began:.1f} s. Start it with `networx up`: what ran begins again.")


def described(manifest: Manifest, folder: Path, seconds: float) -> dict[str, Any]:
    """A backup as a script reads it."""
    return {
        "folder": str(folder),
        "instant": manifest.instant,
        "seconds": round(seconds, 3),
        "tables": {name: table.rows for name, table in manifest.tables.items()},
        "rows": manifest.rows,
        "versions": len(manifest.versions),
        "object_bytes": manifest.object_bytes,
        "dangling": list(manifest.dangling),
    }


def _told(manifest: Manifest, folder: Path, began: float, *, as_json: bool) -> None:
    if as_json:
        print_json(described(manifest, folder, time.monotonic() - began))
        return
    _print(manifest)
    out.print("The backup is whole.")


def _print(manifest: Manifest) -> None:
    instant = datetime.fromisoformat(manifest.instant).astimezone(UTC)
    out.print(
        f"The record as of {instant:%Y-%m-%d %H:%M:%S} UTC: {manifest.rows:,} rows in {len(manifest.tables)} tables"
    )
    out.print(f"The store: {len(manifest.versions):,} versions of objects, {file_size(manifest.object_bytes)}")
    for name in manifest.dangling:
        out.print(f"  named by the record and gone from the store before the backup: {name}", soft_wrap=True)


def _unless(as_json: bool) -> Any:
    return (lambda _line: None) if as_json else say
