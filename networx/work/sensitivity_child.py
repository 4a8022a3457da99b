"""The side of the confined child: answers the questions of a base plan one after another, and tells each at once.

Nothing is checked here: who gets an answer checks it against the changed data.

{"planned": {"asked": [...], "not_asked": [...]}}   the questions, before anything is solved
{"progress": {...}}                                 as domain.plan.Progress
{"stage": "explaining"}                             a question has no plan, and it is sought why
{"answer": {...}}                                   one answer, its outcome as solve_child tells outcomes
{"done": {"not_asked": [...], "seconds": ...}}      the last
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from networx.domain.plan import Progress
from networx.domain.sensitivity import Answer, Kind, NotAsked, Question, Wanted
from networx.models.sensitivity import Base, ask
from networx.models.transport.run import EXPLAINING
from networx.work.handed_over import hand_over, take_over
from networx.work.on_time import asked_to_stop
from networx.work.solve_child import describe_outcome


def write_question(path: Path, base: Base, wanted: Wanted, known: Collection[str]) -> None:
    """The parent's side: leave the plan and what is asked of it. Only the parent may write this file.

    Questions whose labels are `known` have their answers.
    """
    hand_over(path, (base, wanted, tuple(known)))


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Answer the question at request["question"], leaving plans in the folder request["answers"].

    request["stop"], where it is given, is the path of a file that asks to stop by being there.
    """
    base, wanted, known = take_over(request["question"])
    folder = Path(request["answers"])

    def planned(asked: Sequence[Question], not_asked: Sequence[NotAsked]) -> None:
        send({"planned": {"asked": [asdict(one) for one in asked], "not_asked": [asdict(one) for one in not_asked]}})

    def progress(label: str, number: int, of: int, now: Progress) -> None:
        if now.stage == EXPLAINING:
            send({"stage": EXPLAINING})
        send({"progress": Progress(f"question {number} of {of}: {label}", 100 * (number - 1) / of).as_dict()})

    def answered(answer: Answer) -> None:
        send({"answer": _described(answer, folder)})

    stop = asked_to_stop(request.get("stop"))
    found = ask(
        base, None, wanted.names, progress, stop, kinds=wanted.kinds, known=known, planned=planned, answered=answered
    )
    send({"done": {"not_asked": [asdict(one) for one in found.not_asked], "seconds": found.seconds}})


def read_question(told: Mapping[str, Any]) -> Question:
    """The parent's side: a question."""
    return Question(Kind(told["kind"]), told["label"], told["change"], told["site"])


def read_not_asked(told: Mapping[str, Any]) -> NotAsked:
    """The parent's side: one that was not asked."""
    return NotAsked(Kind(told["kind"]), told["label"], told["why"], told["site"])


def _described(answer: Answer, folder: Path) -> dict[str, Any]:
    place = folder / str(sum(1 for _ in folder.iterdir()))
    place.mkdir()
    return {
        "question": asdict(answer.question),
        "outcome": None if answer.outcome is None else describe_outcome(answer.outcome, place),
        "direction": answer.direction.value,
        "why": list(answer.why),
        "failed": answer.failed,
    }
