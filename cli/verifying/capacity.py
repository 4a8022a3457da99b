"""A capacity result checked again: each year's flows, shortages, prices and costs from the dataset alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cli.terminal import CommandFailed, Exit
from cli.verifying.figures import (
    every_member,
    figure_checks,
    names_of,
    stated_otherwise,
    stated_parameters,
    unknown_members,
)
from cli.verifying.opened import opened_network, opened_proof
from cli.verifying.rechecked import Rechecked
from networx.domain.arrays import Flags
from networx.domain.capacity import MULTIPLIERS, CapacityOutcome
from networx.domain.network import NetworkTables
from networx.domain.parameters import capacity_parameters
from networx.domain.plan import SOLVER, Check
from networx.errors import Problem, RefusedInput
from networx.results.capacity import capacity_result
from networx.verify.capacity import certify_capacity

MEMBERS = (
    *("status", "objective", "bound", "gap", "bound_source", "parameters", "kpis", "years", "utilisation", "shortage"),
    *("bottlenecks", "relief", "infeasibility"),
)


def recheck_capacity(
    result: Mapping[str, Any], file: Path, dataset: Path, beside: Path | None, *, exactly: bool
) -> Rechecked:
    """Raises CommandFailed and RefusedInput for what cannot be checked at all."""
    if exactly:
        raise CommandFailed("--exact is for transport results; a capacity result is checked in floats.", Exit.WRONG_USE)
    tables = opened_network(dataset, result.get("dataset_sha256"))
    parameters, _ = capacity_parameters({}, stated_parameters(result))
    sites = _sites(tables, result)
    outcome = _outcome(opened_proof(result, file, beside))
    certificate = certify_capacity(tables, parameters, sites, outcome, tables.sha256())
    checks: list[Check] = list(certificate.checks)
    believed = [f"the facilities analysed, by name, come from {result['parameters']['sites']['value']!r}"]
    if all(line.passed for line in checks):
        asked = str(result["parameters"]["sites"]["value"])
        again = capacity_result(
            tables, parameters, outcome, certificate, asked=asked, identity={}, partial=result["partial"]
        )
        checks += figure_checks(result, again, every_member(result, again, MEMBERS), names_of(tables))
        believed += unknown_members(result, again)
    recomputed = ["how each year is served, what is short, what it costs, and the multipliers that prove it"]
    if outcome.bound is not None and outcome.bound_source != MULTIPLIERS:
        believed.append(f"the bound {outcome.bound!r} of the relief, and so its gap: the solver's own word")
    if outcome.not_examined:
        believed.append(f"that {outcome.not_examined} more places hold the plan back and were not examined")
    if outcome.infeasibility is not None and outcome.bound_source == SOLVER:
        believed.append("that no relief exists: a solver's word on a model in which every requirement may give")
    return Rechecked(
        result["status"],
        certificate.dataset_sha256,
        tuple(checks),
        tuple(recomputed),
        tuple(believed),
        stated_otherwise(tables, result),
    )


def _sites(tables: NetworkTables, result: Mapping[str, Any]) -> Flags:
    named = set(result["sites"])
    unknown = named - set(tables.facilities.name)
    if unknown:
        raise RefusedInput([Problem(f"The result names sites that the data has not: {sorted(unknown)}.", "proof")])
    return np.array([name in named for name in tables.facilities.name], dtype=bool)


def _outcome(stated: Mapping[str, Any]) -> CapacityOutcome:
    try:
        return CapacityOutcome.from_dict(dict(stated["outcome"]))
    except (KeyError, TypeError, ValueError) as fault:
        raise RefusedInput([Problem(f"The result's proof cannot be read: {fault!r}.", "proof")]) from None
