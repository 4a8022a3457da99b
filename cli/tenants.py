"""`networx tenants`: whom this installation serves."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from cli.attached import running_platform
from cli.keys import AsJson, Yes, day, standing
from cli.terminal import confirm, print_json, print_unbroken, say

app = typer.Typer(help="Tenants: list, create, revoke, restore.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="Its slug, such as acme.")]


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """List every tenant."""
    found = running_platform().client.every("/api/tenants")
    if as_json:
        print_json(found)
        return
    rows = [[tenant["slug"], tenant["name"], standing(tenant), day(tenant["created_at"])] for tenant in found]
    print_unbroken(("Tenant", "Name", "Standing", "Since"), rows, ("Since",))


@app.command()
def create(
    slug: Slug, name: Annotated[str, typer.Argument(help='Such as "Acme Logistics".')], as_json: AsJson = False
) -> None:
    """Create a tenant. It has no keys and no people yet."""
    made = running_platform().client.post("/api/tenants", {"slug": slug, "name": name})
    if as_json:
        print_json(made)
    else:
        say(f"The tenant {slug} is there. Its first key: networx keys create NAME --tenant {slug} --scopes admin")


@app.command()
def revoke(slug: Slug, yes: Yes = False, as_json: AsJson = False) -> None:
    """Close a tenant to its keys and people, at once. Its data stays, and its jobs run on."""
    confirm(f"Revoke the tenant {slug}?", yes=yes)
    ended = running_platform().client.delete(f"/api/tenants/{quote(slug, safe='')}")
    if as_json:
        print_json(ended)
    else:
        say(f"Nobody enters {slug} any more. It is opened again by: networx tenants restore {slug}")


@app.command()
def restore(slug: Slug, as_json: AsJson = False) -> None:
    """Open a tenant again to the keys and people that it had."""
    opened = running_platform().client.post(f"/api/tenants/{quote(slug, safe='')}/restore")
    if as_json:
        print_json(opened)
    else:
        say(f"The tenant {slug} is open again.")
