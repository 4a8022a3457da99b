"""Where an outbound call may connect to: public addresses alone, and private ones that an operator named.

A name is judged by what it resolves to, at the moment of the connection, and the connection goes to the very address
that was judged: whoever answers for the name cannot answer differently a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from networx.errors import OutboundRefused
from networx.settings import Address

# Where clouds tell a machine its credentials: never to be reached, whatever an operator allows.
_METADATA = frozenset({IPv4Address("169.254.169.254"), IPv4Address("169.254.170.2"), IPv6Address("fd00:ec2::254")})
_NAT64 = IPv6Network("64:ff9b::/96")
# All that is given out as unicast; what lies outside is special, whatever a release of Python knows of it.
_UNICAST = IPv6Network("2000::/3")
_TUNNELS = (IPv6Network("2001::/32"), IPv4Network("192.88.99.0/24"))
_PROTOCOLS = IPv4Network("192.0.0.0/24")


@dataclass(frozen=True, slots=True)
class AddressRule:
    """Public addresses, and the private ones of `private_hosts`: exact names with their ports."""

    private_hosts: frozenset[Address] = frozenset()

    def names(self, host: str, port: int) -> bool:
        """Whether an operator allowed this host and port by name."""
        return Address(host.lower(), port) in self.private_hosts

    def admitted(self, host: str, port: int, found: Sequence[str]) -> list[str]:
        """The addresses that a name resolved to, if every one may be connected to. Raises OutboundRefused."""
        private = self.names(host, port)
        for text in found:
            reason = _objection(text, private=private)
            if reason is not None:
                raise OutboundRefused(host=host, reason=f"its address {text} is {reason}", outcome="forbidden_address")
        return list(found)


def _objection(text: str, *, private: bool) -> str | None:
    """What is wrong with connecting to an address, or None."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return "no address"
    inner = _within(address)
    if address in _METADATA or inner in _METADATA:
        return "where a cloud tells credentials"
    if address.is_link_local or inner.is_link_local:
        return "link-local"
    if address.is_multicast or inner.is_multicast or address.is_unspecified or inner.is_unspecified:
        return "no single machine's"
    if private:
        return None
    return None if _public(inner) else "not public"


def _public(address: IPv4Address | IPv6Address) -> bool:
    special = address in _PROTOCOLS or any(address in tunnel for tunnel in _TUNNELS)
    unicast = isinstance(address, IPv4Address) or address in _UNICAST
    return unicast and address.is_global and not address.is_reserved and not special


def _within(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    carried = address.ipv4_mapped or address.sixtofour
    if carried is None and address in _NAT64:
        carried = IPv4Address(int(address) & 0xFFFFFFFF)
    return carried or address
