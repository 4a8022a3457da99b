"""One analysis of a network's capacity in a confined child, ended on time: for the worker and the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from networx.domain.capacity import CapacityOutcome
from networx.domain.plan import Progress, ResultStatus
from networx.errors import LimitExceeded
from networx.models.capacity import ENGINE
from networx.models.transport.demand import demand_by_year
from networx.observability.logs import Log
from networx.resilience.confine import Child
from networx.work.analyse_capacity_child import Question, read_outcome, write_question
from networx.work.on_time import OnTime

log = Log(__name__)


@dataclass(slots=True)
class CapacityRun:
    """A child's work on one question; `folder` is scratch space. `so_far` gets what is known before a relief is sought.

    `stop_file` is the file by which the child is asked to stop, where it is to be asked.
    """

    question: Question
    folder: Path
    on_time: OnTime
    progress: Callable[[Progress], None]
    so_far: Callable[[CapacityOutcome], None] = lambda _: None
    stop_file: Path | None = None
    _newest: CapacityOutcome | None = None

    def outcome(self, child: Child) -> CapacityOutcome:
        """What the child found; ended at its limit, what was known by then.

        Raises Stopped, what ended the child, and LimitExceeded for memory before anything was known.
        """
        told: CapacityOutcome | None = None
        try:
            for message in self.on_time.messages(child, self._request()):
                if "progress" in message:
                    self.progress(Progress(**message["progress"]))
                elif "so_far" in message:
                    self._newest = read_outcome(Path(message["so_far"]))
                    self.so_far(self._newest)
                elif "outcome" in message:
                    told = read_outcome(Path(message["outcome"]))
        except LimitExceeded as limit:
            if self._newest is None:
                raise
            log.warning("analysis.ended_at_limit", why=str(limit))
        if told is None and self.on_time.ended_by is None:
            raise RuntimeError("the analysing process ended without an outcome")
        return told or self.best()

    def best(self) -> CapacityOutcome:
        """What is known of an analysis that was ended; nothing but its question, if it came too early."""
        if self._newest is not None:
            return self._newest
        tables, _, _, sites = self.question
        years, _ = demand_by_year(tables)
        return CapacityOutcome(ResultStatus.NO_SOLUTION, ENGINE, self.on_time.seconds, years, sites, ())

    def _request(self) -> dict[str, Any]:
        question, outcomes = self.folder / "question", self.folder / "outcomes"
        outcomes.mkdir()
        write_question(question, self.question)
        stop = None if self.stop_file is None else str(self.stop_file)
        return {"question": str(question), "outcomes": str(outcomes), "stop": stop}
