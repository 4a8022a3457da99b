"""A sweep's result checked again: each run by its own result, and then the frontier that is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cli.terminal import CommandFailed, Exit
from cli.verifying.figures import every_member, figure_checks, stated_parameters, unknown_members
from cli.verifying.opened import opened_result
from cli.verifying.rechecked import Rechecked
from cli.verifying.storage import recheck_integrated
from cli.verifying.transport import recheck_transport
from networx.domain.phrases import counted as told
from networx.domain.plan import Check, ResultStatus
from networx.domain.sweep import Criterion, Sweep
from networx.domain.sweep import exactly as open_exactly
from networx.jobs.job import JobStatus
from networx.results.frontier import Member, whole_network
from networx.results.sweep_result import sweep_result
from networx.verify.measure import counted

MEMBERS = (
    *("status", "objective", "bound", "gap", "kpis", "criterion", "partial", "proven", "note", "still_open", "best"),
    *("service_measure", "frontier", "scenarios", "batch_summary"),
)
_RECHECKS: Mapping[str, Callable[..., Rechecked]] = {
    "transport": recheck_transport,
    "integrated": recheck_integrated,
}
_STATUSES = frozenset(ResultStatus)
_COUNTS = tuple(open_exactly(1))  # what makes one run of a sweep another than the next
_RUN = "result.json"


def recheck_batch(
    result: Mapping[str, Any],
    file: Path,
    dataset: Path,
    beside: Path | None,
    *,
    exactly: bool,
    members: Path | None = None,
) -> Rechecked:
    """`members` is the folder that has a folder for each run, named by its job, or by its number where no platform ran
    it; None: where the result lies.

    Raises CommandFailed and RefusedInput for what cannot be checked at all.
    """
    if beside is not None:
        raise CommandFailed(
            "Each run of a sweep has its proof beside its own result: leave --proof out.", Exit.WRONG_USE
        )
    rechecking = _Runs(members or file.parent, dataset, exactly=exactly)
    found = rechecking.members(result["frontier"])
    checks = rechecking.checks
    if all(line.passed for line in checks):
        # Which numbers were asked is known of the frontier alone.
        asked = Sweep(1, 1, criterion=Criterion(result["criterion"]))
        again = sweep_result(asked, found, ignored=result["ignored"])
        checks += figure_checks(result, again, every_member(result, again, MEMBERS), frozenset())
        rechecking.believed += unknown_members(result, again)
    return Rechecked(
        result["status"] or ResultStatus.NO_SOLUTION.value,
        rechecking.sha256,
        tuple(checks),
        (*rechecking.recomputed, "which number is best, what is proven of it, and every figure of the frontier"),
        (*rechecking.believed, "which numbers were to be run"),
        tuple(rechecking.differs),
    )


class _Runs:
    """The runs one after another: lines of checks, what was recomputed of them, and what stays somebody's word."""

    def __init__(self, folder: Path, dataset: Path, *, exactly: bool) -> None:
        self._folder, self._dataset, self._exactly = folder, dataset, exactly
        self._asked: Mapping[str, Any] | None = None
        self.sha256 = ""
        self.checks: list[Check] = []
        self.recomputed: list[str] = []
        self.believed: list[str] = []
        self.differs: dict[str, None] = {}  # each sentence once, in their order

    def members(self, frontier: Sequence[Mapping[str, Any]]) -> list[Member]:
        """The rows of the frontier made anew, each of its run."""
        paths = [self._path(row) if row["status"] in _STATUSES else None for row in frontier]
        runs = [None if path is None else opened_result(path) for path in paths]
        whole = any(_of_whole(row, run) for row, run in zip(frontier, runs, strict=True) if run is not None)
        return [self._member(*of_run, whole=whole) for of_run in zip(frontier, paths, runs, strict=True)]

    def _member(
        self, row: Mapping[str, Any], path: Path | None, stated: Mapping[str, Any] | None, *, whole: bool
    ) -> Member:
        """`whole`: the sweep is of networks with their warehouses and stock."""
        status = JobStatus(row["job_status"])
        run = Member(row["job_id"], row["nodes"], status.value, ended=status.terminal)
        which = f"{row['nodes']} open"
        if path is None or stated is None:
            self.believed.append(f"{which}: that it {row['status']} and left no result")
            return run
        self._of_this_sweep(stated, row, which)
        certified = self._rechecked(stated, path, which)
        compared = whole_network(stated) if whole else stated
        return replace(
            run,
            status=ResultStatus(compared["status"]),
            certified=certified,
            **{name: compared[name] for name in ("objective", "bound", "gap", "kpis", "partial")},
        )

    def _path(self, row: Mapping[str, Any]) -> Path:
        path = self._folder / str(row["job_id"] or row["nodes"]) / _RUN
        if not path.is_file():
            raise CommandFailed(f"{_run(row)}: {_where(row, path)}", Exit.REFUSED)
        return path

    def _of_this_sweep(self, stated: Mapping[str, Any], row: Mapping[str, Any], which: str) -> None:
        """That the run is the one that the row names, open so often, and of the same scenario as the others."""
        asked = stated_parameters(stated)
        other_job = int(stated.get("job_id") != row["job_id"])
        self.checks.append(counted(f"{which}: is the run that is named", other_job, f"it is of {stated.get('job_id')}"))
        wrong = [name for name, number in open_exactly(row["nodes"]).items() if asked.get(name) != number]
        self.checks.append(counted(f"{which}: asks for so many", len(wrong), f"its {', '.join(wrong)} is another"))
        rest = {name: value for name, value in asked.items() if name not in _COUNTS}
        self._asked = rest if self._asked is None else self._asked
        names = sorted(name for name in rest.keys() | self._asked.keys() if rest.get(name) != self._asked.get(name))
        where = f"{', '.join(names)} is another than in the first run"
        self.checks.append(counted(f"{which}: is of the same scenario", len(names), where))

    def _rechecked(self, stated: Mapping[str, Any], path: Path, which: str) -> bool:
        """Whether the run's own result has a certificate; every line of its check is kept."""
        if stated["kpis"] is None and stated["infeasibility"] is None:
            self.believed.append(f"{which}: that no plan was found in time, and its bound: the solver's word")
            return bool((stated["certificate"] or {}).get("valid"))
        recheck = _RECHECKS.get(stated["type"])
        if recheck is None:
            raise CommandFailed(f"The run with {which} is of type {stated['type']}, which is not swept.", Exit.REFUSED)
        found = recheck(stated, path, self._dataset, None, exactly=self._exactly)
        self.sha256 = found.sha256
        self.checks += [replace(line, name=f"{which}: {line.name}") for line in found.checks]
        self.recomputed += [f"{which}: {line}" for line in found.recomputed]
        self.believed += [f"{which}: {line}" for line in found.believed]
        self.differs |= {line: None for line in found.differs if not _is_a_count(line)}
        return bool((stated["certificate"] or {}).get("valid"))


def _run(row: Mapping[str, Any]) -> str:
    return f"The run with {told(row['nodes'], 'facility', 'facilities')} open has a result of its own"


def _where(row: Mapping[str, Any], path: Path) -> str:
    """What to do about a run's own result that is not at its place."""
    if row["job_id"] is None:
        return (
            f"it is not at {path}. `networx solve --nodes` writes each run's with --output; name the folder that has a "
            "folder for each number with --members."
        )
    return (
        f"download {_RUN} (and proof.json.gz, if it has one) of job {row['job_id']} as {path}, or name the folder that "
        "has a folder for each run with --members."
    )


def _of_whole(row: Mapping[str, Any], run: Mapping[str, Any]) -> bool:
    """Whether a run says that its sweep is of networks with warehouses and stock.

    One that was stopped before they were planned says so by its row, which counts it as one without a plan.
    """
    unplanned = run["kpis"] is not None and run["partial"] and row["status"] == ResultStatus.NO_SOLUTION
    return bool(unplanned) or run["type"] == "integrated"


def _is_a_count(line: str) -> bool:
    """Whether a difference to the sheet is the number that a sweep sets over it."""
    return line.removeprefix("no ").startswith(_COUNTS)
