"""The best places for each number of them, sought in a confined child ended on time: for worker and terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from networx.domain.greenfield import Places
from networx.domain.greenfield_parameters import GreenfieldParameters
from networx.domain.network import NetworkTables
from networx.domain.plan import Progress
from networx.models.greenfield.sweep import ENGINE
from networx.resilience.confine import Child
from networx.results.greenfield import Study
from networx.work.greenfield_child import read_places, write_question
from networx.work.on_time import OnTime


@dataclass(slots=True)
class GreenfieldRun:
    """A child's work on one study; `folder` is scratch space, `study` what it became, once the child has told.

    `stop_file` is the file by which the child is asked to stop, where it is to be asked.
    """

    folder: Path
    on_time: OnTime
    progress: Callable[[Progress], None]
    stop_file: Path | None = None
    study: Study | None = None

    def heard(
        self, child: Child, tables: NetworkTables, asked: GreenfieldParameters, first: int, seconds: float
    ) -> Iterator[Places | None]:
        """The places of each number from `first` on as they come, not checked yet, and None at every other word.

        `seconds` are for all numbers together. Raises what `OnTime.messages` raises.
        """
        question, answers = self.folder / "question", self.folder / "answers"
        answers.mkdir()
        write_question(question, tables, asked, first, seconds)
        stop = None if self.stop_file is None else str(self.stop_file)
        request = {"question": str(question), "answers": str(answers), "stop": stop}
        for message in self.on_time.messages(child, request):
            yield self._read(message, asked)

    def _read(self, message: Mapping[str, Any], asked: GreenfieldParameters) -> Places | None:
        if "places" in message:
            return read_places(message["places"])
        if "prepared" in message:
            self.study = Study(asked, ENGINE, message["prepared"]["candidates"], message["prepared"]["units"])
        elif "progress" in message:
            self.progress(Progress(**message["progress"]))
        return None
