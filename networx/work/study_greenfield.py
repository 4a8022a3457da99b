"""The job `greenfield`: the best places for each number of them, from destinations and demand alone.

Each number is solved in a confined child, checked here, and kept at once: a cancel makes the numbers so far the result,
marked partial, and whoever has the job next goes on behind them. An answer that fails its check fails the job.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from networx.domain.greenfield import Places
from networx.domain.greenfield_parameters import GreenfieldParameters, greenfield_parameters
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Progress
from networx.errors import CertificateRefused, LimitExceeded, TransientError
from networx.jobs.context import JobContext
from networx.models.greenfield import prepare
from networx.models.greenfield.sweep import ENGINE
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.confine import Confinement, Stopped
from networx.results.candidate_workbook import said_of, write_candidates
from networx.results.greenfield import Study, answers_of, greenfield_result, notes_on, places_figures
from networx.results.greenfield_workbook import write_greenfield_workbook
from networx.results.proof import result_bytes
from networx.topology import TOPOLOGY
from networx.verify.greenfield import certify_greenfield
from networx.work import evidence, patience
from networx.work.answers_so_far import AnswersSoFar, digest_of
from networx.work.greenfield_run import GreenfieldRun
from networx.work.on_time import OnTime
from networx.work.publish import Put, Solved, identity_of, passed, place_of, recorded
from networx.work.scenario_data import read_scenario_data

log = Log(__name__)

KIND = "greenfield"


class GreenfieldStudy:
    """The handler of `greenfield`."""

    confinement = Confinement("networx.work.greenfield_child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib)

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the data", 0.0))
        scenario, dataset, tables = read_scenario_data(context)
        asked = greenfield_parameters(tables.parameters, scenario.parameters)
        studying = Studying(context, Solved(context.job, scenario.name, dataset, tables, TransportParameters()), asked)
        studying.run()
        context.progress(Progress("writing the answers", 99.0))
        put = partial(patience.put_result, context, studying.so_far.seconds)
        result = studying.published(context.scratch / "result", place_of(context.job), put)
        context.complete(result)
        metrics.emit("OptimizationDuration", studying.so_far.seconds, ScenarioType=KIND)
        log.info("greenfield.studied", numbers=len(studying.so_far.answers), status=result["status"])


class Studying:
    """One attempt: from the numbers that earlier ones left to as many as the time allows."""

    def __init__(self, context: JobContext, solved: Solved, asked: GreenfieldParameters) -> None:
        self._context, self._solved, self._asked = context, solved, asked
        self._study: Study | None = None
        problem = digest_of([solved.dataset.sha256, asdict(asked)])
        self.so_far = AnswersSoFar(context, problem, answers_of)

    def run(self) -> None:
        """Ask the child and check what it finds. Raises what ended it; what was found is kept."""
        first = self._asked.min_sites + len(self.so_far.answers)
        if first > self._asked.max_sites:
            self._study = self._prepared_here()
            return
        left = self.so_far.seconds_left(self._asked.time_limit_seconds)
        on_time = OnTime(left, self._context.stopped, most=TOPOLOGY.kind(KIND).longest_run)
        run = GreenfieldRun(self._context.scratch, on_time, self._context.progress)
        try:
            for places in run.heard(self._context.child, self._solved.tables, self._asked, first, left):
                self._study = run.study
                if places is not None:
                    self._keep(places)
                self.so_far.keep_if_due(self.published)
        except LimitExceeded as met:
            if not self.so_far.answers or self._study is None:
                raise
            log.warning("greenfield.ended_at_limit", why=str(met))
        except (Stopped, TransientError):
            self.so_far.keep_before_the_end(self.published)
            raise

    def published(self, folder: Path, place: str, put: Put, partial: bool = False) -> dict[str, Any]:
        """What is found by now as files, and the result for the record. Raises what `put` raises."""
        tables, asked = self._solved.tables, self._asked
        assert self._study is not None  # the child's first word
        result = greenfield_result(
            tables,
            self._study,
            self.so_far.answers,
            seconds=self.so_far.seconds,
            identity=identity_of(self._solved),
            notes=notes_on(tables, asked.candidates),
            partial=partial,
        )
        folder.mkdir(exist_ok=True)
        (folder / "result.json").write_bytes(result_bytes(result))
        write_greenfield_workbook(folder / "result.xlsx", result)
        zips = sorted({place["zip"] for row in result["frontier"] for place in row["places"]})
        write_candidates(folder / "candidates.xlsx", tables, zips, said_of(result))
        files = ("result_json", "result_xlsx", "candidates")
        return recorded(result, files, folder, place=place, put=put) | {"headline": result["headline"]}

    def _keep(self, places: Places) -> None:
        assert self._study is not None  # the child's first word
        certificate = self._certified(places)
        self.so_far.answers.append(
            places_figures(self._solved.tables, self._asked, places, certificate, self._study.units)
        )

    def _certified(self, places: Places) -> Certificate:
        asked = self._asked
        certificate = certify_greenfield(self._solved.tables, asked.candidates, asked.circuity, asked.gap, places)
        try:
            return passed(certificate)
        except CertificateRefused as refused:
            told = evidence.of_greenfield(self._solved, asked, places)
            raise evidence.keep(self._context, refused, told) from refused

    def _prepared_here(self) -> Study:
        """All numbers were found by an earlier owner, who was lost before it could say so."""
        instance = prepare(self._solved.tables, self._asked.candidates, self._asked.circuity, self._asked.max_sites)
        return Study(self._asked, ENGINE, len(instance.zips), float(instance.units.sum()))
