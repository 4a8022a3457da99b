"""`networx run` for a model of one's own: sent as a client would send it, and solved by the platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.attached import Attached
from cli.model_names import JSON, model_suffix
from cli.run import ended_with_result, taken_in
from cli.terminal import CommandFailed, Exit
from cli.watching import Watching
from networx.domain.json_text import parsed_json
from networx.domain.phrases import counted
from networx.results.wording import file_size
from networx.topology import TOPOLOGY


def run_model(attached: Attached, file: Path, watching: Watching) -> dict[str, Any]:
    """The job, ended with a result: JSON goes in the body of the request, MPS and LP as an upload.

    Raises RefusedInput for what is no JSON, CommandFailed for what was refused and for a job without a result.
    """
    if model_suffix(file) == JSON:
        model = _json(file)
    else:
        upload = taken_in(attached, file, watching)
        model = {"upload_id": upload["upload_id"]}
        counts = ", ".join(counted(count, name.removesuffix("s")) for name, count in upload["counts"].items())
        watching.done("loading", "ready", counts)
    submitted = attached.client.post("/api/optimize/run-batch", {"model": model})
    return ended_with_result(attached.client, submitted["job_id"], watching)


def _json(file: Path) -> Any:
    most = TOPOLOGY.limits.body_bytes
    if file.stat().st_size > most:
        said = f"{file.name} is larger than the {file_size(most)} that a request may have; send the model as MPS or LP"
        raise CommandFailed(f"{said}, or use `networx solve`.", Exit.REFUSED)
    return parsed_json(file.read_bytes())
