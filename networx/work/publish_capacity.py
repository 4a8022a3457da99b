"""A capacity analysis becomes a result: checked against its dataset, written as files, and described for the record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from networx.domain.arrays import Flags
from networx.domain.capacity import CapacityOutcome
from networx.domain.parameters import CapacityParameters
from networx.results.capacity import capacity_result
from networx.results.capacity_workbook import write_capacity_workbook
from networx.results.proof import capacity_proof, inside_or_beside, result_bytes
from networx.results.report import write_capacity_report
from networx.verify.capacity import certify_capacity
from networx.work.publish import Put, Solved, identity_of, passed, recorded


@dataclass(frozen=True, slots=True)
class Analysed:
    """What was asked: the scenario, and the facilities whose capacity is analysed, as stated and as flags."""

    solved: Solved
    own: CapacityParameters
    sites: Flags
    asked: str


def publish_analysis(
    analysed: Analysed, outcome: CapacityOutcome, folder: Path, *, place: str, put: Put, partial: bool = False
) -> dict[str, Any]:
    """Check the analysis, `put` its files under `place` in the results bucket, and return the result for the record.

    `folder` is scratch space. Raises CertificateRefused, and what `put` raises.
    """
    solved = analysed.solved
    certificate = passed(
        certify_capacity(solved.tables, solved.parameters, analysed.sites, outcome, solved.dataset.sha256)
    )
    folder.mkdir(exist_ok=True)
    proof, beside = inside_or_beside(capacity_proof(outcome), folder)
    result = capacity_result(
        solved.tables,
        solved.parameters,
        outcome,
        certificate,
        asked=analysed.asked,
        identity=identity_of(solved),
        partial=partial,
        proof=proof,
    )
    (folder / "result.json").write_bytes(result_bytes(result))
    write_capacity_workbook(folder / "result.xlsx", result)
    write_capacity_report(folder / "report.html", result)
    return recorded(
        result, ("result_json", "result_xlsx", "report_html", *["proof"] * beside), folder, place=place, put=put
    )
