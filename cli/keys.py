"""`networx keys`: API keys made, listed, rotated and revoked. A new key goes to standard output, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.attached import running_platform
from cli.terminal import confirm, out, print_json, print_unbroken, say

app = typer.Typer(help="API keys: list, create, rotate, revoke.", no_args_is_help=True)

Tenant = Annotated[str | None, typer.Option("--tenant", help="Another tenant's slug, such as acme.")]
Scopes = Annotated[str, typer.Option("--scopes", help="Of read, write, admin and operator, between commas.")]
KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="Its id, as `networx keys list` shows it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command("list")
def listed(tenant: Tenant = None, as_json: AsJson = False) -> None:
    """List the keys of a tenant, with what they may do and when they were last used."""
    found = running_platform().client.every("/api/keys", **of_tenant(tenant))
    if as_json:
        print_json(found)
        return
    rows = [
        [key["id"], key["name"], ",".join(key["scopes"]), standing(key), day(key["last_used_at"]), key["created_by"]]
        for key in found
    ]
    print_unbroken(("Key", "Name", "Scopes", "Standing", "Last used", "By"), rows, ("By", "Last used"))


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, such as nightly-import.")],
    scopes: Scopes = "read,write",
    days: Annotated[int | None, typer.Option("--days", help="How long it is good; without, until revoked.")] = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Create a key. It is shown once."""
    body = {"name": name, "scopes": words(scopes), "expires_in_days": days, **of_tenant(tenant)}
    _show(running_platform().client.post("/api/keys", body), as_json=as_json)


@app.command()
def rotate(
    key_id: KeyId,
    overlap: Annotated[float, typer.Option("--overlap", help="Hours for which the old key opens beside it.")] = 24,
    as_json: AsJson = False,
) -> None:
    """Make a key that replaces another; both open for the overlap."""
    made = running_platform().client.post(f"/api/keys/{quote(key_id, safe='')}/rotate", {"overlap_hours": overlap})
    _show(made, as_json=as_json)


@app.command()
def revoke(key_id: KeyId, yes: Yes = False, as_json: AsJson = False) -> None:
    """End a key at once and for good."""
    confirm(f"Revoke the key {key_id}?", yes=yes)
    ended = running_platform().client.delete(f"/api/keys/{quote(key_id, safe='')}")
    if as_json:
        print_json(ended)
    else:
        say(f"The key {ended['name']} opens nothing any more.")


def words(listed_words: str) -> list[str]:
    """Words between commas."""
    return [word.strip() for word in listed_words.split(",") if word.strip()]


def of_tenant(slug: str | None) -> dict[str, str]:
    """What a request says of the tenant it means; nothing for the caller's own."""
    return {} if slug is None else {"tenant": slug}


def standing(thing: Mapping[str, Any]) -> str:
    """Whether a key or a person may still come in."""
    if thing["revoked_at"] is not None:
        return f"revoked {day(thing['revoked_at'])}"
    if thing.get("expires_at") is not None:
        return f"until {day(thing['expires_at'])}"
    return "good"


def day(instant: str | None) -> str:
    """An instant to the minute, as a person reads it; a dash for none."""
    return "-" if instant is None else instant[:16].replace("T", " ")


def _show(made: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    say(f"The key {made['name']} ({made['id']}). It is shown now and never again:")
    # As it is, whatever the terminal's width: it is to be copied.
    out.file.write(f"{made['key']}\n")
