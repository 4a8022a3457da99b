"""`networx down`: stop the platform that runs on this home, whoever started it."""

from __future__ import annotations

import os
import signal
import time

from cli.terminal import CommandFailed, out
from local.home import home_from

_STOPS_WITHIN_SECONDS = 12.0


def down() -> None:
    """Stop the platform; nothing to do is fine."""
    home = home_from(os.environ)
    holder = home.holder()
    if not holder:
        out.print(f"No platform runs on {home.root}.", soft_wrap=True)
        return
    os.kill(holder, signal.SIGTERM)
    end = time.monotonic() + _STOPS_WITHIN_SECONDS
    while home.holder() == holder:
        if time.monotonic() > end:
            raise CommandFailed(f"Process {holder} does not stop; `kill -9 {holder}` ends it with all it started.")
        time.sleep(0.05)
    out.print(f"Stopped the platform on {home.root}.", soft_wrap=True)
