"""A command that works on the record itself, as a process of the platform that runs on this machine would."""

from __future__ import annotations

import getpass
import os

from cli.attached import running_platform
from local.environment import Ports, settings_of
from networx.db.audit import Doer


def join_platform(command: str) -> Doer:
    """Tell this process where the platform's servers are; who does it, for the audit. Raises CommandFailed."""
    home = running_platform().home
    state = home.read_state() or {}
    os.environ.update(settings_of(home, Ports(**state["ports"])))
    return Doer(f"{getpass.getuser()} ({command})")
