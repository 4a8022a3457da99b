"""A greenfield result checked again: for each number its places, miles and bound, from the destinations alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
from cli.verifying.opened import opened_network
from cli.verifying.rechecked import Rechecked
from networx.domain.greenfield import Places
from networx.domain.greenfield_parameters import READ, GreenfieldParameters, greenfield_parameters
from networx.domain.location_proof import LocationProof
from networx.domain.network import NetworkTables
from networx.domain.phrases import counted
from networx.domain.plan import RECOMPUTED, Check, ResultStatus
from networx.errors import Problem, RefusedInput
from networx.results.greenfield import Study, answers_of, greenfield_result, notes_on, places_figures
from networx.results.proof import MEMBER, read_bound
from networx.verify import measure
from networx.verify.greenfield import candidate_zips, certify_greenfield, demand_of

MEMBERS = (
    *("status", "kpis", "parameters", "candidates", "circuity", "distance", "demand_units", "frontier"),
    *("destinations", "headline"),
)
_NOTES = "notes"


def recheck_greenfield(
    result: Mapping[str, Any], _file: Path, dataset: Path, beside: Path | None, *, exactly: bool
) -> Rechecked:
    """Raises CommandFailed and RefusedInput for what cannot be checked at all."""
    if exactly:
        raise CommandFailed(
            "--exact is for transport results; miles of a greenfield result are floats.", Exit.WRONG_USE
        )
    if beside is not None:
        raise CommandFailed("The proof of a greenfield result stands in it; leave --proof out.", Exit.WRONG_USE)
    tables = opened_network(dataset, result.get("dataset_sha256"), demand_alone=True)
    asked = greenfield_parameters({}, stated_parameters(result))
    answers = [_places(tables, row) for row in answers_of(result)]
    checks = [_numbers(asked, answers)]
    rows: list[dict[str, Any]] = []
    believed: list[str] = []
    unproven: list[str] = []  # their rows say that the bound was recomputed once
    units = float(demand_of(tables).sum())
    for places in answers:
        certificate = certify_greenfield(tables, asked.candidates, asked.circuity, asked.gap, places)
        named = counted(places.count, "place")
        checks += [replace(line, name=f"{named}: {line.name}") for line in certificate.checks]
        if certificate.valid:
            rows.append(places_figures(tables, asked, places, certificate, units))
        if places.proof is None and places.bound is not None:
            unproven.append(named)
            believed.append(f"the bound {places.bound!r} of {named}, and so its gap: its proof is not in the result")
    if all(line.passed for line in checks):
        candidates = len(candidate_zips(tables, asked.candidates))
        study = Study(asked, result["engine"], candidates, units)
        again = greenfield_result(
            tables,
            study,
            rows,
            seconds=result["seconds"],
            identity={},
            notes=notes_on(tables, asked.candidates),
            partial=result["partial"],
        )
        again["frontier"] = [_compared(*rows) for rows in zip(result["frontier"], again["frontier"], strict=True)]
        again["bound_source"] = result["bound_source"] if unproven else again["bound_source"]
        # How a file was read was told when it was read; what the data say of places is told again.
        again[_NOTES] = result[_NOTES] if set(again[_NOTES]) <= set(result[_NOTES]) else again[_NOTES]
        checks += figure_checks(result, again, every_member(result, again, MEMBERS), names_of(tables))
        believed += unknown_members(
            result, again, ("bound is recomputed", *(f"{name}: bound is recomputed" for name in unproven))
        )
    recomputed = [
        "of each number that its places may be chosen, whom each serves, the miles, and what is priced by them"
    ]
    proven = sum(places.proof is not None for places in answers)
    if proven:
        recomputed.append(f"the bounds of {counted(proven, 'number')}, from the proofs in the result")
    return Rechecked(
        result["status"],
        tables.sha256(),
        tuple(checks),
        tuple(recomputed),
        tuple(believed),
        stated_otherwise(tables, result, READ),
    )


def _places(tables: NetworkTables, row: Mapping[str, Any]) -> Places:
    """What a row claims. Raises RefusedInput for a destination that the data has not, or a proof that is none."""
    position = {name: at for at, name in enumerate(tables.destinations.name)}
    serves = np.full(len(position), -1)
    try:
        for at, place in enumerate(row["places"]):
            for name in place["destinations"]:
                serves[position[name]] = at
        proof = read_bound(row[MEMBER])
    except (KeyError, TypeError, ValueError) as fault:
        raise RefusedInput([Problem(f"The places or their proof cannot be read: {fault!r}.", "proof")]) from None
    if not isinstance(proof, LocationProof | None):
        raise RefusedInput([Problem("The proof of a bound is of another kind of problem.", "proof")])
    return Places(
        count=row["count"],
        status=ResultStatus(row["status"]),
        zips=tuple(place["zip"] for place in row["places"]),
        serves=serves,
        unit_miles=row["unit_miles"],
        bound=row["bound"],
        gap=row["gap"],
        proof=proof,
        seconds=row["seconds"],
    )


def _numbers(asked: GreenfieldParameters, answers: list[Places]) -> Check:
    """Each number is answered once, from the fewest on."""
    found = [places.count for places in answers]
    wrong = sum(one != other for one, other in zip(found, asked.counts, strict=False))
    return measure.counted("numbers are those asked", wrong + max(len(found) - len(asked.counts), 0), f"{found}")


def _compared(stated: Mapping[str, Any], again: Mapping[str, Any]) -> dict[str, Any]:
    """The row made anew. How long it took is no claim; one whose proof was not kept says what was once recomputed."""
    kept = {"seconds": stated["seconds"]}
    if again["bound_source"] != RECOMPUTED:
        kept |= {"bound_source": stated["bound_source"]}
    return {**again, **kept}
