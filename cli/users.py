"""`networx users`: who may sign in, with which scopes."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from cli.attached import running_platform
from cli.keys import AsJson, Scopes, Tenant, Yes, day, of_tenant, standing, words
from cli.terminal import CommandFailed, Exit, confirm, print_json, print_unbroken, say

app = typer.Typer(help="People who may sign in: list, add, revoke.", no_args_is_help=True)


@app.command("list")
def listed(tenant: Tenant = None, as_json: AsJson = False) -> None:
    """List the people of a tenant."""
    found = running_platform().client.every("/api/users", **of_tenant(tenant))
    if as_json:
        print_json(found)
        return
    rows = [
        [
            user["id"],
            user["email"] or user["subject"],
            ",".join(user["scopes"]),
            standing(user),
            day(user["last_seen_at"]),
            "yes" if user["subject"] else "not yet",
        ]
        for user in found
    ]
    print_unbroken(("User", "Who", "Scopes", "Standing", "Last seen", "Bound"), rows, ("Bound", "Last seen"))


@app.command()
def add(
    email: Annotated[str | None, typer.Argument(help="The address that the issuer has verified.")] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="The issuer's own id of the person.")] = None,
    scopes: Scopes = "read,write",
    tenant: Tenant = None,
    as_json: AsJson = False,
) -> None:
    """Let a person in, by e-mail address or by the issuer's subject."""
    if email is None and subject is None:
        raise CommandFailed("Say who: an e-mail address, or --subject.", Exit.WRONG_USE)
    body = {"email": email, "subject": subject, "scopes": words(scopes), **of_tenant(tenant)}
    made = running_platform().client.post("/api/users", body)
    if as_json:
        print_json(made)
    else:
        say(f"{made['email'] or made['subject']} may sign in ({made['id']}).")


@app.command()
def revoke(
    user_id: Annotated[str, typer.Argument(metavar="USER_ID", help="The id, as `networx users list` shows it.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Let a person in no more, at once."""
    confirm(f"Revoke the user {user_id}?", yes=yes)
    ended = running_platform().client.delete(f"/api/users/{quote(user_id, safe='')}")
    if as_json:
        print_json(ended)
    else:
        say(f"{ended['email'] or ended['subject']} may sign in no more.")
