"""Where each command is: its module is imported when it is called, and all of them only to list them.

Solvers, the AWS client and Arrow take more than a second to import; `networx status` needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# A command's module, where its name is another.
_ELSEWHERE = {"cancel": "jobs", "pause": "pauses", "resume": "pauses", "restore": "backup"}
_ALONE = (
    *("up", "run", "solve", "greenfield", "demand", "check", "verify", "recheck"),
    *("status", "jobs", "market", "explain", "cancel", "redrive", "pause", "resume", "pauses"),
    *("backup", "restore", "doctor", "report", "loadtest", "down"),
)
_GROUPS = ("keys", "users", "tenants", "assistant", "rates")
COMMANDS = (*_ALONE, *_GROUPS)


class Commands(TyperGroup):
    """The commands by name, each made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Every name, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command, with its module imported; None for a name that is none, to which those alike are suggested."""
        for name in (cmd_name,) if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.commands[name] = _made(name)
        return self.commands.get(cmd_name)


def _made(name: str) -> Any:
    if name in _GROUPS:
        group: typer.Typer = import_module(f"cli.{name}").app
        made: Any = typer.main.get_group(group)
        made.name = name
        return made
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(getattr(import_module(f"cli.{_ELSEWHERE.get(name, name)}"), name))
    return typer.main.get_command(alone)
