"""The database behind the platform, looked at from above: what is there, over all tenants."""

from __future__ import annotations

from typing import Any

import psycopg

from local.platform import Platform
from local.postgres import MASTER
from local.record import key_pepper
from networx.identity.api_key import make_key, stored

DATA_TABLES = (
    "datasets",
    "network_facilities",
    "network_destinations",
    "network_demand",
    "network_forecast",
    "network_lanes",
    "network_facility_years",
    "network_assignments",
    "network_skus",
    "network_warehouse",
    "network_inventory",
    "network_expansions",
    "network_operating_costs",
    "network_control_totals",
    "network_one_time_costs",
    "network_suppliers",
    "network_inbound_lanes",
    "network_service_years",
    "network_rates",
    "network_fitted_rates",
    "network_parameters",
    "transport_shipments",
)


class Record:
    """Statements as the superuser, each on a connection of its own."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def rows(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """What a statement finds or returns."""
        with psycopg.connect(
            host="127.0.0.1",
            port=self._platform.ports.postgres,
            dbname="networx",
            user=MASTER,
            password=self._platform.home.secret("postgres"),
            options="-c search_path=networx",
        ) as connection:
            return list(connection.execute(statement, arguments).fetchall())

    def one(self, statement: str, *arguments: Any) -> Any:
        """The single value that a statement finds."""
        ((value,),) = self.rows(statement, *arguments)
        return value

    def data_counts(self) -> dict[str, int]:
        """Rows in every table that holds clients' data."""
        return {table: self.one(f"SELECT count(*) FROM {table}") for table in DATA_TABLES}

    def admit(self, slug: str) -> str:
        """A new tenant with a key, as an operator would make them; the key."""
        key = make_key()
        self.rows(
            """WITH tenant AS (INSERT INTO tenants (slug, name) VALUES (%s, %s) RETURNING id)
               INSERT INTO api_keys (id, tenant_id, name, secret_hmac, scopes, created_by)
               SELECT %s, id, 'key', %s, '{read,write}', 'a test' FROM tenant RETURNING id""",
            slug,
            slug,
            key.id,
            stored(key.digest, key_pepper(self._platform.home).encode()),
        )
        return key.text
