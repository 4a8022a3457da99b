"""What is claimed of a transport plan, for the tests of its certificate."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from networx.domain.location_proof import LocationProof
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, ResultStatus, TransportPlan
from networx.verify.transport import certify

# Of a network without tiers and suppliers: its content is not looked at.
ANY_PROOF = LocationProof(*(np.zeros(0) for _ in fields(LocationProof)))


def certificate_at(
    cost: float, tables: NetworkTables, stated: TransportParameters, plan: TransportPlan, **claims: Any
) -> Certificate:
    """The certificate where the solver's word is that nothing costs less than `cost`, but for what `claims` say."""
    told: dict[str, Any] = {
        "objective": cost,
        "bound": cost,
        "gap": 0.0,
        "status": ResultStatus.OPTIMAL,
        "bound_source": "solver",
        "dataset_sha256": tables.sha256(),
    }
    return certify(tables, stated, plan, **{**told, **claims})


def failed(result: Certificate) -> set[str]:
    """The names of the checks that it did not pass."""
    assert result.valid is all(check.passed for check in result.checks)
    return {check.name for check in result.checks if not check.passed}
