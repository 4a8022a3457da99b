"""`networx status`: what runs, where, and how it is; the queues, the workers, what is paused, and the kernels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.attached import running_platform
from cli.client import Client
from cli.pauses import print_pauses
from cli.terminal import CommandFailed, Exit, out, plain_table, print_json, say
from networx.domain.phrases import counted
from networx.solver.location.compiling import Standing, standing


def status(as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Show the health of the platform's parts, its queues, workers and pauses. Fails when a part is unhealthy."""
    attached = running_platform()
    state = attached.home.read_state() or {}
    health = attached.client.get("/api/health")
    engine = _engine(attached.client)
    if as_json:
        print_json({"platform": state, "health": health, "engine": engine, "kernels": standing().as_dict()})
    else:
        _print_health(attached.url, health)
        if engine is not None:
            _print_queues(engine)
            _print_warnings(engine)
        _print_processes(state.get("processes", {}), engine)
        out.print(f"  home {attached.home.root}", soft_wrap=True)
        _print_kernels(standing())
    if health["status"] == "unhealthy":
        raise typer.Exit(Exit.FAILED)


def _print_kernels(stands: Standing) -> None:
    """Of this user on this machine, as the platform's workers are."""
    kept = "" if stands.folder is None else f", {stands.folder}"
    said = ": ".join(part for part in (f"{stands.state}{kept}", stands.why) if part)
    out.print(escape(f"  compiled kernels {said}. {stands.do}".rstrip()), soft_wrap=True)


def _engine(client: Client) -> dict[str, Any] | None:
    """How the engine stands; None while the record, which alone knows, is away."""
    try:
        found: dict[str, Any] = client.get("/api/status")
    except CommandFailed as failure:
        say(f"The queues cannot be shown: {failure}")
        return None
    return found


def _print_health(url: str, health: Mapping[str, Any]) -> None:
    table = plain_table("Part", "Health", "Answers in", "", title=f"{url}: {health['status']}")
    for name, part in health["checks"].items():
        latency = f"{part['latency_ms']:.1f} ms" if "latency_ms" in part else ""
        table.add_row(name, part["status"], latency, escape(part.get("message", "")))
    out.print(table)


def _print_queues(engine: Mapping[str, Any]) -> None:
    table = plain_table("Queue", "Waiting", "Oldest", "Put off", "Running", "Dead", numbers=True)
    for queue in engine["queues"]:
        oldest = queue["oldest_waiting_seconds"]
        name = f"{queue['name']} (paused)" if queue["paused"] else queue["name"]
        table.add_row(
            name,
            f"{queue['queued']:,}",
            "" if oldest is None else span(oldest),
            f"{queue['put_off']:,}",
            f"{queue['running']:,}",
            f"{queue['dead']:,}",
        )
    out.print(table)


def _print_warnings(engine: Mapping[str, Any]) -> None:
    if engine["pauses"]:
        print_pauses(engine["pauses"])
    for kind, number in engine["unknown_kinds"].items():
        out.print(f"  {counted(number, 'job')} of the kind {escape(kind)} wait for a version that knows it.")
    for circuit in engine["circuits"]:
        if circuit["state"] != "closed":
            part, process = escape(circuit["part"]), escape(circuit["process"])
            out.print(f"  The circuit of {part} is {circuit['state']} in {process}.")
    if any(queue["dead"] for queue in engine["queues"]):
        out.print(
            "  Dead jobs: look at them with `networx jobs --status dead`, queue them again with `networx redrive`."
        )
    outbox = engine["outbox"]
    if outbox["waiting"]:
        out.print(
            f"  {counted(outbox['waiting'], 'message')} not sent yet, the oldest for {span(outbox['oldest_seconds'])}"
        )
    else:
        out.print("  Every message to a queue was sent.")


def _print_processes(processes: Mapping[str, int], engine: Mapping[str, Any] | None) -> None:
    # A worker signs with its name, its machine and its process: `optimization@here:1234`.
    busy = {} if engine is None else {worker["name"]: worker for worker in engine["workers"]}
    for name, pid in processes.items():
        mine = [worker for signed, worker in busy.items() if signed.endswith(f":{pid}")]
        out.print(f"  {name:<22} process {pid}{_work_of(mine)}")
    for signed, worker in busy.items():
        if not any(signed.endswith(f":{pid}") for pid in processes.values()):
            out.print(f"  {escape(signed)}{_work_of([worker])}, and is no process of this platform")


def _work_of(workers: list[dict[str, Any]]) -> str:
    if not workers:
        return ""
    (worker,) = workers
    silent = (datetime.now(UTC) - datetime.fromisoformat(worker["heartbeat_at"])).total_seconds()
    return f"  {counted(worker['running'], 'job')}, last heartbeat {span(max(silent, 0.0))} ago"


def span(seconds: float) -> str:
    """A stretch of time in one unit: `4 s`, `12 min`, `3 h`, `2 d`."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
