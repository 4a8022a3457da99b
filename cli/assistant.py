"""`networx assistant`: what it may see, what it used and may use, its suggestions and summaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.attached import running_platform
from cli.keys import AsJson, Yes
from cli.terminal import confirm, out, print_json, print_unbroken, say

app = typer.Typer(help="The assistant: status, allow, forbid, usage, budget, suggest, summary.", no_args_is_help=True)

_NOTHING = "No assistant is configured; docs/operations/assistant.md says how."
_LEAVES = {
    "mapping": "the headers of unknown columns, and samples with every letter and digit masked",
    "summaries": "the figures of results, without names",
}


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show whether there is an assistant, and what your tenant lets it see."""
    found = running_platform().client.get("/api/assistant")
    if as_json:
        print_json(found)
        return
    if found["configured"]:
        cheaper = f", near the limits {found['cheaper_model']}" if found["cheaper_model"] else ""
        say(f"It asks {found['model']}{cheaper} at {found['host']}.")
    else:
        say(_NOTHING)
    _say_consent(found["consent"])


@app.command()
def allow(
    mapping: Annotated[bool, typer.Option("--mapping", help=f"Send {_LEAVES['mapping']}.")] = False,
    summaries: Annotated[bool, typer.Option("--summaries", help=f"Send {_LEAVES['summaries']}.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Let the assistant see what is named, and no more."""
    leaves = " and ".join(
        words for name, words in _LEAVES.items() if {"mapping": mapping, "summaries": summaries}[name]
    )
    if leaves:
        confirm(f"May {leaves} leave this installation?", yes=yes)
    _change({"mapping": mapping, "summaries": summaries}, as_json=as_json)


@app.command()
def forbid(as_json: AsJson = False) -> None:
    """Let the assistant see nothing any more."""
    _change({"mapping": False, "summaries": False}, as_json=as_json)


@app.command()
def usage(as_json: AsJson = False) -> None:
    """Show what your tenant used, by model."""
    found = running_platform().client.get("/api/assistant/usage")
    if as_json:
        print_json(found)
        return
    rows = [
        [f"{period['period']} since {period['since']}", *_used(model)]
        for period in found["periods"]
        for model in period["models"]
    ]
    if not rows:
        say("Nothing was used this month.")
        return
    print_unbroken(("Period", "Model", "Calls", "Tokens", "Cost"), rows, ("Calls",))


@app.command()
def budget(as_json: AsJson = False) -> None:
    """Show what the installation may use, has used and holds, and who used it this month."""
    found = running_platform().client.get("/api/assistant/budget")
    if as_json:
        print_json(found)
        return
    if any(period["token_limit"] is None for period in found["periods"]):
        say(_NOTHING)
    print_unbroken(
        ("Period", "Spent", "Tokens", "of", "Held", "Cost", "of", "Held"),
        [_period(period) for period in found["periods"]],
        (),
    )
    if found["tenants"]:
        rows = [[one["tenant"], *_used(one)] for one in found["tenants"]]
        print_unbroken(("Tenant", "Model", "Calls", "Tokens", "Cost"), rows, ("Calls",))


@app.command()
def suggest(
    upload_id: Annotated[str, typer.Argument(metavar="UPLOAD", help="The id of a refused upload.")],
    as_json: AsJson = False,
) -> None:
    """Ask what the unknown columns of a refused upload are. Nothing is applied: you decide."""
    found = running_platform().client.post(f"/api/uploads/{quote(upload_id, safe='')}/mapping/suggestions")
    if as_json:
        print_json(found)
        return
    rows = [_suggested(column) for column in found["columns"]]
    print_unbroken(("Sheet", "Header", "Could be", "How sure", "Patterns"), rows, ("Patterns",))
    say("Suggested by a model. Rename what is right in your file, and upload it again.")


@app.command()
def summary(
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="The id of a job with a result.")],
    as_json: AsJson = False,
) -> None:
    """Tell the result of a job in plain words."""
    found = running_platform().client.post(f"/api/jobs/{quote(job_id, safe='')}/summary")
    if as_json:
        print_json(found)
        return
    out.print(found["text"], markup=False)
    say(f"{found['note']} ({found['written_at'][:16].replace('T', ' ')} UTC)")


def _change(body: Mapping[str, bool], *, as_json: bool) -> None:
    changed = running_platform().client.put("/api/assistant/consent", body)
    if as_json:
        print_json(changed)
    else:
        _say_consent(changed)


def _say_consent(consent: Mapping[str, Any]) -> None:
    for name, leaves in _LEAVES.items():
        say(f"{name}: {'allowed' if consent[name] else 'forbidden'} ({leaves})")


def _used(one: Mapping[str, Any]) -> list[str]:
    return [one["model"], f"{one['calls']:,}", f"{one['tokens']:,}", _dollars(one["dollars"])]


def _period(one: Mapping[str, Any]) -> list[str]:
    percent = "" if one["percent_spent"] is None else f"{one['percent_spent']:.1f} %"
    return [
        f"{one['period']} since {one['since']}",
        percent,
        f"{one['spent_tokens']:,}",
        "" if one["token_limit"] is None else f"{one['token_limit']:,}",
        f"{one['held_tokens']:,}",
        _dollars(one["spent_dollars"]),
        "" if one["dollar_limit"] is None else _dollars(one["dollar_limit"]),
        _dollars(one["held_dollars"]),
    ]


def _dollars(amount: float) -> str:
    return f"${amount:,.4f}" if 0 < amount < 1 else f"${amount:,.2f}"


def _suggested(column: Mapping[str, Any]) -> list[str]:
    suggestion = column["suggestion"]
    sure = [suggestion["field"], f"{suggestion['confidence']:.0%}"] if suggestion else ["no suggestion", ""]
    return [column["sheet"], column["header"], *sure, ", ".join(column["patterns"])]
