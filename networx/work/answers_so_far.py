"""The answers of a job that gives many, one after another: each kept as it comes, so that a stop loses none.

They are kept as the job's result as it would be now: a cancel makes the newest of them the result, marked partial, and
whoever has the job next reads them back and goes on behind them.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from networx.errors import NotFound, ObjectStoreUnavailable
from networx.jobs.context import JobContext
from networx.observability.logs import Log
from networx.resilience import objects
from networx.results.proof import MEMBER
from networx.work.on_time import seconds_left
from networx.work.publish import Put, place_of

log = Log(__name__)

KEPT_EVERY_SECONDS = 1.0

# The result of what is answered by now, its files `put` under a place, by way of a scratch folder.
Published = Callable[[Path, str, Put, bool], dict[str, Any]]


def digest_of(stated: Any) -> str:
    """Of what decides the answers, so that those of another question are never taken for these."""
    return hashlib.sha256(orjson.dumps(stated, option=orjson.OPT_SORT_KEYS)).hexdigest()


class AnswersSoFar:
    """What is answered, by all attempts at one job. `problem` is the digest of the question."""

    def __init__(
        self, context: JobContext, problem: str, told: Callable[[Mapping[str, Any]], list[dict[str, Any]]]
    ) -> None:
        """`told` finds the answers in a result."""
        self._context, self._problem = context, problem
        self._seconds_before, self._began = 0.0, time.monotonic()
        self._kept, self._kept_at = 0, 0.0
        self.answers = self._restored(told)

    @property
    def seconds(self) -> float:
        """Of all attempts."""
        return self._seconds_before + time.monotonic() - self._began

    def seconds_left(self, limit: float) -> float:
        """Of a limit on all attempts together."""
        return seconds_left(limit, self._seconds_before)

    def keep_if_due(self, publish: Published) -> None:
        """Keep what is new, at most once a second."""
        if self._kept < len(self.answers) and time.monotonic() - self._kept_at >= KEPT_EVERY_SECONDS:
            self._keep(publish)

    def keep_before_the_end(self, publish: Published) -> None:
        """The child is gone, the job perhaps not: keep what was not kept yet."""
        try:
            if self._kept < len(self.answers) and self._context.owned():
                self._keep(publish)
        except Exception:
            log.exception("incumbent.not_stored")  # what ended the child is still to be settled

    def _keep(self, publish: Published) -> None:
        number = len(self.answers)
        place = place_of(self._context.job, f"/so-far-{number}")
        folder = self._context.scratch / "so-far"
        try:
            result = publish(folder, place, objects.put_result, True)
        except ObjectStoreUnavailable:
            log.warning("incumbent.not_stored")
            return
        self._kept, self._kept_at = number, time.monotonic()
        checkpoint = {
            "problem": self._problem,
            "objective": -number,  # the record keeps the one with more answers
            "key": result["files"]["result_json"],
            "sha256": hashlib.sha256((folder / "result.json").read_bytes()).hexdigest(),
            "seconds": self.seconds,
            "attempt": self._context.job.attempt,
        }
        self._context.store_incumbent(result, checkpoint)

    def _restored(self, told: Callable[[Mapping[str, Any]], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """The answers that an earlier owner left; none where there are none, or none that can be used: the log says."""
        stored = self._context.checkpoint()
        if stored is None:
            return []
        target = self._context.scratch / "answered.json"
        try:
            if stored["problem"] != self._problem:
                raise ValueError("it belongs to another question")
            objects.get_result(stored["key"], target)
            content = target.read_bytes()
            if hashlib.sha256(content).hexdigest() != stored["sha256"]:
                raise ValueError("its file was damaged")
            answers = told(self._with_its_proof(stored["key"], orjson.loads(content)))
        except (KeyError, ValueError, NotFound, ObjectStoreUnavailable) as why:
            log.warning("checkpoint.ignored", why=str(why))
            return []
        self._seconds_before, self._kept = float(stored["seconds"]), len(answers)
        self._context.resumed(f"from the {len(answers)} answers of attempt {stored['attempt']}")
        log.info("job.resumed", fromAttempt=stored["attempt"], answers=len(answers))
        return answers

    def _with_its_proof(self, key: str, result: dict[str, Any]) -> dict[str, Any]:
        """A large proof was laid beside the result. Raises ValueError for one that was damaged."""
        named = result.get(MEMBER)
        if named is None or "file" not in named:
            return result
        target = self._context.scratch / "answered-proof.json.gz"
        objects.get_result(f"{key.rpartition('/')[0]}/{named['file']}", target)
        content = target.read_bytes()
        if hashlib.sha256(content).hexdigest() != named["sha256"]:
            raise ValueError("its proof was damaged")
        return {**result, MEMBER: orjson.loads(gzip.decompress(content))}
