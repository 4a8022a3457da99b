"""The certificates that come along: each a root that still holds, for every usual region, and for the proxy."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from networx.settings import AUTHORITIES

CERTIFICATES = x509.load_pem_x509_certificates(AUTHORITIES.read_bytes())


def common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def test_each_is_a_root_of_amazons_that_holds_for_years():
    for certificate in CERTIFICATES:
        certificate.verify_directly_issued_by(certificate)
        organisation = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)[0].value
        assert organisation in {"Amazon Web Services, Inc.", "Amazon"}, common_name(certificate)
        assert certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=365), common_name(certificate)


@pytest.mark.parametrize(
    "region", ["us-east-1", "us-east-2", "us-west-2", "eu-central-1", "eu-west-1", "ap-southeast-2"]
)
def test_a_region_has_all_three_kinds(region):
    kinds = {common_name(one).split()[-2] for one in CERTIFICATES if re.search(rf"\b{region}\b", common_name(one))}
    assert kinds == {"RSA2048", "RSA4096", "ECC384"}


def test_the_proxys_are_there():
    assert {f"Amazon Root CA {n}" for n in range(1, 5)} <= {common_name(one) for one in CERTIFICATES}
