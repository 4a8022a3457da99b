"""The platform a command speaks to: the one that runs on this home, or one started for the command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.client import Client
from cli.terminal import CommandFailed, say
from local.home import Home, home_from


@dataclass(frozen=True)
class Attached:
    """A platform that is up. `ours` tells whether it ends with this command."""

    home: Home
    url: str
    client: Client
    ours: bool


def running_platform() -> Attached:
    """The platform that runs on NETWORX_HOME. Raises CommandFailed when none does."""
    home = home_from(os.environ)
    state = home.read_state()
    if state is None:
        raise CommandFailed(f"No platform runs on {home.root}. Start one with `networx up`.")
    key = Path(state["dev_key_file"]).read_text().strip()
    return Attached(home, state["url"], Client(state["url"], key), ours=False)


@contextmanager
def platform() -> Iterator[Attached]:
    """The platform that runs, else a new one that stops with the block."""
    home = home_from(os.environ)
    if home.read_state() is not None:
        yield running_platform()
        return
    from local.platform import running  # what starts servers; commands that find one running need none of it

    say(f"Starting PostgreSQL, Valkey, the AWS emulator, web and workers (data in {home.root})")
    with running(home, announce=say) as started:
        try:
            yield Attached(home, started.url, Client(started.url, started.dev_key), ours=True)
        finally:
            if sys.exc_info()[0] in (None, KeyboardInterrupt):
                say("Stopping ...")
