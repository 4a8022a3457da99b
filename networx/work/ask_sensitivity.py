"""The job `sensitivity`: what the plan of a finished transport job would cost if one thing were otherwise.

Each question is solved in a confined child, checked here, and kept at once: a cancel makes the answers so far the
result, marked partial, and whoever has the job next goes on behind them. An answer that fails its check is kept as
evidence, told to the alarm, and never shown; the others stand.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate, Outcome, Progress
from networx.domain.sensitivity import Answer, Question, Wanted
from networx.errors import CertificateRefused, LimitExceeded, TransientError
from networx.jobs.context import JobContext
from networx.models.sensitivity import Base, checked
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.confine import Confinement, Stopped
from networx.results.proof import MEMBER, inside_or_beside, result_bytes
from networx.results.sensitivity import answer_figures, not_asked_figures, sensitivity_of
from networx.results.sensitivity_result import (
    Asked,
    answer_proof,
    answers_of,
    answers_proof,
    briefly,
    sensitivity_result,
    write_sensitivity_workbook,
)
from networx.topology import TOPOLOGY
from networx.work import evidence, patience
from networx.work.answers_so_far import AnswersSoFar, digest_of
from networx.work.base_plan import BasePlan, read_base_plan
from networx.work.on_time import OnTime
from networx.work.publish import Put, check_of, identity_of, passed, place_of, recorded
from networx.work.sensitivity_run import CUT_OFF, SensitivityRun

log = Log(__name__)

KIND = "sensitivity"
NOT_YET = "not answered yet"


class SensitivityAnswers:
    """The handler of `sensitivity`."""

    confinement = Confinement("networx.work.sensitivity_child:run", memory_mib=TOPOLOGY.kind(KIND).child_memory_mib)

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the plan", 0.0))
        base = read_base_plan(context, UUID(context.job.params["of_job_id"]))
        asking = Asking(context, base)
        asking.run()
        context.progress(Progress("writing the answers", 99.0))
        put = partial(patience.put_result, context, asking.so_far.seconds)
        result = asking.published(context.scratch / "result", place_of(context.job), put)
        context.complete(result)
        metrics.emit("OptimizationDuration", asking.so_far.seconds, ScenarioType=KIND)
        log.info("sensitivity.answered", answers=len(asking.so_far.answers), status=result["status"])


class Asking:
    """One attempt: from the answers that earlier ones left to as many as the time allows."""

    def __init__(self, context: JobContext, base: BasePlan) -> None:
        self._context, self._plan = context, base
        self._wanted = Wanted.from_dict(context.job.params["asked"])
        self._base = Base(base.solved.tables, base.solved.parameters, base.outcome)
        solved, wanted = base.solved, self._wanted.as_dict()
        problem = digest_of([solved.dataset.sha256, asdict(solved.parameters), base.outcome.objective, wanted])
        self.so_far = AnswersSoFar(context, problem, answers_of)
        self._seconds = self.so_far.seconds_left(solved.parameters.time_limit_seconds)
        on_time = OnTime(self._seconds, context.stopped, most=TOPOLOGY.kind(KIND).longest_run)
        self._run = SensitivityRun(context.scratch, on_time, context.progress)

    def run(self) -> None:
        """Ask the child and check what it answers. Raises what ended it; what was answered is kept."""
        base = replace(self._base, parameters=replace(self._base.parameters, time_limit_seconds=self._seconds))
        known = [answer["label"] for answer in self.so_far.answers]
        try:
            for answer in self._run.heard(self._context.child, base, self._wanted, known):
                if answer is not None:
                    self._keep(answer)
                self.so_far.keep_if_due(self.published)
        except LimitExceeded as met:
            if not self.so_far.answers or not self._run.asked:
                raise
            log.warning("sensitivity.ended_at_limit", why=str(met))
        except (Stopped, TransientError):
            self.so_far.keep_before_the_end(self.published)
            raise

    def published(self, folder: Path, place: str, put: Put, partial: bool = False) -> dict[str, Any]:
        """What is answered by now as files, and the result for the record. Raises what `put` raises."""
        solved, answers = self._plan.solved, self.so_far.answers
        not_answered = self._run.not_answered({answer["label"] for answer in answers}, NOT_YET if partial else CUT_OFF)
        told = sensitivity_of(
            answers,
            [not_asked_figures(solved.tables, one) for one in not_answered],
            time_limit_seconds=solved.parameters.time_limit_seconds,
            seconds=self.so_far.seconds,
        )
        asked = Asked(str(self._plan.job_id), self._plan.outcome, self._plan.certificate)
        folder.mkdir(exist_ok=True)
        proof, beside = inside_or_beside(answers_proof(asked.outcome, told["answers"]), folder)
        result = sensitivity_result(
            solved.tables,
            solved.parameters,
            asked,
            told,
            asked=len(self._run.asked),
            identity=identity_of(solved),
            partial=partial,
            proof=proof,
        )
        (folder / "result.json").write_bytes(result_bytes(result))
        write_sensitivity_workbook(folder / "result.xlsx", result)
        shown = {"headline": result["headline"], "of_job_id": result["of_job_id"], "sensitivity": briefly(told)}
        names = ("result_json", "result_xlsx", *["proof"] * beside)
        return recorded(result, names, folder, place=place, put=put) | shown

    def _keep(self, told: Answer) -> None:
        answer = checked(self._base, told, partial(self._certify, told.question))
        figures = answer_figures(self._base.tables, self._base.outcome, answer)
        self.so_far.answers.append({**figures, MEMBER: answer_proof(answer.outcome)})
        done, asked = len(self.so_far.answers), len(self._run.asked)
        self._context.progress(Progress(f"{done} of {asked} answered", min(100 * done / max(asked, 1), 99.0)))

    def _certify(
        self, question: Question, tables: NetworkTables, parameters: TransportParameters, outcome: Outcome
    ) -> Certificate | None:
        """The independent check against the changed data; a refusal is told to the alarm and leaves its evidence."""
        changed = replace(self._plan.solved, tables=tables, parameters=parameters)
        changed = replace(changed, dataset=replace(changed.dataset, sha256=tables.sha256()))
        certificate = check_of(changed, outcome)
        try:
            return None if certificate is None else passed(certificate)
        except CertificateRefused as refused:
            what = f"answer-{len(self.so_far.answers) + 1}"
            claimed = evidence.of_answer(self._plan.solved, self._base.outcome, question, outcome)
            evidence.keep_if_possible(self._context, refused, claimed, what)
            return certificate
