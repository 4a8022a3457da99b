"""`networx loadtest`: how many requests a platform serves, how fast, and which it does not."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.attached import running_platform
from cli.keys import AsJson
from cli.load.driver import Driver, Load, Made
from cli.load.figures import Figures, figures
from cli.load.mix import USUAL, Mix
from cli.terminal import CommandFailed, Exit, out, plain_table, print_json, print_unbroken, say

USUAL_REQUESTS = 200


def loadtest(
    concurrency: Annotated[int, typer.Option(min=1, max=500, help="How many clients ask at once.")] = 10,
    requests: Annotated[
        int | None, typer.Option(min=1, help=f"Requests in all ({USUAL_REQUESTS} unless said).")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Or: for how long.")] = None,
    mix: Annotated[str, typer.Option(help="What is done, in which proportion.")] = USUAL,
    url: Annotated[str | None, typer.Option(help="Another platform than this machine's; with --key-file.")] = None,
    key_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file with its API key.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put the platform under load through its API and print what it served. Fails when a request failed.

    It uploads small networks and solves them: on another platform than your own machine's use a tenant of its own.
    """
    load = _load(concurrency, requests, seconds, mix)
    driver = Driver(*_target(url, key_file))
    scenario_id = driver.prepare()
    if not as_json:
        say(f"{concurrency} clients, {mix}")
    began = time.monotonic()
    made = driver.make(load, scenario_id)
    found = summary(made, time.monotonic() - began)
    if as_json:
        shown = {name: numbers.as_dict() for name, numbers in found.items()}
        print_json({"concurrency": concurrency, "mix": mix, "seconds": round(made.seconds, 3), "operations": shown})
    else:
        print_figures(found, made.seconds)
    if found["all"].errors:
        raise typer.Exit(Exit.FAILED)


def summary(made: Made, seconds: float) -> dict[str, Figures]:
    """The figures by operation, and of all together."""
    operations = sorted({sample.operation for sample in made.samples})
    by_operation = {name: [one for one in made.samples if one.operation == name] for name in operations}
    return {
        **{name: figures(some, seconds) for name, some in by_operation.items()},
        "all": figures(made.samples, seconds),
    }


def print_figures(found: Mapping[str, Figures], seconds: float) -> None:
    """The figures as tables: latencies of what succeeded, and every error by its code.

    What a narrow terminal has no room for stands below the table too, but for the longest.
    """
    headings = ("", "Requests", "Success", "429", "Failed", "Mean", "p50", "p95", "p99", "Longest", "A second")
    rows = [[name, *_row(numbers)] for name, numbers in found.items()]
    out.print("Latency in milliseconds, of what succeeded", style="italic")
    print_unbroken(headings, rows, ("Longest", "A second", "429"))
    told_to_wait = {"429": found["all"].limited} if found["all"].limited else {}
    errors = {**found["all"].errors, **told_to_wait}
    if errors:
        failed = plain_table("Error", "Times", numbers=True)
        for code, times in errors.items():
            failed.add_row(code, f"{times:,}")
        out.print(failed)
    out.print(f"{found['all'].requests:,} requests in {seconds:.1f} s, {found['all'].per_second:,.1f} served a second")


def _row(numbers: Figures) -> list[str]:
    latencies = (numbers.mean_ms, numbers.p50_ms, numbers.p95_ms, numbers.p99_ms, numbers.longest_ms)
    return [
        f"{numbers.requests:,}",
        "" if numbers.success_share is None else f"{numbers.success_share:.2%}",
        f"{numbers.limited:,}",
        f"{sum(numbers.errors.values()):,}",
        *("" if value is None else f"{value:,.1f}" for value in latencies),
        f"{numbers.per_second:,.1f}",
    ]


def _load(concurrency: int, requests: int | None, seconds: float | None, mix: str) -> Load:
    if requests is not None and seconds is not None:
        raise CommandFailed("Give --requests or --seconds, not both.", Exit.WRONG_USE)
    try:
        wanted = Mix.read(mix)
    except ValueError as fault:
        raise CommandFailed(f"--mix: {fault}.", Exit.WRONG_USE) from fault
    return Load(wanted, concurrency, USUAL_REQUESTS if requests is None and seconds is None else requests, seconds)


def _target(url: str | None, key_file: Path | None) -> tuple[str, str]:
    """The address and the key. Raises CommandFailed where only one of them is given."""
    if (url is None) != (key_file is None):
        raise CommandFailed("--url and --key-file go together.", Exit.WRONG_USE)
    if url is not None and key_file is not None:
        return url.rstrip("/"), key_file.read_text().strip()
    found: Any = running_platform()
    state = found.home.read_state() or {}
    return found.url, Path(state["dev_key_file"]).read_text().strip()
