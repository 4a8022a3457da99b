"""`networx solve FILE --sensitivity`: what the network would cost if one thing were otherwise, as a table."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.markup import escape

from cli.solve_network import LONGEST, certificate_of, ended_words, interrupted
from cli.terminal import CommandFailed, Exit, out, plain_table, print_point
from cli.watching import Watching
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import counted
from networx.domain.plan import Outcome, Progress
from networx.domain.sensitivity import Answer, Sensitivity, Wanted
from networx.errors import LimitExceeded
from networx.resilience.confine import Child, Confinement, Stopped
from networx.results.sensitivity import delta_words
from networx.results.sensitivity_result import sensitivity_figures, standing_of
from networx.solver.location.lesson import Lesson
from networx.topology import TOPOLOGY
from networx.work.on_time import OnTime

CONFINEMENT = Confinement(
    "networx.work.sensitivity_child:run", memory_mib=TOPOLOGY.kind("sensitivity").child_memory_mib
)
STOPPED = "stopped before"


def names_asked(sites: str | None) -> list[str] | None:
    """The facilities that `--sites` names; None where it is not given. Raises CommandFailed for one without names."""
    if sites is None:
        return None
    names = [name.strip() for name in sites.split(";") if name.strip()]
    if not names:
        raise CommandFailed("--sites names no facility; write names with ; between them.", Exit.WRONG_USE)
    return names


def require_facilities(tables: NetworkTables, names: list[str] | None) -> None:
    """Before anything is solved. Raises RefusedInput for names that are no facility's."""
    from networx.models.sensitivity import require_names

    require_names(tables, names or ())


def ask_sensitivity(
    tables: NetworkTables,
    parameters: TransportParameters,
    outcome: Outcome,
    lesson: Lesson | None,
    names: list[str] | None,
    confinement: Confinement = CONFINEMENT,
) -> dict[str, Any]:
    """The member `sensitivity` of the result, each answer with its proof, asked in a child that is ended at the limit.

    Ctrl-C ends it and keeps what is answered. Raises CommandFailed where it came before the questions were known,
    RefusedInput, and LimitExceeded for the child's memory before there was an answer.
    """
    from networx.models.sensitivity import Base, checked
    from networx.work.sensitivity_run import CUT_OFF, SensitivityRun

    base = Base(tables, parameters, outcome, lesson)
    told: list[Answer] = []
    with tempfile.TemporaryDirectory() as scratch, Watching() as watching, interrupted() as stopped:

        def progress(now: Progress) -> None:
            question, _, label = now.stage.partition(": ")
            watching.show("sensitivity", question, now.percent, label)

        folder, stop_file = Path(scratch), Path(scratch) / "stop"
        on_time = OnTime(parameters.time_limit_seconds, stopped.is_set, most=LONGEST, stop_file=stop_file)
        run = SensitivityRun(folder, on_time, progress, stop_file)
        wanted = Wanted(names=None if names is None else tuple(names))
        try:
            for answer in run.heard(Child(confinement), base, wanted):
                told += [] if answer is None else [answer]
        except Stopped:
            if not run.asked:
                raise CommandFailed("Stopped before a question was asked.") from None
        except LimitExceeded:
            if not told:
                raise
        watching.done("sensitivity", f"{counted(len(told), 'question')} answered{ended_words(on_time.ended_by)}")
        watching.show("checking", "checking the answers")
        answers = [checked(base, answer, certificate_of) for answer in told]
        watching.done("checking", "checked")
        left = run.not_answered({answer.question.label for answer in answers}, STOPPED if stopped.is_set() else CUT_OFF)
    found = Sensitivity(tuple(answers), tuple(left), parameters.time_limit_seconds, on_time.seconds)
    return sensitivity_figures(tables, outcome, found)


def print_sensitivity(found: Mapping[str, Any]) -> None:
    """A line for each question, the largest saving first; then why some have no plan, and what was not asked."""
    table = plain_table("If", "Best cost\nchanges by", "How sure", "Then open", "Then closed", title="Sensitivity")
    for answer in found["answers"]:
        moved = (escape(", ".join(answer[name])) for name in ("opened", "closed"))
        table.add_row(escape(answer["label"]), delta_words(answer), standing_of(answer), *moved)
    out.print()
    out.print(table)
    for answer in found["answers"]:
        if answer["cheaper_plan"]:
            out.print(escape(f"{answer['label']}: its plan meets all that the base plan has to, and costs less."))
        for why in answer["why"]:
            print_point(f"{answer['label']}: {why}")
    for why in dict.fromkeys(left["why"] for left in found["not_asked"]):
        labels = [left["label"] for left in found["not_asked"] if left["why"] == why]
        print_point(f"Not asked, {why}: {'; '.join(labels)}.")
    out.print(
        f"{counted(len(found['answers']), 'question')} answered in {found['seconds']:.1f} s of "
        f"{found['time_limit_seconds']:g} s, each solved by itself, each plan checked."
    )
