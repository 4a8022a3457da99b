"""A client's own rates: rows of its file as observations that only its tenant sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from networx.domain.market import MARKET_KINDS
from networx.errors import Problem, RefusedInput
from networx.market.values import Observation, Standing, Unusable, confidence_of, plausible, usable_day

SOURCE = "own-rates"
LICENCE = "the client's own"


def observations_of(rows: Sequence[Mapping[str, Any]], filename: str, now: datetime) -> list[Observation]:
    """The rows that `networx.ingest.rates` read. Raises RefusedInput that names every one that cannot be used."""
    observations: list[Observation] = []
    problems: list[Problem] = []
    for row in rows:
        kind = MARKET_KINDS[row["kind"]]
        try:
            column = "as_of"
            day = usable_day(kind, date.fromisoformat(row["as_of"]), now)
            column = "value"
            value = plausible(kind, row["value"], row["unit"])
        except Unusable as fault:
            message = f"The {kind.name} of {row['subject']} cannot be used: {fault}."
            problems.append(Problem(message, "implausible", row=row["row"], column=column, value=str(row[column])))
            continue
        observations.append(
            Observation(
                kind=kind.name,
                subject=row["subject"],
                as_of=day,
                value=value,
                source=SOURCE,
                confidence=confidence_of(Standing.OWN, preliminary=False),
                licence=LICENCE,
                request=f"{filename}, row {row['row']}",
            )
        )
    if problems:
        raise RefusedInput(problems)
    return observations
