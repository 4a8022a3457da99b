"""The laptop's own key: made at the first start, made anew where its form is old, and good after every start."""

from __future__ import annotations

import stat
from pathlib import Path

from local.home import Home, write_private
from local.record import admit_developer, key_pepper, role_passwords
from networx.db import pool
from networx.identity.api_key import read_key
from networx.identity.scopes import EVERY_SCOPE
from tests.core.api.conftest import client_of


def opens(key: str) -> bool:
    return client_of(**{"X-API-Key": key}).get("/api/jobs").status_code == 200


def test_a_home_makes_its_key_once(tmp_path: Path) -> None:
    key = Home(tmp_path).dev_key()
    assert read_key(key) is not None
    assert Home(tmp_path).dev_key() == key


def test_a_key_of_the_old_form_is_made_anew_and_private(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_private(home.dev_key_file, "nwx_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE")
    key = home.dev_key()
    assert read_key(key) is not None
    assert home.dev_key() == home.dev_key_file.read_text().strip() == key
    assert stat.S_IMODE(home.dev_key_file.stat().st_mode) == 0o600


def test_whatever_became_of_the_key_it_opens_after_a_start(record, machine, postgres, tmp_path: Path) -> None:
    key = Home(tmp_path).dev_key()

    def start() -> None:
        admit_developer(postgres, role_passwords(machine.home), key, key_pepper(machine.home))

    start()
    assert opens(key)
    for damage in (
        "UPDATE api_keys SET revoked_at = now(), scopes = '{read}'",
        "UPDATE api_keys SET expires_at = now()",
        "UPDATE tenants SET revoked_at = now() WHERE slug = 'dev'",
    ):
        with pool.system() as connection:
            connection.execute(damage)
        assert not opens(key)
        start()
        assert opens(key)
    with pool.system() as connection:
        assert connection.execute("SELECT scopes FROM api_keys").fetchone() == (list(EVERY_SCOPE),)
