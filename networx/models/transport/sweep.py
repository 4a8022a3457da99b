"""One scenario asked for several numbers of open facilities, one after another, in one process.

It is read and prepared once. Where capacities do not bind, the numbers are one search; the other location engines begin
each with what the number before it taught. What has no such engine is solved number by number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from networx.domain.network import NetworkTables
from networx.domain.parameters import BENDERS, TransportParameters
from networx.domain.plan import Outcome, Progress
from networx.domain.sweep import with_exactly
from networx.models.transport.instance import TransportInstance, prepare
from networx.models.transport.location import by_itself
from networx.models.transport.run import OnIncumbent
from networx.models.transport.solve import solve_prepared
from networx.solver.location.benders.sweep import Sweep
from networx.solver.location.lesson import Lesson
from networx.solver.location.problem import LocationAnswer, LocationPlan, LocationProblem, Watch
from networx.solver.outcome import Limits


class TransportSweep:
    """The numbers from `least` to `most`, in any order; they go over what the parameters say of it."""

    def __init__(self, tables: NetworkTables, parameters: TransportParameters, *, least: int, most: int) -> None:
        self._tables, self._parameters = tables, parameters
        self._least, self._most = least, most
        self._instance: TransportInstance | None = None
        self._together: Sweep | None = None
        self._lesson: Lesson | None = None

    def solve(
        self,
        nodes: int,
        progress: Callable[[Progress], None] = lambda _: None,
        incumbent: OnIncumbent | None = None,
        stop: Callable[[], bool] = lambda: False,
        chosen: Callable[[str], None] = lambda _: None,
    ) -> Outcome:
        """Exactly so many facilities; arguments and errors are those of `solve_transport`."""
        return solve_prepared(lambda: self._prepared(nodes), progress, incumbent, stop, None, chosen, self._search)

    def _prepared(self, nodes: int) -> TransportInstance:
        parameters = with_exactly(self._parameters, nodes)
        if self._instance is None:
            self._instance = prepare(self._tables, parameters)
        # How many are open is nothing that an instance is prepared by.
        return replace(self._instance, parameters=parameters)

    def _search(
        self, engine: str, problem: LocationProblem, limits: Limits, watch: Watch, start: LocationPlan | None
    ) -> LocationAnswer:
        if engine != BENDERS:
            numbers = self._most - self._least + 1
            return by_itself(self._lesson, self._learn, numbers)(engine, problem, limits, watch, start)
        if self._together is None:
            most = min(self._most, len(problem.fixed))
            self._together = Sweep(replace(problem, at_least=self._least, at_most=most))
        return self._together.solve(problem.at_most, limits, watch, start)

    def _learn(self, lesson: Lesson) -> None:
        self._lesson = lesson
