"""The certificate of a modelled baseline: the plan of today's network, recomputed from the dataset alone.

That no flows of today's sites are cheaper is checked as for every plan: by the engine's proof, else it is its word.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from networx.domain.business import Baseline, parameters_of_today, sites_of_today, tables_of_today
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, ResultStatus
from networx.verify.measure import counted
from networx.verify.transport import certify_outcome


def certify_today(
    tables: NetworkTables, parameters: TransportParameters, baseline: Baseline, dataset_sha256: str
) -> Certificate:
    """Check a baseline that has a plan. `valid` is False unless every check passes."""
    outcome = baseline.outcome
    assert outcome is not None
    assert outcome.plan is not None
    today, actual = tables_of_today(tables, baseline.flows), tables.sha256()
    stated = {spec.name: getattr(parameters, spec.name) for spec in fields(parameters)}
    asked = TransportParameters(**parameters_of_today(stated, len(outcome.plan.years)))  # type: ignore[arg-type]
    made = certify_outcome(today, asked, replace(outcome, status=ResultStatus.OPTIMAL), today.sha256())
    opened = np.asarray(outcome.plan.opened, dtype=bool)
    others = int((opened != np.array(sites_of_today(tables), dtype=bool)).sum()) if opened.ndim == 2 else 1
    checks = (
        counted("dataset", int(actual != dataset_sha256), "the baseline is of another dataset than this one"),
        *made.checks[1:],
        counted("today's sites are open, and no others", others, "another facility is open, or one is closed"),
    )
    return replace(made, dataset_sha256=actual, checks=checks, valid=all(check.passed for check in checks))
