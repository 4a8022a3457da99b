"""A transport scenario solved here as its whole result object: the plan, its check, and what it saves against today."""

from __future__ import annotations

from typing import Any

from cli.passed import passed
from cli.solve_network import SolvedNetwork
from networx.domain.business import Baseline
from networx.domain.business_parameters import BusinessParameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.results.baseline import Compared, with_baseline
from networx.results.kpis import transport_result
from networx.results.proof import inside, transport_proof


def network_result(
    tables: NetworkTables,
    parameters: TransportParameters,
    business: BusinessParameters,
    solved: SolvedNetwork,
    identity: dict[str, Any],
) -> dict[str, Any]:
    """The result object. Raises CommandFailed where the baseline fails its check."""
    compared = _compared(tables, parameters, business, solved.baseline)
    network: dict[str, Any] = transport_result(
        tables,
        parameters,
        solved.outcome,
        solved.certificate,
        identity=identity,
        partial=solved.stopped,
        proof=inside(transport_proof(solved.outcome, compared.baseline)),
    )
    return with_baseline(network, tables, parameters, compared)


def _compared(
    tables: NetworkTables, parameters: TransportParameters, asked: BusinessParameters, baseline: Baseline | None
) -> Compared:
    """Today's network beside the plan, where the workbook asks for it. Raises CommandFailed."""
    from networx.verify.baseline import certify_today

    if baseline is None or baseline.outcome is None:
        return Compared(asked, baseline)
    certificate = certify_today(tables, parameters, baseline, tables.sha256())
    return Compared(asked, baseline, passed(certificate, "The baseline"))
