"""What a key looks like, and that a typo is told from a key."""

from __future__ import annotations

import re

import pytest

from networx.identity.api_key import PREFIX, make_key, read_key, stored


def test_a_key_reads_back_as_itself():
    key = make_key()
    assert read_key(key.text) == key
    assert re.fullmatch(r"nwx_[0-9a-f]{32}_[0-9a-f]{72}", key.text)


def test_two_keys_share_nothing():
    first, second = make_key(), make_key()
    assert first.id != second.id
    assert first.secret != second.secret
    assert len(first.secret) * 8 == 256


def test_every_single_wrong_character_is_told():
    text = make_key().text
    for at in range(len(PREFIX), len(text)):
        other = "0" if text[at] != "0" else "1"
        assert read_key(text[:at] + other + text[at + 1 :]) is None, at


def test_two_neighbours_that_changed_places_are_told():
    text = make_key().text
    swapped = [text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in range(len(text) - 1)]
    assert all(read_key(other) is None for other in swapped if other != text)


@pytest.mark.parametrize("bend", [str.upper, lambda key: key[:-1], lambda key: key + "0", lambda key: key + "\n"])
def test_what_is_no_whole_key_is_none(bend):
    assert read_key(bend(make_key().text)) is None


@pytest.mark.parametrize("text", ["", "nwx_", "nwx_" + "é" * 105, "x" * 1_000_000])
def test_what_never_was_a_key_is_none(text):
    assert read_key(text) is None


def test_the_secret_shows_in_no_representation():
    key = make_key()
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


def test_what_is_stored_depends_on_id_secret_and_pepper():
    key, other = make_key(), make_key()
    kept = stored(key.digest, b"pepper")
    assert len(kept) == 32
    assert kept != stored(key.digest, b"another")
    assert kept != stored(other.digest, b"pepper")
    assert kept != stored(type(key)(other.id, key.secret).digest, b"pepper")
