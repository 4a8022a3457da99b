"""`networx pause`, `resume` and `pauses`: workers take nothing more of a queue, a kind or a tenant; nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape

from cli.attached import running_platform
from cli.terminal import CommandFailed, confirm, out, plain_table, print_json, say
from networx.domain.phrases import counted


class Scope(StrEnum):
    """What can be paused."""

    QUEUE = "queue"
    KIND = "kind"
    TENANT = "tenant"


What = Annotated[Scope, typer.Argument(help="queue, kind or tenant.")]
Name = Annotated[str, typer.Argument(help="Its name, such as optimization.fifo or transport.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def pause(
    what: What,
    name: Name,
    reason: Annotated[str, typer.Option(help="Why: shown to whoever waits.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Have workers take nothing more of it. What waits keeps its place, what runs runs on, new jobs are accepted."""
    client = running_platform().client
    held = client.get(_path(what, name))
    if held["paused"] is None:
        waiting = counted(held["queued"], "job")
        say(
            f"Of the {what} {name} now: {waiting} waiting, which will wait on; {held['running']:,} running, to the end."
        )
        confirm(f"Pause the {what} {name}?", yes=yes)
    made = client.put(_path(what, name), {"reason": reason})
    if as_json:
        print_json(made)
    else:
        out.print(f"The {what} {escape(name)} is paused. It goes on after: networx resume {what} {escape(name)}")


def resume(what: What, name: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Have workers take it up again."""
    client = running_platform().client
    held = client.get(_path(what, name))
    if held["paused"] is None:
        raise CommandFailed(f"The {what} {name} is not paused.")
    say(f"Paused {_by_whom(held['paused'])}. {counted(held['queued'], 'job')} will go on.")
    confirm(f"Resume the {what} {name}?", yes=yes)
    ended = client.delete(_path(what, name))
    if as_json:
        print_json(ended)
    else:
        out.print(f"The {what} {escape(name)} goes on.")


def pauses(as_json: AsJson = False) -> None:
    """List what is paused, why, by whom and since when."""
    found = running_platform().client.every("/api/pauses")
    if as_json:
        print_json(found)
    elif not found:
        say("Nothing is paused.")
    else:
        print_pauses(found)


def print_pauses(found: list[dict[str, Any]]) -> None:
    """Pauses as a table."""
    table = plain_table("Paused", "Name", "Why", "By", "Since")
    for held in found:
        cells = (
            held["scope"],
            held["name"],
            held["reason"],
            held["paused_by"],
            held["paused_at"][:16].replace("T", " "),
        )
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


def _by_whom(held: Mapping[str, Any]) -> str:
    return f"by {held['paused_by']} since {held['paused_at'][:16].replace('T', ' ')} ({held['reason']})"


def _path(what: Scope, name: str) -> str:
    return f"/api/pauses/{what}/{quote(name, safe='')}"
