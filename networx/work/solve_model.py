"""The job `model`: a client's own linear or mixed-integer model, solved in a confined child, checked, and published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from networx.domain.plan import Progress
from networx.errors import CertificateRefused, NotFound, ObjectStoreUnavailable, Problem, RefusedInput
from networx.jobs.context import JobContext
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience import objects
from networx.results.proof import inside_or_beside, result_bytes
from networx.solver.files import PACKED
from networx.work import evidence, patience
from networx.work.model_run import CONFINEMENT, KIND, ModelRun
from networx.work.patience import patiently
from networx.work.publish import FILES, place_of

log = Log(__name__)

# The record holds the whole result of a small model; of a large one what names its variables stands in the file alone.
LARGEST_RECORDED_BYTES = 64 * 1024
_BY_VARIABLE = ("solution", "answer", "objectives", "midpoint")


class ModelSolve:
    """The handler of `model`. The job's params say where the model's bytes are: kept from the request, with their
    SHA-256, or an upload, of which this is the very version that was looked at."""

    confinement = CONFINEMENT

    def __call__(self, context: JobContext) -> None:
        context.progress(Progress("reading the model", 0.0))
        path = patiently(context, lambda: _fetched(context))
        run = ModelRun(
            path,
            context.scratch,
            context.progress,
            context.stopped,
            partial=lambda result: _keep(context, result),
            origin=_origin(context),
        )
        try:
            result = run.result(context.child)
        except CertificateRefused as refused:
            assert run.claimed is not None
            raise evidence.keep(context, refused, evidence.of_model(path, run.claimed)) from refused
        folder, place = context.scratch / "result", place_of(context.job)
        longest = patience.to_keep(result["seconds"])
        context.complete(patiently(context, lambda: _published(result, folder, place), longest=longest))
        metrics.emit("OptimizationDuration", result["seconds"], ScenarioType=KIND)
        if result["gap"] is not None:
            metrics.emit("SolverGap", result["gap"], ScenarioType=KIND)
        log.info("model.solved", status=result["status"], objective=result["objective"], gap=result["gap"])


def _origin(context: JobContext) -> dict[str, Any]:
    stored = context.job.params["model"]
    return {name: stored[name] for name in ("upload_id", "filename") if name in stored}


def _fetched(context: JobContext) -> Path:
    """The model as submitted. Raises ObjectStoreUnavailable, and RefusedInput for what is gone or has other bytes."""
    stored = context.job.params["model"]
    path = context.scratch / f"model.{stored['format']}{PACKED if stored.get('packed') else ''}"
    try:
        sha256 = objects.download(objects.bucket("input"), stored["key"], stored["version"], path)
    except NotFound:
        gone = Problem("The model's file was deleted before it was solved. Send it again.", "gone")
        raise RefusedInput([gone], code="FILE_GONE") from None
    if sha256 != stored.get("sha256", sha256):
        log.error("model.damaged", key=stored["key"], sha256=sha256)
        raise RefusedInput(
            [Problem("The stored model has another SHA-256 than the one submitted; send it again.", "sha256")]
        )
    return path


def _keep(context: JobContext, result: dict[str, Any]) -> None:
    """Store a checked answer for a cancel to promote; the file store may be away, the next one comes anyway."""
    try:
        recorded = _published(result, context.scratch / "incumbent", place_of(context.job, "/incumbent"))
    except ObjectStoreUnavailable:
        log.warning("incumbent.not_stored")
        return
    context.store_incumbent(recorded)


def _published(result: dict[str, Any], folder: Path, place: str) -> dict[str, Any]:
    """Bring result.json, and a large proof beside it, to the results bucket; what of it the record keeps."""
    folder.mkdir(exist_ok=True)
    proof, beside = inside_or_beside(result["proof"], folder)
    content = result_bytes({**result, "proof": proof})
    (folder / "result.json").write_bytes(content)
    files = {}
    for name in ("result_json", *["proof"] * beside):
        filename, content_type = FILES[name]
        files[name] = f"{place}/{filename}"
        objects.put_result(folder / filename, files[name], content_type)
    recorded = {**result, "proof": None, "files": files}
    if len(content) > LARGEST_RECORDED_BYTES:
        recorded |= {name: None for name in _BY_VARIABLE if name in recorded}
    return recorded
