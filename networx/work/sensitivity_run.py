"""The questions of a base plan asked in a confined child, ended on time: for the worker and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from networx.domain.plan import Progress
from networx.domain.sensitivity import NO_DELTA, Answer, Direction, NotAsked, Question, Wanted
from networx.models.sensitivity import Base
from networx.models.transport.run import EXPLAINING, LEAST_SECONDS_TO_EXPLAIN
from networx.resilience.confine import Child
from networx.work.on_time import OnTime
from networx.work.sensitivity_child import read_not_asked, read_question, write_question
from networx.work.transport_run import read_told_outcome

CUT_OFF = "a limit ended the work before"


@dataclass(slots=True)
class SensitivityRun:
    """A child's work on what is wanted of a base plan, within its parameters' time limit; `folder` is scratch space.

    `asked` are the questions, once the child has told them. `stop_file` is the file by which the child is asked to
    stop, where it is to be asked.
    """

    folder: Path
    on_time: OnTime
    progress: Callable[[Progress], None]
    stop_file: Path | None = None
    asked: list[Question] = field(default_factory=list)
    _not_asked: list[NotAsked] = field(default_factory=list)

    def heard(self, child: Child, base: Base, wanted: Wanted, known: Collection[str] = ()) -> Iterator[Answer | None]:
        """Each answer as it comes, not checked yet, and None at every other word; those `known` by label are not asked.

        Raises what `OnTime.messages` raises.
        """
        question, answers = self.folder / "question", self.folder / "answers"
        answers.mkdir()
        write_question(question, base, wanted, known)
        stop = None if self.stop_file is None else str(self.stop_file)
        request = {"question": str(question), "answers": str(answers), "stop": stop}
        for message in self.on_time.messages(child, request):
            yield self._read(message)

    def not_answered(self, answered: Collection[str], why: str) -> list[NotAsked]:
        """What has no answer by its label: with the child's own reason, or with `why` where it gave none."""
        named = {one.label for one in self._not_asked}
        left = [one for one in self.asked if one.label not in named]
        every = [*self._not_asked, *(NotAsked(one.kind, one.label, why, one.site) for one in left)]
        return [one for one in every if one.label not in answered]

    def _read(self, message: Mapping[str, Any]) -> Answer | None:
        if "answer" in message:
            return _read_answer(message["answer"])
        if "planned" in message:
            self.asked = [read_question(told) for told in message["planned"]["asked"]]
            self._not_asked = [read_not_asked(told) for told in message["planned"]["not_asked"]]
        elif "progress" in message:
            self.progress(Progress(**message["progress"]))
        elif message.get("stage") == EXPLAINING:
            self.on_time.allow(LEAST_SECONDS_TO_EXPLAIN)
        elif "done" in message:
            self._not_asked = [read_not_asked(told) for told in message["done"]["not_asked"]]
        return None


def _read_answer(told: Mapping[str, Any]) -> Answer:
    outcome = None if told["outcome"] is None else read_told_outcome(told["outcome"])
    direction = Direction(told["direction"])
    return Answer(
        read_question(told["question"]), outcome, None, NO_DELTA, direction, tuple(told["why"]), told["failed"]
    )
