"""How connections are opened."""

from __future__ import annotations

from networx.db import pool


def test_a_connection_to_a_host_that_vanished_ends_within_a_minute(record):
    with pool.system() as connection:
        asked = connection.info.get_parameters()
    probes = int(asked["keepalives_idle"]) + int(asked["keepalives_interval"]) * int(asked["keepalives_count"])
    assert 0 < probes <= 60
    assert 0 < int(asked["tcp_user_timeout"]) <= 60_000
