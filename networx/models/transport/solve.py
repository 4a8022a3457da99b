"""One transport scenario from tables to outcome: prepare, look for clashes, solve, settle, explain."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import (
    CLOSED_FORM,
    Outcome,
    Progress,
    TransportPlan,
)
from networx.models.transport.clashes import clashes
from networx.models.transport.dear import Cheapened, cheapened
from networx.models.transport.free_supply import folded
from networx.models.transport.instance import TransportInstance, prepare
from networx.models.transport.location import Search, by_itself
from networx.models.transport.run import OnIncumbent, Run, infeasible, told_from
from networx.models.transport.start import Start
from networx.solver.location.lesson import Lesson


def solve_transport(
    tables: NetworkTables,
    parameters: TransportParameters,
    progress: Callable[[Progress], None] = lambda _: None,
    incumbent: OnIncumbent | None = None,
    stop: Callable[[], bool] = lambda: False,
    start: Start | None = None,
    chosen: Callable[[str], None] = lambda _: None,
    lesson: Lesson | None = None,
    taught: Callable[[Lesson], None] = lambda _: None,
) -> Outcome:
    """Choose facilities and flows at least cost. `incumbent` gets (plan, cost, bound) of each better plan on the way.

    With a `start` the answer is never worse than it, and `incumbent` gets only what is better. `chosen` gets the
    engine's name before it starts. `lesson` is what a scenario of the same data that differs in how many facilities
    are open taught, and `taught` gets this one's, where a location engine solves it.

    Raises RefusedInput for data that cannot be used, SolverFault when the solver contradicts itself.
    """
    tell = progress if start is None else told_from(start, progress)
    search = by_itself(lesson, taught)
    return solve_prepared(lambda: prepare(tables, parameters), tell, incumbent, stop, start, chosen, search)


def solve_prepared(
    prepared: Callable[[], TransportInstance],
    progress: Callable[[Progress], None],
    incumbent: OnIncumbent | None,
    stop: Callable[[], bool],
    start: Start | None,
    chosen: Callable[[str], None],
    search: Search,
) -> Outcome:
    """The same of an instance that the caller knows how to prepare, by the caller's `search` for location engines."""
    started = time.monotonic()
    progress(Progress("preparing"))
    instance = prepared()
    clash = clashes(instance)
    if clash is not None:
        return infeasible(clash, started, bound_source=CLOSED_FORM)
    instance = folded(instance)
    cheaper = cheapened(instance)
    if cheaper is not None and (start is None or cheaper.uses_none(start.plan)):
        tell, better = _of_the_cheapened(cheaper, progress, incumbent)
        outcome = Run(cheaper.instance, tell, better, stop, started, start, chosen, search).outcome()
        if outcome.plan is None or cheaper.uses_none(outcome.plan):
            return outcome
        search = by_itself(None, lambda _: None)  # what it shares with other searches is of the cheapened network
        assert outcome.objective is not None
        cost = cheaper.real_cost(outcome.plan, outcome.objective, instance)
        if cost is not None and (start is None or cost < start.cost):
            start = Start(outcome.plan, cost, None if start is None else start.bound)
            progress = told_from(start, progress)
            if incumbent is not None:
                incumbent(outcome.plan, cost, outcome.bound)
    return Run(instance, progress, incumbent, stop, started, start, chosen, search).outcome()


def _of_the_cheapened(
    cheaper: Cheapened, progress: Callable[[Progress], None], incumbent: OnIncumbent | None
) -> tuple[Callable[[Progress], None], OnIncumbent | None]:
    """What is told while it is solved: of plans only those that cost the same in the network itself."""

    def tell(now: Progress) -> None:
        progress(replace(now, incumbent=None, gap=None))

    def better(plan: TransportPlan, cost: float, bound: float | None) -> None:
        if incumbent is not None and cheaper.uses_none(plan):
            incumbent(plan, cost, bound)

    return tell, None if incumbent is None else better
