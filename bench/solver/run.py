"""One solver on one case, in a process of its own: one processor, a cap on memory, a limit on processor time."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.solver.answer import Answer
from bench.solver.cases import Case
from bench.solver.solvers import CHECKOUT, Solver, node_modules

TOO_LONG = 1.5  # of the limit: a solver that has not stopped by then is killed, with what it needed to start on top
STARTING = 30.0  # seconds
PROVEN = 1e-6  # relative; also how near a cost must be to the published one


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `cpu` is of the solving alone, `peak_mib` of the whole process."""

    case: str
    solver: str
    says: str
    cost: float | None
    bound: float | None
    cpu: float
    peak_mib: float
    nodes: int | None
    right: bool | None

    @property
    def gap(self) -> float | None:
        if self.cost is None or self.bound is None:
            return None
        return max(self.cost - self.bound, 0.0) / max(abs(self.cost), 1e-9)

    @property
    def proven(self) -> bool:
        return self.gap is not None and self.gap <= PROVEN * 1.01


def run(solver: Solver, case: Case, folder: Path, *, seconds: float, gap: float, memory_mib: int, core: int) -> Outcome:
    """Run the solver on what `prepare` has put into the folder."""
    output, errors = folder / f"{solver.key}.out", folder / f"{solver.key}.err"
    started = time.monotonic()
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            [*_confined(memory_mib, seconds, core), *solver.command, str(folder), str(seconds), str(gap)],
            cwd=CHECKOUT,
            env=_environment(),
            stdout=out,
            stderr=err,
        )
        # The kernel ends whoever uses up too much processor time; a process that only sleeps is ended here.
        _, status, used = _wait(process, deadline=started + 20 * seconds + 10 * STARTING)
    answer = Answer.heard(output.read_text(errors="replace"))
    if answer is None:
        answer = Answer(_why(status, errors), None, None, used.ru_utime + used.ru_stime)
    right = None
    if case.optimum is not None and answer.cost is not None:
        right = abs(answer.cost - case.optimum) <= PROVEN * max(abs(case.optimum), 1.0)
    peak = used.ru_maxrss / 1024
    return Outcome(
        case.name, solver.name, answer.says, answer.cost, answer.bound, answer.cpu, peak, answer.nodes, right
    )


def _wait(process: subprocess.Popen[bytes], deadline: float) -> tuple[int, int, resource.struct_rusage]:
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return pid, process.returncode, used
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.02)


def _why(status: int, errors: Path) -> str:
    told = errors.read_text(errors="replace").strip().splitlines()
    if status == -24:
        return "over the limit, no answer"
    return f"ended with {status}: {told[-1][:60]}" if told else f"ended with {status}"


def _environment() -> dict[str, str]:
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one, "PYTHONPATH": str(CHECKOUT), "NODE_PATH": node_modules()}


def _confined(memory_mib: int, seconds: float, core: int) -> list[str]:
    limit = int(TOO_LONG * seconds + STARTING)
    return [sys.executable, "-m", "bench.solver.confined", str(memory_mib), str(limit), str(core)]
