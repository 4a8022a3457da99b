"""One run of a client's model in a confined child, each answer checked as it comes: for the worker and the terminal."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from networx.domain.json_model_reading import read_json_model
from networx.domain.json_text import parsed_json
from networx.domain.model_answer import DEFAULT_TIME_LIMIT_SECONDS, ModelData, ModelOutcome, Question
from networx.domain.plan import Progress, ResultStatus
from networx.errors import LimitExceeded
from networx.models.generic import ENGINE
from networx.observability.logs import Log
from networx.resilience.confine import Child, Confinement
from networx.results.model_result import Answered, model_result
from networx.solver.files import PACKED
from networx.topology import TOPOLOGY
from networx.verify.generic import certify_answer
from networx.work.certify_model import Statement, certified
from networx.work.on_time import OnTime
from networx.work.solve_model_child import newest_answer

log = Log(__name__)

KIND = "model"
CONFINEMENT = Confinement("networx.work.solve_model_child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib)

OnResult = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class ModelRun:
    """A model's file (.json, or .mps or .lp, also packed as .gz) on its way to its result; `folder` is scratch space.

    `origin` goes into the result: where the file comes from. `claimed` is what the child answered last.
    """

    path: Path
    folder: Path
    progress: Callable[[Progress], None]
    stop: Callable[[], bool]
    partial: OnResult | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    claimed: tuple[Question, ModelOutcome] | None = None
    _statement: Statement | None = None
    _answered: list[Answered] = field(default_factory=list)
    _best: Answered | None = None
    _bound: float | None = None
    _began: float = 0.0

    def result(self, child: Child) -> dict[str, Any]:
        """The result object; at the limit, the best answer by then and its bound, or that there is none.

        Raises RefusedInput for a model that cannot be used, CertificateRefused, Stopped, and LimitExceeded for memory
        before any answer.
        """
        self._began = time.monotonic()
        with self.path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        seconds = DEFAULT_TIME_LIMIT_SECONDS
        if self.path.suffix == ".json":
            model = read_json_model(parsed_json(self.path.read_bytes()))
            self._statement = Statement(model, sha256)
            seconds = model.timeout_seconds or seconds
        request = {"model": str(self.path), "data": str(self.folder / "read.npz"), "best": str(self._best_file)}
        on_time = OnTime(seconds, self.stop, most=TOPOLOGY.kind(KIND).longest_run)
        try:
            for message in on_time.messages(child, request):
                self._hear(message, sha256)
        except LimitExceeded as limit:
            log.warning("model.ended_at_limit", why=str(limit))
            self._keep_newest()
            if self._best is None and not self._answered:
                raise
        if on_time.ended_by is not None:
            self._keep_newest()
            return self._ended()
        if not self._answered:
            raise RuntimeError("the solver's process ended without an answer")
        return self._told(self._answered)

    def best(self) -> dict[str, Any] | None:
        """What was answered in a run that was stopped, marked partial; None where nothing was."""
        self._keep_newest()
        return self._ended(partial=True) if self._answered or self._best is not None else None

    @property
    def _best_file(self) -> Path:
        return self.folder / "best.json"

    def _keep_newest(self) -> None:
        """The best answer may be in its file and not be told yet."""
        newest = newest_answer(self._best_file)
        if newest is not None and self._statement is not None:
            self._keep(newest, final=True)

    def _ended(self, *, partial: bool = False) -> dict[str, Any]:
        """The result of a child that was ended: what it did not come to has no solution."""
        found = [*self._answered, *([] if self._best is None else [self._best])]
        assert self._statement is not None
        model = self._statement.model
        questions = [Question()] if model is None else [Question(objective) for objective in model.objectives]
        bound, seconds = self._bound, time.monotonic() - self._began
        for question in questions[len(found) :]:
            found.append((question, ModelOutcome(ResultStatus.NO_SOLUTION, ENGINE, seconds, bound=bound), None))
            bound = None  # what is proven is of the first that is open
        return self._told(found, partial=partial)

    def _hear(self, message: dict[str, Any], sha256: str) -> None:
        if "progress" in message:
            now = Progress(**message["progress"]).finite()
            self._bound = now.bound if now.bound is not None else self._bound
            self.progress(now)
        elif "data" in message:
            with np.load(message["data"], allow_pickle=False) as arrays:
                self._statement = Statement(ModelData.from_arrays(arrays), sha256)
        elif "answer" in message:
            told = message["answer"]
            question, outcome = Question.from_dict(told["question"]), ModelOutcome.from_dict(told["outcome"])
            assert self._statement is not None
            self.claimed = question, outcome
            self._answered.append(certified(self._statement, question, outcome))
            self._bound = None  # of the next question nothing is known
        elif "incumbent" in message:
            self._keep(message["incumbent"])

    def _keep(self, told: dict[str, Any], *, final: bool = False) -> None:
        assert self._statement is not None
        outcome = ModelOutcome(
            ResultStatus.FEASIBLE,
            ENGINE,
            time.monotonic() - self._began,
            objective=told["objective"],
            bound=self._bound,
            values=np.asarray(told["values"], dtype=np.float64),
        )
        question = Question.from_dict(told["question"])
        # On the way an answer is rounded, not settled: one that does not hold yet is no fault.
        certificate = certify_answer(self._statement.facts(question), outcome, self._statement.gap)
        if not certificate.valid:
            return
        self._best = question, outcome, certificate
        if self.partial is not None and not final:
            self.partial(self._told([self._best], partial=True))

    def _told(self, answered: list[Answered], *, partial: bool = False) -> dict[str, Any]:
        assert self._statement is not None
        statement = self._statement
        identity = {
            "model_sha256": statement.sha256,
            "model_format": Path(self.path.name.removesuffix(PACKED)).suffix[1:],
            # What the certificate checks is the model as this reader understood it.
            "read_by": "NetWORX" if statement.model is not None else ENGINE,
            **self.origin,
        }
        return model_result(statement.names, answered, model=statement.model, identity=identity, partial=partial)
