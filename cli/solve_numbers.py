"""One network solved for several numbers of open facilities in one child, and each answer checked here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.passed import passed
from cli.solve_network import LONGEST, SolvedNetwork, certificate_of, ended_words, interrupted
from cli.terminal import CommandFailed, say
from cli.watching import Watching
from networx.domain.business import Baseline
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Clash, Progress
from networx.domain.sweep import with_exactly
from networx.errors import NetworxError
from networx.resilience.confine import Child, Confinement
from networx.topology import TOPOLOGY
from networx.work.on_time import OnTime

if TYPE_CHECKING:
    from networx.verify.transport import Reading
    from networx.work.sweep_run import Answer

CONFINEMENT = Confinement("networx.work.sweep_child:run", memory_mib=TOPOLOGY.kind("transport").child_memory_mib)

Solved = SolvedNetwork | CommandFailed | NetworxError


def solve_numbers(
    tables: NetworkTables,
    parameters: TransportParameters,
    numbers: Sequence[int],
    watching: Watching,
    *,
    baseline_flows: str | None = None,
    confinement: Confinement = CONFINEMENT,
) -> Iterator[tuple[int, Solved]]:
    """Each number with what came of it, in their order; after Ctrl-C only those that had begun.

    Each has the whole time limit. An answer that fails its check, a limit before the first plan and a child that is
    lost fail that number and no other. Raises RefusedInput for data that cannot be used, and what ends a child before
    it has begun.
    """
    from networx.verify.transport import Reading
    from networx.work.solve_child import write_instance
    from networx.work.sweep_run import SweepRun

    reading, answered = Reading(tables), 0
    with tempfile.TemporaryDirectory() as scratch, interrupted() as stopped:
        folder = Path(scratch)
        plans, instance, stop_file = folder / "plans", folder / "instance", folder / "stop"
        plans.mkdir()
        write_instance(instance, tables, parameters)

        def on_time() -> OnTime:
            return OnTime(parameters.time_limit_seconds, stopped.is_set, most=LONGEST, stop_file=stop_file)

        def progress(nodes: int, now: Progress) -> None:
            watching.number(nodes, now, answered / len(numbers))

        run = SweepRun(plans, lambda: Child(confinement), on_time, progress, stopped.is_set, baseline_flows)
        for answer in run.answers(numbers, {"instance": str(instance), "stop": str(stop_file)}):
            solved = _checked(reading, parameters, answer, run.baseline)
            answered += 1
            say(f"{answer.nodes} open: {_verdict(answer, solved)}")
            yield answer.nodes, solved
        watching.done("solving", f"{answered} of {len(numbers)} answered")


def _checked(reading: Reading, parameters: TransportParameters, answer: Answer, baseline: Baseline | None) -> Solved:
    if answer.outcome is None:
        assert answer.failed is not None
        return answer.failed
    asked = with_exactly(parameters, answer.nodes)
    certificate = certificate_of(reading.tables, asked, answer.outcome, reading)
    try:
        certificate = None if certificate is None else passed(certificate)
    except CommandFailed as refused:
        return refused
    return SolvedNetwork(answer.outcome, certificate, answer.stopped, baseline)


def _verdict(answer: Answer, solved: Solved) -> str:
    if not isinstance(solved, SolvedNetwork):
        return str(solved)
    checked = "" if solved.certificate is None else ", checked"
    verdict = f"{solved.outcome.status.value}{ended_words(answer.ended_by)}{checked}"
    infeasibility = solved.outcome.infeasibility
    return verdict if infeasibility is None else f"{verdict}. {' '.join(_why(infeasibility.clashes))}"


def _why(clashes: Sequence[Clash]) -> Iterator[str]:
    """The first thing that clashes, with its cure, and how many more there are."""
    first, more = clashes[0], len(clashes) - 1
    yield first.message
    if first.cure:
        yield f"What would work: {first.cure}"
    if more:
        yield f"And {more} more."
