"""The address that counts is the one our own proxy saw, whatever a client writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.requests import HTTPConnection

from networx.api.client_address import client_address, exact_address


def seen(
    peer: str | None, *forwarded: str, proxies: int, reader: Callable[[HTTPConnection, int], str] = client_address
) -> str:
    scope = {
        "type": "http",
        "client": None if peer is None else (peer, 50000),
        "headers": [(b"x-forwarded-for", value.encode()) for value in forwarded],
    }
    return reader(HTTPConnection(scope), proxies)


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ((), 0, "10.0.0.9"),
        (("203.0.113.7",), 0, "10.0.0.9"),
        (("203.0.113.7",), 1, "203.0.113.7"),
        (("1.1.1.1, 2.2.2.2, 203.0.113.7",), 1, "203.0.113.7"),
        (("1.1.1.1", "203.0.113.7"), 1, "203.0.113.7"),
        (("1.1.1.1, 203.0.113.7, 10.1.1.1",), 2, "203.0.113.7"),
        ((), 1, "10.0.0.9"),
        (("203.0.113.7",), 2, "10.0.0.9"),
        (("203.0.113.7, unknown",), 1, "10.0.0.9"),
        (("",), 1, "10.0.0.9"),
        (("203.0.113.7:51234",), 1, "203.0.113.7"),
        (("2001:db8:1:2:3:4:5:6",), 1, "2001:db8:1:2::/64"),
        (("[2001:db8:1:2::9]:443",), 1, "2001:db8:1:2::/64"),
        (("::ffff:203.0.113.7",), 1, "203.0.113.7"),
        (("fe80::1%eth0",), 1, "fe80::/64"),
    ],
)
def test_the_address_is_the_one_our_proxy_appended(forwarded, proxies, address):
    assert seen("10.0.0.9", *forwarded, proxies=proxies) == address


def test_a_peer_without_an_address_is_one_caller():
    assert seen(None, proxies=1) == ""
    assert seen("testclient", proxies=0) == "testclient"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("6.6.6.6, 203.0.113.7:51234", "203.0.113.7"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::9"),
        ("unknown", "10.0.0.9"),
    ],
)
def test_the_audit_keeps_the_address_whole(forwarded, address):
    assert seen("10.0.0.9", forwarded, proxies=1, reader=exact_address) == address
