"""All numbers of a sweep in one confined child: each ended on time, none lost with another.

The child keeps what the numbers share. One that is ended, because a number was late or failed, is followed by another
child for the numbers that are left. Answers are given as they come, while the child goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from networx.domain.business import Baseline
from networx.domain.plan import Outcome, Progress, ResultStatus
from networx.errors import LimitExceeded, NetworxError, RefusedInput
from networx.resilience.confine import Child, Stopped
from networx.work.on_time import OnTime
from networx.work.sweep_child import plans_of
from networx.work.transport_run import TransportRun


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a number: its outcome, or how it `failed`. `ended_by` is as `OnTime` says it.

    `stopped` says that the search had not ended when whoever asked wanted no more.
    """

    nodes: int
    outcome: Outcome | None
    ended_by: str | None = None
    stopped: bool = False
    failed: NetworxError | None = None


@dataclass(slots=True)
class SweepRun:
    """`plans` is an empty folder for the plans of all numbers; each child has a new `child` and a new `on_time`.

    `progress` gets the number that is being solved, too. `baseline` is today's network, once it is priced.
    """

    plans: Path
    child: Callable[[], Child]
    on_time: Callable[[], OnTime]
    progress: Callable[[int, Progress], None]
    stopped: Callable[[], bool]
    baseline_flows: str | None = None
    baseline: Baseline | None = None

    def answers(self, numbers: Sequence[int], request: dict[str, Any]) -> Iterator[Answer]:
        """One for each number in their order, until whoever asked wants no more: then fewer.

        Raises RefusedInput where the data cannot be used, and what ends a child before its first word.
        """
        left = list(numbers)
        while left and not self.stopped():
            before = len(left)
            for answer in self._by_one_child(left, request):
                left.remove(answer.nodes)
                yield answer
            if len(left) == before and not self.stopped():
                raise RuntimeError("the solver's process ended without an answer")

    def _by_one_child(self, numbers: Sequence[int], request: dict[str, Any]) -> Iterator[Answer]:
        flows = self.baseline_flows if self.baseline is None else None
        asked = {**request, "numbers": list(numbers), "plans": str(self.plans), "baseline_flows": flows}
        on_time, run, nodes, begun = self.on_time(), None, numbers[0], False
        try:
            for message in on_time.messages(self.child(), asked):
                if "member" in message:
                    nodes, begun = message["member"], True
                    run = self._begun(nodes, on_time)
                elif "answered" in message and run is not None:
                    answer, run = self._answer(nodes, run), None
                    yield answer
                elif run is not None:
                    run.hear(message)
        except Stopped:
            pass  # the best of the number that was searched is its answer
        except NetworxError as failure:
            if not begun or isinstance(failure, RefusedInput):
                raise
            if run is not None and not (isinstance(failure, LimitExceeded) and run.has_answer):
                yield Answer(nodes, None, failed=failure)
                return
        if run is not None and on_time.ended_by is not None:
            yield self._answer(nodes, run)

    def _begun(self, nodes: int, on_time: OnTime) -> TransportRun:
        on_time.begin_again()
        return TransportRun(
            plans_of(self.plans, nodes),
            on_time,
            lambda now: self.progress(nodes, now),
            baseline_flows=self.baseline_flows if self.baseline is None else None,
        )

    def _answer(self, nodes: int, run: TransportRun) -> Answer:
        outcome = run.best()
        self.baseline = self.baseline or run.baseline
        settled = outcome.status in {ResultStatus.OPTIMAL, ResultStatus.INFEASIBLE}
        return Answer(nodes, outcome, run.on_time.ended_by, stopped=self.stopped() and not settled)
