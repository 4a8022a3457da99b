"""What a process waits for before it does anything: its imports, which none needs that does not use them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cli.commands import COMMANDS, Commands
from local.home import CHECKOUT

SLOW = ("boto3", "highspy", "numba", "psycopg", "pyarrow", "redis", "scipy.optimize", "scipy.sparse")


@pytest.mark.parametrize(
    ("modules", "slow"),
    [
        ("cli.__main__, cli.status, cli.jobs, cli.pauses, cli.keys, cli.down", set(SLOW)),
        ("cli.solve", {"numba", "redis", "scipy.optimize"}),
        ("networx.work.serve", {"numba", "scipy.optimize"}),
    ],
)
def test_a_process_does_not_import_what_it_may_never_use(modules: str, slow: set[str]) -> None:
    program = f"import sys, {modules}\nprint(*[name for name in {SLOW} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert not set(ran.stdout.split()) & slow


def test_every_command_is_found_and_made_once() -> None:
    commands = Commands(name="networx")
    for name in commands.list_commands(None):
        made = commands.get_command(None, name)
        assert made.name == name
        assert made.help, name
        assert commands.get_command(None, name) is made
    assert commands.get_command(None, "solv") is None
    assert set(commands.commands) == set(COMMANDS)
