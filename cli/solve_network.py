"""A network solved and checked here, with a progress bar; Ctrl-C stops the search and keeps the best plan found."""

from __future__ import annotations

import signal
from collections.abc import Callable
from threading import Event

from cli.terminal import CommandFailed
from cli.watching import Watching
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Outcome, Progress
from networx.solver.location.lesson import Lesson


def solve_network(
    tables: NetworkTables, parameters: TransportParameters, taught: Callable[[Lesson], None] = lambda _: None
) -> tuple[Outcome, Certificate | None, bool]:
    """What was found, its independent check (None where it claims nothing), and whether it was stopped.

    `taught` gets what neighbours of the problem can begin with, where a location engine solves it.
    Raises CommandFailed for an answer that fails its check, and RefusedInput.
    """
    from networx.models.transport import solve_transport

    stopped = Event()
    with Watching() as watching:

        def progress(now: Progress) -> None:
            watching.job({"progress": now.as_dict(), "status": "solving"})

        before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
        try:
            outcome = solve_transport(tables, parameters, progress, stop=stopped.is_set, taught=taught)
        finally:
            signal.signal(signal.SIGINT, before)
        watching.done("solving", f"solved: {outcome.status.value}")
    certificate = certificate_of(tables, parameters, outcome)
    if certificate is not None and not certificate.valid:
        # Such an answer is never shown.
        failed = "; ".join(check.name for check in certificate.checks if not check.passed)
        raise CommandFailed(f"The answer failed its independent check and is not shown: {failed}.")
    return outcome, certificate, stopped.is_set()


def certificate_of(tables: NetworkTables, parameters: TransportParameters, outcome: Outcome) -> Certificate | None:
    """The independent check of an outcome, valid or not; None where it claims nothing."""
    from networx.verify.transport import certify, certify_infeasible

    sha256 = tables.sha256()
    if outcome.infeasibility is not None:
        return certify_infeasible(tables, parameters, outcome.infeasibility, sha256)
    if outcome.plan is not None and outcome.objective is not None:
        return certify(
            tables,
            parameters,
            outcome.plan,
            objective=outcome.objective,
            bound=outcome.bound,
            gap=outcome.gap,
            status=outcome.status,
            bound_source=outcome.bound_source,
            dataset_sha256=sha256,
            proof=outcome.proof,
        )
    return None
