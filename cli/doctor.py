"""`networx doctor`: is every protection of the platform really there? Each is exercised; nothing is left behind."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import boto3
import typer
from rich.markup import escape

from cli.attached import running_platform
from cli.direct import join_platform
from cli.keys import AsJson
from cli.terminal import CommandFailed, Exit, out, plain_table, print_json, print_point, say
from local.backups.newest import newest
from networx.db import pool
from networx.domain.phrases import counted
from networx.readiness.catalogue import CHECKS
from networx.readiness.check import Check, Finding, Outcome, Place, run_all
from networx.readiness.stage import checks_of, described

_STYLES = {Outcome.PASSED: "green", Outcome.FAILED: "bold red", Outcome.SKIPPED: "yellow"}


def doctor(
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CHECK", help="This check; may be repeated.")
    ] = None,
    stage: Annotated[
        str | None, typer.Option("--stage", help="A stage in AWS, with your own identity, instead of this machine.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option("--key-file", exists=True, dir_okay=False, help="An API key of that stage.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Exercise every protection of the running platform and say which of them holds. Fails when one does not."""
    checks, place = _here() if stage is None else _there(stage, key_file)
    checks = _chosen(checks, only or [])
    if not as_json:
        say(f"Exercising {counted(len(checks), 'protection')} of {place.url}")
    began = time.monotonic()
    with _unheard():
        findings = run_all(checks, place)
        pool.close_pools()
    tell(findings, time.monotonic() - began, as_json=as_json)


def _here() -> tuple[Sequence[Check], Place]:
    attached = running_platform()
    join_platform("networx doctor")
    place = Place(
        url=attached.url,
        key=attached.home.dev_key(),
        home=attached.home.root,
        now=lambda: datetime.now(UTC),
        backed_up=newest(attached.home),
    )
    return CHECKS, place


def _there(name: str, key_file: Path | None) -> tuple[Sequence[Check], Place]:
    key = None if key_file is None else key_file.read_text().strip()
    session: Any = boto3.session.Session()
    stage = described(name, session.client, key=key, now=lambda: datetime.now(UTC))
    return checks_of(stage), stage.place()


def _chosen(checks: Sequence[Check], names: Sequence[str]) -> list[Check]:
    known = {check.name for check in checks}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise CommandFailed(
            f"There is no check {', '.join(unknown)}. There are: {', '.join(check.name for check in checks)}.",
            Exit.WRONG_USE,
        )
    return [check for check in checks if not names or check.name in names]


def tell(findings: Sequence[Finding], seconds: float, *, as_json: bool) -> None:
    """Print what was found. Raises typer.Exit with the code for a script."""
    ready = all(finding.outcome is not Outcome.FAILED for finding in findings)
    if as_json:
        print_json(_described(findings, seconds, ready=ready))
    else:
        _print(findings, seconds, ready=ready)
    if not ready:
        raise typer.Exit(Exit.FAILED)


def _described(findings: Sequence[Finding], seconds: float, *, ready: bool) -> dict[str, Any]:
    return {"ready": ready, "seconds": round(seconds, 2), "checks": [finding.as_dict() for finding in findings]}


def _print(findings: Sequence[Finding], seconds: float, *, ready: bool) -> None:
    table = plain_table("Check", "Result", "What was seen")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for finding in findings:
        style = _STYLES[finding.outcome]
        table.add_row(finding.check, f"[{style}]{finding.outcome}[/{style}]", escape(finding.seen))
    out.print(table)
    failed = [finding for finding in findings if finding.outcome is Outcome.FAILED]
    if failed:
        out.print("What to do", style="bold")
        for finding in failed:
            print_point(f"{finding.check}: {finding.do}")
    skipped = sum(finding.outcome is Outcome.SKIPPED for finding in findings)
    said = "Ready" if ready else f"Not ready: {counted(len(failed), 'protection')} missing"
    out.print(f"{said}. {len(findings) - len(failed) - skipped} hold, {skipped} skipped, in {seconds:.1f} s.")


@contextmanager
def _unheard() -> Iterator[None]:
    """What the exercised parts log and measure is not the platform's, and would stand between the lines."""
    quiet = logging.NullHandler()
    logging.getLogger().addHandler(quiet)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.getLogger().removeHandler(quiet)
