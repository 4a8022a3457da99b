"""`networx tenants`: whom this installation serves."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.attached import running_platform
from cli.direct import join_platform
from cli.keys import AsJson, Yes, day, standing
from cli.terminal import CommandFailed, Exit, confirm, out, plain_table, print_json, print_unbroken, say
from local.record import DEV_TENANT
from networx.results.wording import file_size

app = typer.Typer(help="Tenants: list, create, revoke, restore, export, erase.", no_args_is_help=True)

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


@app.command()
def export(
    slug: Slug,
    to: Annotated[Path, typer.Option("--to", help="A new or empty folder.")],
    as_json: AsJson = False,
) -> None:
    """Write every row and every object of a tenant into a folder, with a manifest of hashes."""
    from networx.work import tenant_export

    done = tenant_export.export(slug, to.expanduser().resolve(), join_platform("networx tenants export"))
    if as_json:
        print_json(asdict(done))
        return
    rows = sum(done.rows.values())
    out.print(f"{rows:,} rows and {done.objects:,} versions of objects ({file_size(done.object_bytes)}) are in {to}")
    out.print(f"SHA-256 of its manifest: {done.manifest}", soft_wrap=True)


@app.command()
def erase(slug: Slug, yes: Yes = False, as_json: AsJson = False) -> None:
    """Erase a tenant for good, after a preview: its rows, its objects with all versions, what the cache holds."""
    if slug == DEV_TENANT:
        raise CommandFailed(f"{slug} is this machine's own tenant, which every start makes anew.", Exit.WRONG_USE)
    doer = join_platform("networx tenants erase")
    from networx.work import tenant_erasure
    from networx.work.tenant_data import KEPT_TABLES

    tenant, before = tenant_erasure.preview(slug)
    if not as_json:
        out.print(f"{tenant.slug} ({tenant.name}), {tenant.id}:")
        _print_counts(before)
    confirm(f"Erase all of it for good? Only its lines in {', '.join(sorted(KEPT_TABLES))} stay.", yes=yes)
    done = tenant_erasure.erase(slug, doer)
    if as_json:
        print_json({**asdict(done), "nothing_left": done.left.nothing})
        return
    out.print(f"Erased ({done.cancelled:,} jobs were cancelled first):")
    _print_counts(done.removed)
    kept = {table: done.left.rows[table] for table in KEPT_TABLES}
    out.print("Looked at again, every table, bucket and key: nothing is left.")
    out.print("Kept on purpose: " + ", ".join(f"{number:,} lines of {table}" for table, number in kept.items()))


def _print_counts(counts: Any) -> None:
    table = plain_table("What", "How many", numbers=True)
    for name, number in counts.rows.items():
        if number:
            table.add_row(f"rows of {name}", f"{number:,}")
    for name, number in counts.objects.items():
        if number:
            table.add_row(f"versions in {name}", f"{number:,}")
    if counts.cached:
        table.add_row("keys of the cache", f"{counts.cached:,}")
    out.print(table)
