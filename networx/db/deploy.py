"""Brings the record to this version, before anything of it serves: `python -m networx.db.deploy`.

Run as a task of its own at each deploy, once and again at will: roles and their passwords, database and schema as the
cluster's master, then the missing migrations as the owner, both straight to the instance. Ends with 0 when the record
is ready, else with 1 and the reason as its last line.
"""

from __future__ import annotations

import sys

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.db import pool
from networx.db.bootstrap import DATABASE, bootstrap
from networx.db.migrate import migrate
from networx.db.pool import Role
from networx.errors import ConfigurationError, DatabaseUnavailable, NetworxError
from networx.observability import logs
from networx.observability.logs import Log
from networx.resilience import aws

log = Log(__name__)


def deploy() -> list[str]:
    """Bootstrap and migrate; the names of the migrations applied.

    Raises ConfigurationError for a secret that is missing or wrong and DatabaseUnavailable.
    """
    configured = settings.current()
    if not configured.master_secret:
        raise ConfigurationError(what="NETWORX_DATABASE_MASTER_SECRET is not set: name the secret of the master user")
    if configured.database_name != DATABASE:
        raise ConfigurationError(what=f"DATABASE_URL names the database {configured.database_name}, not {DATABASE}")
    master = _secret(configured.master_secret, "username", "password")
    passwords = {role.value: _secret(configured.database_secret_prefix + role, "password")["password"] for role in Role}
    try:
        bootstrap(
            "", passwords, **pool.arguments(configured.database), user=master["username"], password=master["password"]
        )
    except psycopg.OperationalError as fault:
        raise DatabaseUnavailable from fault
    log.info("deploy.bootstrapped", host=configured.database.host, database=configured.database_name)
    with pool.connect(Role.OWNER, autocommit=True) as owner:
        return migrate(owner)


def _secret(name: str, *fields: str) -> dict[str, str]:
    try:
        value = aws.secret(name)
    except ClientError as fault:
        code = fault.response.get("Error", {}).get("Code", "unknown")
        raise ConfigurationError(what=f"The secret {name} cannot be read ({code})") from fault
    missing = [field for field in fields if not value.get(field)]
    if missing:
        raise ConfigurationError(what=f"The secret {name} has no {' and no '.join(missing)}")
    return value


def main() -> int:
    """The task's exit code."""
    logs.configure("deploy", "INFO")
    try:
        applied = deploy()
    except (NetworxError, psycopg.Error, BotoCoreError) as fault:
        log.error("deploy.failed", fault=fault, reason=str(fault))
        return 1
    log.info("deploy.done", applied=applied)
    return 0


if __name__ == "__main__":
    sys.exit(main())
