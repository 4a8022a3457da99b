"""The first key of a deployed stage: `python -m networx.api.first_key`.

Made in two steps, so that no log and no console ever holds it. `make` runs where the operator sits and prints the key,
its id and its digest; `admit` runs as a task of the stage with the id and the digest alone, from which nobody can find
the key. Whoever may start tasks of the stage may do this: from then on keys are made through the API.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from uuid import UUID

import psycopg

from networx.db import pool
from networx.db.audit import Doer
from networx.errors import Conflict, NetworxError, NotFound
from networx.identity import keys, tenants
from networx.identity.api_key import make_key
from networx.identity.scopes import EVERY_SCOPE, known_scopes
from networx.observability import logs
from networx.observability.logs import Log

log = Log(__name__)

DOER = Doer("first key task")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 when done, 1 when refused."""
    asked = _parser().parse_args(arguments)
    if asked.step == "make":
        key = make_key()
        sys.stdout.write(json.dumps({"key": key.text, "id": str(key.id), "digest": key.digest.hex()}) + "\n")
        return 0
    logs.configure("first-key", "INFO")
    try:
        admit(asked.tenant, asked.tenant_name, asked.id, asked.digest, asked.scopes)
    except (NetworxError, psycopg.Error) as fault:
        log.error("first_key.failed", fault=fault, reason=str(fault))
        return 1
    log.info("first_key.admitted", tenant=asked.tenant, keyId=asked.id)
    return 0


def admit(slug: str, tenant_name: str | None, key_id: UUID, digest: bytes, scopes: Sequence[str]) -> None:
    """Admit a key of a tenant, which is made if there is none and `tenant_name` is given. Safe to run again.

    Raises NotFound, RefusedInput for unknown scopes, Conflict for a key that is another tenant's.
    """
    with pool.system() as connection:
        try:
            tenant = tenants.get(connection, slug)
        except NotFound:
            if tenant_name is None:
                raise
            tenant = tenants.create(connection, DOER, slug, tenant_name)
        try:
            known = keys.get(connection, key_id)
        except NotFound:
            keys.admit(
                connection,
                DOER,
                key_id,
                digest,
                tenant_id=tenant.id,
                name="first key",
                scopes=known_scopes(scopes),
            )
        else:
            if known.tenant_id != tenant.id:
                raise Conflict(what=f"The key {key_id} is of the tenant {known.tenant}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m networx.api.first_key", description="The first key of a stage.")
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("make", help="make a key here: prints it, with its id and digest, as JSON")
    admitted = steps.add_parser("admit", help="admit a key in the stage's record")
    admitted.add_argument("--tenant", required=True, metavar="SLUG", type=_slug)
    admitted.add_argument("--tenant-name", metavar="NAME", help="makes the tenant where there is none")
    admitted.add_argument("--id", required=True, type=UUID)
    admitted.add_argument("--digest", required=True, type=_digest)
    admitted.add_argument("--scopes", default=list(EVERY_SCOPE), type=lambda words: words.split(","))
    return parser


def _slug(text: str) -> str:
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", text) is None:
        raise argparse.ArgumentTypeError("small letters, digits and -")
    return text


def _digest(text: str) -> bytes:
    if re.fullmatch(r"[0-9a-f]{64}", text) is None:
        raise argparse.ArgumentTypeError("64 hexadecimal digits, as `make` prints them")
    return bytes.fromhex(text)


if __name__ == "__main__":
    sys.exit(main())
