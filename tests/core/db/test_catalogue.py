"""The catalogue of the record, walked: no table, policy, role, view or function that opens one tenant to another."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from networx.db import pool
from networx.db.pool import Role
from tests.core.api.holdings import hold

OF_A_TENANT = (Role.APP, Role.LOADER, Role.REPORT)
# Figures that are published for all stand beside a tenant's own.
OF_EVERYBODY = "market_values"
# The only thing that a tenant's rows may be chosen by.
THE_TENANTS_OWN = re.compile(r"\((tenant_)?id = \( ?SELECT current_tenant\(\) AS current_tenant\)\)")


def rows(statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    with pool.connect(Role.OWNER) as owner:
        return owner.execute(statement, arguments or None).fetchall()


def tables() -> list[str]:
    found = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'networx'::regnamespace AND relkind IN ('r', 'p', 'm', 'f')"
    )
    return sorted(row[0] for row in found)


def of_tenants() -> list[str]:
    """The tables that hold what is a tenant's."""
    found = rows(
        "SELECT table_name FROM information_schema.columns "
        "JOIN information_schema.tables USING (table_schema, table_name) "
        "WHERE table_schema = 'networx' AND column_name = 'tenant_id' AND table_type = 'BASE TABLE'"
    )
    return sorted({"tenants", *(row[0] for row in found)})


def test_a_table_holds_what_is_a_tenants_or_is_known_to_hold_nothing(record):
    assert set(tables()) - set(of_tenants()) == {"schema_migrations", "job_moves", "hourly_counts", "assistant_periods"}


def test_policies_of_a_tenants_roles_choose_by_the_tenant_alone(record):
    policies = rows("SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies")
    assert {policy[0] for policy in policies} == set(of_tenants())
    for table, name, permissive, roles, command, shown, written in policies:
        if permissive == "RESTRICTIVE":
            # It takes away from what another policy gives.
            continue
        if set(roles) == {Role.SYSTEM.value}:
            continue
        # The owner has one of its own once a tenant was exported or erased.
        assert set(roles) <= {role.value for role in (*OF_A_TENANT, Role.OWNER)}, (table, name, roles)
        # What everybody may read is nobody's: it is written by the system alone.
        public = (table, command) == (OF_EVERYBODY, "SELECT")
        own = shown.replace("(tenant_id IS NULL) OR ", "").removeprefix("(").removesuffix(")") if public else shown
        conditions = [" ".join(condition.split()) for condition in (own, written) if condition is not None]
        assert conditions, (table, name)
        for condition in conditions:
            assert THE_TENANTS_OWN.fullmatch(condition), (table, name, condition)


def test_every_role_with_a_right_has_a_policy_and_nobody_else_has_a_right(record):
    rights = rows(
        "SELECT DISTINCT table_name, grantee FROM information_schema.role_table_grants "
        "WHERE table_schema = 'networx' AND grantee <> %s",
        Role.OWNER.value,
    )
    known = {role.value for role in Role}
    assert {grantee for _, grantee in rights} <= known
    with_policy = {(table, role) for table, roles in rows("SELECT tablename, roles FROM pg_policies") for role in roles}
    of_the_tenants = set(of_tenants())
    assert {(table, role) for table, role in rights if table in of_the_tenants} <= with_policy


def test_roles_have_no_power_beyond_their_rights(record):
    roles = rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles "
        "WHERE rolname = ANY(%s)",
        list(Role),
    )
    assert {role[0] for role in roles} == {role.value for role in Role}
    assert [role for role in roles if any(role[1:])] == []
    memberships = rows(
        "SELECT member.rolname, granted.rolname FROM pg_auth_members "
        "JOIN pg_roles AS member ON member.oid = pg_auth_members.member "
        "JOIN pg_roles AS granted ON granted.oid = pg_auth_members.roleid WHERE member.rolname = ANY(%s)",
        list(Role),
    )
    assert set(memberships) <= {(Role.SYSTEM.value, "pg_monitor")}


def test_everything_is_the_owners_and_nothing_acts_with_the_owners_rights(record):
    owners = rows(
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'networx'::regnamespace"
    )
    assert owners == [(Role.OWNER.value,)]
    definers = rows("SELECT proname FROM pg_proc WHERE pronamespace = 'networx'::regnamespace AND prosecdef")
    assert definers == []
    views = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'networx'::regnamespace AND relkind = 'v' "
        "AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}'"
    )
    assert views == []


@pytest.mark.parametrize("role", OF_A_TENANT)
def test_each_table_shows_a_tenant_its_own_rows_alone_and_nobody_any(record, aws, role):
    own, other = hold(f"own-{uuid4().hex[:8]}", aws), hold(f"other-{uuid4().hex[:8]}", aws)
    seen = 0
    for table in of_tenants():
        column = "id" if table == "tenants" else "tenant_id"
        statement = f"SELECT {column} FROM {table}"
        try:
            with pool.tenant(own.tenant_id, role) as connection:
                shown = {row[0] for row in connection.execute(statement).fetchall()}
            with pool.pool(role).connection() as connection:
                assert connection.execute(statement).fetchall() == [], table
        except psycopg.errors.InsufficientPrivilege:
            continue
        assert shown <= {own.tenant_id}, table
        seen += bool(shown)
    assert seen >= 10
    assert other.tenant_id != own.tenant_id


def test_a_table_without_a_policy_is_noticed(record, postgres):
    with pool.connect(Role.OWNER) as owner:
        owner.execute("CREATE TABLE forgotten (tenant_id uuid)")
        bare = owner.execute("SELECT relname FROM pg_class WHERE relname = 'forgotten' AND NOT relforcerowsecurity")
        assert bare.fetchall() == [("forgotten",)]
        owner.rollback()
    assert "forgotten" not in tables()
