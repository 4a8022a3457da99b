"""`networx greenfield FILE`: the proven best places for each number of them, from destinations and demand alone."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.passed import identity_of, passed
from cli.reading import read_workbook
from cli.solve_network import LONGEST, ended_words, interrupted
from cli.terminal import CommandFailed, Exit, out, plain_table, print_json, say
from cli.watching import Watching
from networx.domain.greenfield import CandidateRule, Places
from networx.domain.greenfield_parameters import GreenfieldParameters, greenfield_parameters
from networx.domain.network import NetworkTables
from networx.domain.plan import Certificate, Progress
from networx.errors import LimitExceeded
from networx.resilience.confine import Child, Confinement, Stopped
from networx.results.candidate_workbook import said_of, write_candidates
from networx.results.greenfield import Study, greenfield_result, notes_on, places_figures
from networx.results.wording import STATUS_TERMS, count, gap_words, money_short
from networx.topology import TOPOLOGY
from networx.work.on_time import OnTime

CONFINEMENT = Confinement("networx.work.greenfield_child:run", memory_mib=TOPOLOGY.kind("greenfield").child_memory_mib)
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
    stated = {"min_sites": counts[0], "max_sites": counts[-1], "candidates": rule.value}
    asked = greenfield_parameters(tables.parameters, stated)
    found = search(tables, asked)
    result = greenfield_result(
        tables,
        found.study,
        [places_figures(tables, asked, *one, found.study.units) for one in found.places],
        seconds=found.seconds,
        identity=identity_of(file, tables.sha256()),
        notes=notes_on(tables, rule, notes),
        partial=found.stopped,
    )
    return result, [places for places, _ in found.places]


@dataclass(frozen=True, slots=True)
class Found:
    """What the time allowed: the places of each number with their check, and whether the search was stopped."""

    study: Study
    places: list[tuple[Places, Certificate]]
    seconds: float
    stopped: bool


def search(tables: NetworkTables, asked: GreenfieldParameters, confinement: Confinement = CONFINEMENT) -> Found:
    """Search in a child that is ended at the limit; Ctrl-C ends it and keeps the numbers that are found.

    Raises CommandFailed for an answer that fails its check and where Ctrl-C came before the child had begun,
    RefusedInput, and LimitExceeded for the child's memory before a number was found.
    """
    from networx.verify.greenfield import certify_greenfield
    from networx.work.greenfield_run import GreenfieldRun

    found: list[Places] = []
    with tempfile.TemporaryDirectory() as scratch, Watching() as watching, interrupted() as stopped:

        def progress(now: Progress) -> None:
            stage, _, still = now.stage.partition(": ")
            watching.show("solving", stage, now.percent, still)

        folder, stop_file = Path(scratch), Path(scratch) / "stop"
        seconds = asked.time_limit_seconds
        on_time = OnTime(seconds, stopped.is_set, most=LONGEST, stop_file=stop_file)
        run = GreenfieldRun(folder, on_time, progress, stop_file)
        try:
            for places in run.heard(Child(confinement), tables, asked, asked.min_sites, seconds):
                found += [] if places is None else [places]
        except Stopped:
            if run.study is None:
                raise CommandFailed("Stopped before the search had begun.") from None
        except LimitExceeded:
            if not found:
                raise
        assert run.study is not None  # the child's first word
        watching.done("solving", f"solved: {len(found)} of {len(asked.counts)}{ended_words(on_time.ended_by)}")
        watching.show("checking", "checking the answers")
        checked = [(one, certify_greenfield(tables, asked.candidates, asked.circuity, asked.gap, one)) for one in found]
        for places, certificate in checked:
            passed(certificate, f"The answer for {places.count}")
        watching.done("checking", "checked")
    return Found(run.study, checked, on_time.seconds, stopped.is_set())


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
