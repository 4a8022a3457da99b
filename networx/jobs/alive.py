"""How a worker shows that it lives: its keeper touches a file, and `python -m networx.jobs.alive` looks at the clock.

For the container's health check, since a worker answers no port. An outage of the database or of a queue does not
make a worker unhealthy: to end it would mend nothing and lose its jobs' place.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from networx import settings

# The keeper comes round twice a second; each call to a database that is away holds it for ten.
SILENT_FOR_SECONDS = 60.0


def touch() -> None:
    """Say that this process lives, where NETWORX_ALIVE_FILE asks for it."""
    path = settings.current().alive_file
    if path is not None:
        Path(path).touch()


def seconds_silent() -> float:
    """Since the last touch; infinite where there was none."""
    path = settings.current().alive_file
    try:
        return time.time() - Path(path or "").stat().st_mtime
    except FileNotFoundError:
        return float("inf")


if __name__ == "__main__":
    sys.exit(seconds_silent() > SILENT_FOR_SECONDS)
