"""Where an outbound call may connect to: each kind of address, in each of its disguises."""

from __future__ import annotations

import pytest

from networx.errors import OutboundRefused
from networx.resilience.addresses import AddressRule
from networx.settings import Address

OURS = AddressRule(frozenset({Address("osrm.internal", 5000)}))
NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9", "240.0.0.1", "255.255.255.255", "::1", "fc00::1",
    "fd12:3456::1", "fec0::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::10.0.0.1",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "192.88.99.1", "100::1", "5f00::1", "0.1.2.3",
]  # fmt: skip
NEVER = [
    "169.254.169.254", "169.254.170.2", "169.254.0.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "0.0.0.0", "::",
    "224.0.0.1", "ff02::1", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::", "not an address",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_connected_to(address):
    assert OURS.admitted("api.eia.gov", 443, [address]) == [address]


@pytest.mark.parametrize("address", [*NOT_PUBLIC, *NEVER])
def test_no_other_may_be_whatever_it_looks_like(address):
    with pytest.raises(OutboundRefused) as refused:
        OURS.admitted("api.eia.gov", 443, [address])
    assert refused.value.facts["outcome"] == "forbidden_address"
    assert address in str(refused.value)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_named_host_may_be_private_at_its_port_alone(address):
    assert OURS.admitted("OSRM.internal", 5000, [address]) == [address]
    with pytest.raises(OutboundRefused):
        OURS.admitted("osrm.internal", 5001, [address])


@pytest.mark.parametrize("address", NEVER)
def test_a_named_host_never_leads_to_credentials_or_to_many_machines(address):
    with pytest.raises(OutboundRefused):
        OURS.admitted("osrm.internal", 5000, [address])


def test_one_bad_address_among_good_ones_refuses_the_name():
    with pytest.raises(OutboundRefused, match=r"10\.0\.0\.1"):
        OURS.admitted("api.eia.gov", 443, ["8.8.8.8", "10.0.0.1"])
