"""`networx greenfield FILE`: the proven best places for each number of them, from destinations and demand alone."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.passed import identity_of, passed
from cli.reading import read_workbook
from cli.terminal import CommandFailed, Exit, out, plain_table, print_json, say
from cli.watching import Watching
from networx.domain.greenfield import CandidateRule, Places
from networx.domain.greenfield_parameters import greenfield_parameters
from networx.domain.network import NetworkTables
from networx.domain.plan import Certificate, Progress
from networx.results.candidate_workbook import said_of, write_candidates
from networx.results.greenfield import Study, greenfield_result, notes_on, places_figures
from networx.results.wording import STATUS_TERMS, count, gap_words, money_short

_RANGE = re.compile(r"([1-9][0-9]{0,3})(?:-([1-9][0-9]{0,3}))?")


def greenfield(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="A workbook with Destinations and their demand."
        ),
    ],
    sites: Annotated[str, typer.Option("--sites", help="How many places: 5, or 1-10 for each number from 1 to 10.")],
    candidates: Annotated[
        CandidateRule,
        typer.Option("--candidates", help="own: the destinations' ZIPs; zip3: the middle ZIP of every ZIP3."),
    ] = CandidateRule.BOTH,
    workbook: Annotated[
        Path | None,
        typer.Option(
            "--workbook", metavar="OUT.xlsx", dir_okay=False, help="Write the places as candidates to fill in."
        ),
    ] = None,
    take: Annotated[
        int | None, typer.Option("--take", help="Into the workbook: only the places of this number, else all of them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result object.")] = False,
) -> None:
    """Find the best places by distance, for each number of them. Ctrl-C stops and keeps what is proven by then."""
    counts = asked_counts(sites)
    if take is not None and (workbook is None or take not in counts):
        raise CommandFailed("--take belongs to --workbook, and is one of the numbers in --sites.", Exit.WRONG_USE)
    if workbook is not None and workbook.exists():
        raise CommandFailed(f"{workbook} is there already; name another file.", Exit.WRONG_USE)
    tables, summary = read_workbook(file, demand_alone=True)
    result, found = _studied(file, tables, counts, candidates, list(summary.warnings))
    if workbook is not None:
        _write(workbook, tables, found, take, result)
    if as_json:
        print_json(result)
    else:
        _print(result)


def asked_counts(sites: str) -> range:
    """The numbers of places that `--sites` names. Raises CommandFailed."""
    said = _RANGE.fullmatch(sites)
    least, most = (int(said[1]), int(said[2] or said[1])) if said else (1, 0)
    if most < least:
        raise CommandFailed(f"--sites {sites} is no range; write 5, or 1-10.", Exit.WRONG_USE)
    return range(least, most + 1)


def _studied(
    file: Path, tables: NetworkTables, counts: range, rule: CandidateRule, notes: list[str]
) -> tuple[dict[str, Any], list[Places]]:
    from networx.models.greenfield import best_places, prepare
    from networx.models.greenfield.sweep import ENGINE
    from networx.verify.greenfield import certify_greenfield

    stated = {"min_sites": counts[0], "max_sites": counts[-1], "candidates": rule.value}
    asked = greenfield_parameters(tables.parameters, stated)
    instance = prepare(tables, rule, asked.circuity, counts[-1])
    found: list[tuple[Places, Certificate]] = []
    stopped = Event()
    with Watching() as watching:

        def progress(at: int, now: Progress) -> None:
            still = "" if now.gap is None else f"{gap_words(now.gap)} still open"
            watching.show("solving", f"{at} of {counts[-1]} places", note=still)

        before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
        try:
            searched = best_places(
                instance,
                counts,
                seconds=asked.time_limit_seconds,
                gap=asked.gap,
                progress=progress,
                stop=stopped.is_set,
            )
            found += [
                (places, certify_greenfield(tables, rule, asked.circuity, asked.gap, places)) for places in searched
            ]
        finally:
            signal.signal(signal.SIGINT, before)
        watching.done("solving", "solved")
    for places, certificate in found:
        passed(certificate, f"The answer for {places.count}")
    identity = identity_of(file, tables.sha256())
    units = float(instance.units.sum())
    result = greenfield_result(
        tables,
        Study(asked, ENGINE, len(instance.zips), units),
        [places_figures(tables, asked, places, certificate, units) for places, certificate in found],
        seconds=sum(places.seconds for places, _ in found),
        identity=identity,
        notes=notes_on(tables, rule, notes),
        partial=stopped.is_set(),
    )
    return result, [places for places, _ in found]


def _write(target: Path, tables: NetworkTables, found: list[Places], take: int | None, result: dict[str, Any]) -> None:
    zips = sorted({zip5 for places in found if take in {None, places.count} for zip5 in places.zips})
    write_candidates(target, tables, zips, said_of(result))
    say(f"{len(zips)} candidates are in {target}: fill in what they cost and hold.")


def _print(result: dict[str, Any]) -> None:
    out.print()
    priced = any(row["transport_cost"] is not None for row in result["frontier"])
    table = plain_table("Places", "Where it stands", "Miles a unit", *["Transport"] * priced, "Still open", "ZIP codes")
    for row in result["frontier"]:
        table.add_row(
            str(row["count"]),
            STATUS_TERMS[row["status"]].label,
            count(row["weighted_distance_miles"], 1),
            *[money_short(row["transport_cost"])] * priced,
            gap_words(row["gap"]),
            " ".join(place["zip"] for place in row["places"]),
        )
    out.print(table)
    chosen = result["candidates"]
    out.print(escape(f"Candidates: {count(chosen['count'])}, {chosen['meaning']} ({chosen['source']})."))
    out.print(
        escape(f"Miles are {result['distance']}, averaged over {count(result['demand_units'])} units of all years.")
    )
    for note in result["notes"]:
        out.print(escape(f"Note: {note}"))
