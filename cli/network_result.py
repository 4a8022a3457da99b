"""A transport scenario solved here as its whole result object: the plan, its check, and what it saves against today."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.solve_network import SolvedNetwork
from cli.terminal import CommandFailed
from networx.domain.business import Baseline
from networx.domain.business_parameters import BusinessParameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.results.baseline import Compared, with_baseline
from networx.results.kpis import transport_result
from networx.results.proof import inside, transport_proof


def identity_of(file: Path, tables: NetworkTables) -> dict[str, Any]:
    """Of which data a result is, and when it was found."""
    return {
        "dataset_file": file.name,
        "dataset_sha256": tables.sha256(),
        "solved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


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
    if not certificate.valid:
        failed = "; ".join(check.name for check in certificate.checks if not check.passed)
        raise CommandFailed(f"The baseline failed its independent check and is not shown: {failed}.")
    return Compared(asked, baseline, certificate)
