"""`networx market`: figures of the market, their sources and their age."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.attached import running_platform
from cli.terminal import print_json, print_unbroken, say

# What a narrow terminal does without, first to last.
_TO_SPARE = ("Confidence", "Source", "As of")


def market(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask every configured source first.")] = False,
    rates: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="First send a file of your own rates."),
    ] = None,
) -> None:
    """Show the newest figures of the market: diesel, wages, rents; with their source, age and confidence."""
    client = running_platform().client
    if rates is not None:
        stored = client.send("/api/market/rates", rates.read_bytes(), filename=rates.name)["stored"]
        say(f"{stored} of your own figures are stored.")
    asked = client.post("/api/market/refresh")["asked"] if refresh else []
    known = client.get("/api/market")
    if as_json:
        print_json({**known, **({"asked": asked} if refresh else {})})
        return
    for each in asked:
        if each["reason"]:
            say(f"{each['source']} told no {each['kind']} of {each['subject']}: {each['reason']}.")
    if not known["sources"]:
        say("No source is configured; docs/market.md says how. Your own rates: networx market --rates FILE")
    rows = [_row(value) for value in known["values"]]
    print_unbroken(("Kind", "Subject", "Value", "As of", "Age", "Source", "Confidence"), rows, _TO_SPARE)


def _row(value: Mapping[str, Any]) -> list[str]:
    age = f"{value['age_days']} d" if value["usable"] else f"{value['age_days']} d, too old"
    return [
        value["kind"],
        value["subject"],
        f"{value['value']} {value['unit']}",
        value["as_of"],
        age,
        value["source"],
        value["confidence"],
    ]
