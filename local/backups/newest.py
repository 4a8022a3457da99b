"""Which backup of a platform is the newest: a home remembers its place, and the backup itself says how old it is."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from local.backups.faults import BackupRefused
from local.backups.manifest import read
from local.home import Home, write_private

_REMEMBERED = "last-backup.json"


def remember(home: Home, folder: Path) -> None:
    """A backup of this home was made in `folder`."""
    write_private(home.root / _REMEMBERED, json.dumps({"folder": str(folder)}))


def newest(home: Home) -> datetime | None:
    """What the newest backup is as of; None where there was none, or it has gone."""
    file = home.root / _REMEMBERED
    if not file.exists():
        return None
    try:
        return datetime.fromisoformat(read(Path(json.loads(file.read_text())["folder"])).instant)
    except BackupRefused:
        return None
