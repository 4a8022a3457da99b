"""Where a request comes from, as far as it can be believed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

# What one holder of an IPv6 connection is given: its single addresses say nothing.
_ONE_HOLDER_BITS = 64


def client_address(connection: HTTPConnection, trusted_proxies: int) -> str:
    """Whose requests are counted together: the address that was seen, of IPv6 its network of 64 bits."""
    seen = _seen(connection, trusted_proxies)
    return _peer(connection) if seen is None else _holder(seen)


def exact_address(connection: HTTPConnection, trusted_proxies: int) -> str:
    """The address that was seen, as the audit keeps it."""
    seen = _seen(connection, trusted_proxies)
    return _peer(connection) if seen is None else str(seen)


def _seen(connection: HTTPConnection, trusted_proxies: int) -> IPv4Address | IPv6Address | None:
    """The address that the outermost of our `trusted_proxies` saw; None where even the peer has none.

    Each proxy appends the address of its peer to X-Forwarded-For, so that what the client wrote there stands before
    what is looked at. Without proxies, and where the header is too short or no address, it is the peer's.
    """
    if trusted_proxies:
        stated = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")
        seen = _address(stated[-trusted_proxies]) if len(stated) >= trusted_proxies else None
        if seen is not None:
            return seen
    return _address(_peer(connection))


def _peer(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip()
    # The load balancer may be told to append the port: 203.0.113.7:51234, [2001:db8::7]:51234.
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text)
    except ValueError:
        return None


def _holder(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    bare = IPv6Address(int(address))  # without a zone
    return str(ip_network((bare, _ONE_HOLDER_BITS), strict=False))
