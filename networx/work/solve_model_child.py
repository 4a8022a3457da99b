"""The side of the confined child: reads one model, solves it and tells its parent how it goes.

{"progress": {...}}                                      as domain.plan.Progress
{"data": path}                                           of a file: the model as it was read, plain arrays
{"incumbent": {"question", "values", "objective"}}       a better answer, at most every few seconds
{"answer": {"question": ..., "outcome": ...}}            one a question
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from networx.domain.arrays import Floats
from networx.domain.json_model_reading import read_json_model
from networx.domain.model_answer import ModelOutcome, Question
from networx.domain.plan import Progress
from networx.models.generic import solve_data, solve_json
from networx.solver.files import read_file

FIRST_INCUMBENT_AFTER_SECONDS = 1.0
INCUMBENT_EVERY_SECONDS = 3.0

Send = Callable[[dict[str, Any]], None]


def run(request: dict[str, Any], send: Send) -> None:
    """Solve the model at request["model"] (.json, or .mps or .lp, also with .gz); the file's arrays go to
    request["data"], and each better answer, told or not, at once to request["best"]."""
    path = Path(request["model"])
    incumbents = _Incumbents(send, Path(request["best"]))

    def progress(now: Progress) -> None:
        send({"progress": now.as_dict()})
        incumbents.tell()

    def answered(question: Question, outcome: ModelOutcome) -> None:
        send({"answer": {"question": question.as_dict(), "outcome": outcome.as_dict()}})

    if path.suffix == ".json":
        model = read_json_model(orjson.loads(path.read_bytes()))
        for question, outcome in solve_json(model, progress, None if model.several else incumbents.found):
            answered(question, outcome)
        return
    data = read_file(path)
    np.savez(request["data"], **data.arrays())
    send({"data": request["data"]})
    answered(Question(), solve_data(data, progress, incumbents.found))


def newest_answer(best: Path) -> dict[str, Any] | None:
    """The parent's side of request["best"]: as an `incumbent` is told, or None while there is none."""
    return orjson.loads(best.read_bytes()) if best.exists() else None


def read_only(request: dict[str, Any], send: Send) -> None:
    """Only read the file at request["model"], and say how large its model is: {"read": {...}}.

    Its arrays go to request["data"], if that is there.
    """
    data = read_file(Path(request["model"]))
    if "data" in request:
        np.savez(request["data"], **data.arrays())
    send(
        {
            "read": {
                "rows": len(data.rows),
                "columns": len(data.columns),
                "integers": int(data.integer.sum()),
                "coefficients": len(data.entry_value),
            }
        }
    )


class _Incumbents:
    """Better answers come faster than they can be checked: only some are sent, the first after a while."""

    def __init__(self, send: Send, best: Path) -> None:
        self._send, self._best = send, best
        self._untold: dict[str, Any] | None = None
        self._due_at = time.monotonic() + FIRST_INCUMBENT_AFTER_SECONDS

    def found(self, question: Question, values: Floats, objective: float) -> None:
        self._untold = {"question": question.as_dict(), "values": values.tolist(), "objective": objective}
        unfinished = self._best.with_suffix(".unfinished")
        unfinished.write_bytes(orjson.dumps(self._untold))
        unfinished.replace(self._best)
        self.tell()

    def tell(self) -> None:
        """Send the best answer if it is news, and due."""
        if self._untold is not None and time.monotonic() >= self._due_at:
            self._send({"incumbent": self._untold})
            self._untold, self._due_at = None, time.monotonic() + INCUMBENT_EVERY_SECONDS
