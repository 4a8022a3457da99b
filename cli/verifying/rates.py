"""A fit of rates checked again: every band from the rows of the file of shipments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.solve_paid import read_shipments
from cli.terminal import CommandFailed, Exit
from cli.verifying.figures import every_member, figure_checks, stated_parameters, unknown_members
from cli.verifying.opened import require_same
from cli.verifying.rechecked import Rechecked
from networx.domain.fitted_bands import RateFit, read_band
from networx.domain.phrases import counted
from networx.domain.plan import RECOMPUTED, Certificate
from networx.domain.rate_parameters import rate_parameters
from networx.domain.shipments import MODES
from networx.results.rates import bands_of, in_order, rates_result
from networx.verify.rates import Seen, fit_checks

MEMBERS = (
    *("status", "objective", "bound", "gap", "bound_source", "parameters", "kpis", "bands", "not_fitted", "left_out"),
    *("notes", "headline"),
)


def recheck_rates(
    result: Mapping[str, Any],
    _file: Path,
    dataset: Path,
    _beside: Path | None,
    *,
    exactly: bool,
    corrected: Sequence[Path] = (),
) -> Rechecked:
    """Raises CommandFailed and RefusedInput for what cannot be checked at all."""
    if exactly:
        raise CommandFailed("--exact is for transport results; a fit is made of floats.", Exit.WRONG_USE)
    if dataset.is_dir():
        raise CommandFailed("A fit of rates is checked against its file of shipments, not an export.", Exit.REFUSED)
    rows, sha256, summary = read_shipments(dataset, without_bad_rows=True, corrected=corrected)
    require_same(dataset, sha256, result.get("dataset_sha256"))
    asked = rate_parameters({}, stated_parameters(result))
    fit = RateFit(
        in_order([read_band(band) for band in bands_of(result)], MODES), result["left_out"], result["seconds"]
    )
    seen = Seen(asked)
    for batch in rows:
        seen.add(batch)
    checks = fit_checks(seen, asked, fit)
    told = "; ".join(f"{name} {value}" for name, value in stated_parameters(result).items())
    believed = [f"what was asked: {told}"]
    if all(line.passed for line in checks):
        given = [name for name, stated in result["parameters"].items() if stated["source"] == "given"]
        again = rates_result(
            fit,
            asked,
            Certificate(sha256, True, tuple(checks), None, None, None, RECOMPUTED),
            identity={},
            warnings=summary.warnings,
            stated=given,
            network=result["network"],
        )
        checks += figure_checks(result, again, every_member(result, again, MEMBERS), frozenset())
        believed += unknown_members(result, again, ("dataset",))
        if result["network"] is not None:
            believed.append(f"that circuity comes from {result['network']!r}")
    return Rechecked(
        result["status"],
        sha256,
        tuple(checks),
        (
            (
                f"which of {counted(fit.shipments + sum(fit.left_out.values()), 'shipment')} each band has, its range, "
                "months and errors"
            ),
            "of each band, a loss that no other figures can be below",
        ),
        tuple(believed),
    )
