"""`networx status`: what runs, where, and how it is."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.attached import running_platform
from cli.terminal import Exit, out, plain_table, print_json


def status(as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Show the processes of the platform and the health of its parts. Fails when a part is unhealthy."""
    attached = running_platform()
    state = attached.home.read_state() or {}
    health = attached.client.get("/api/health")
    if as_json:
        print_json({"platform": state, "health": health})
    else:
        table = plain_table("Part", "Health", "Answers in", "", title=f"{attached.url}: {health['status']}")
        for name, part in health["checks"].items():
            latency = f"{part['latency_ms']:.1f} ms" if "latency_ms" in part else ""
            table.add_row(name, part["status"], latency, part.get("message", ""))
        out.print(table)
        for name, pid in state.get("processes", {}).items():
            out.print(f"  {name:<22} process {pid}")
        out.print(f"  home {attached.home.root}", soft_wrap=True)
    if health["status"] == "unhealthy":
        raise typer.Exit(Exit.FAILED)
