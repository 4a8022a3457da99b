"""`networx solve FILE --sensitivity`: what the network would cost if one thing were otherwise, as a table."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from threading import Event
from typing import Any

from rich.markup import escape

from cli.solve_network import certificate_of
from cli.terminal import CommandFailed, Exit, out, plain_table, print_point
from cli.watching import Watching
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import counted
from networx.domain.plan import Outcome, Progress
from networx.results.sensitivity import delta_words, sensitivity_figures
from networx.results.sensitivity_result import standing_of
from networx.solver.location.lesson import Lesson


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
) -> dict[str, Any]:
    """The member `sensitivity` of the result. Ctrl-C ends it and keeps what is answered. Raises RefusedInput."""
    from networx.models.sensitivity import Base, ask

    stopped = Event()
    with Watching() as watching:

        def progress(label: str, number: int, of: int, _: Progress) -> None:
            watching.show("sensitivity", f"question {number} of {of}", 100 * (number - 1) / of, label)

        before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
        try:
            base = Base(tables, parameters, outcome, lesson)
            found = ask(base, certificate_of, names, progress, stopped.is_set)
        finally:
            signal.signal(signal.SIGINT, before)
        watching.done("sensitivity", counted(len(found.answers), "question") + " answered")
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
