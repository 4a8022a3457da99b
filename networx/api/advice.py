"""What a person should do next about a job, by how it stands and what its error was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_AWAY = "{} was away for longer than the tries lasted. Once it answers again, redrive it."
_OURS = "That is a fault of ours: report it with the job's id. Redrive it when it is mended, not before."
_MEMBERS = "Look at the members that failed, each with its own story. A redrive of the batch starts those again."

# By the code of the error that ended the job. A test holds the table to the codes of the error tree.
ADVICE = {
    "INVALID_INPUT": "Mend in the data what the message names, and upload it again. A redrive would end the same.",
    "INVALID_MODEL": "Mend in the model what the message names, and send it again. A redrive would end the same.",
    "LIMIT_EXCEEDED": (
        "It needs more memory or time than it may have. Ask for less (fewer candidates or years, a shorter time limit) "
        "and run it again. A redrive helps only on a larger worker."
    ),
    "FILE_TOO_LARGE": "The data is too large for this kind of job: split it. A redrive would end the same.",
    "DATABASE_UNAVAILABLE": _AWAY.format("The database"),
    "DATABASE_BUSY": "The database had more to do than it could. Look at what else ran then, and redrive it.",
    "CIRCUIT_OPEN": _AWAY.format("A part that it needs"),
    "QUEUE_UNAVAILABLE": _AWAY.format("The queue"),
    "STORAGE_UNAVAILABLE": _AWAY.format("The file store"),
    "CACHE_UNAVAILABLE": _AWAY.format("The cache"),
    "SLACK_UNAVAILABLE": _AWAY.format("Slack"),
    "SOLVER_UNAVAILABLE": (
        "Solving processes were lost one after another, and their worker takes no jobs for a minute. Look at its "
        "memory, and redrive it."
    ),
    "ASSISTANT_UNAVAILABLE": _AWAY.format("The assistant"),
    "ASSISTANT_ANSWER_REFUSED": "What the assistant wrote did not agree with the result. Read the result itself.",
    "ASSISTANT_BUDGET_SPENT": "What the assistant may spend is spent. Ask again tomorrow, or have the limit raised.",
    "ASSISTANT_OFF": "There is no assistant on this platform. An operator can configure one.",
    "ASSISTANT_NOT_ALLOWED": "Your tenant does not let the assistant see this. Allow it first.",
    "CHILD_LOST": (
        "The process that did the work died: killed from outside (look at the machine's memory), or an error of ours "
        "(`child.failed` in the worker's log). Redrive it once; if it dies again, report it."
    ),
    "WORKER_LOST": (
        "Its workers were lost without a word. Look at what stopped them (memory, a deploy), then redrive it. If it is "
        "lost again, its data may bring the worker down: report it before the next redrive."
    ),
    "CERTIFICATE_FAILED": f"A wrong answer was found out and held back. {_OURS}",
    "SOLVER_FAULT": f"The solver contradicted itself, and its answer was held back. {_OURS}",
    "NOT_FOUND": "Something that it needs is gone. Run it anew from data that is there.",
    "CONFLICT": "Something else changed what it worked on. Redrive it.",
    "MISCONFIGURED": "The installation is wrong. Once it is mended, redrive it.",
    "INTERNAL_ERROR": _OURS,
    "MEMBERS_FAILED": _MEMBERS,
}


def next_steps(shown: Mapping[str, Any], data: Mapping[str, Any] | None) -> list[str]:
    """What to do next, in sentences; nothing where all is well. `shown` is the job's JSON, `data` what it read."""
    command = f"networx redrive {shown['id']}"
    if shown["status"] in {"failed", "dead"}:
        code = (shown["error"] or {}).get("code", "INTERNAL_ERROR")
        advice = ADVICE.get(code, ADVICE["INTERNAL_ERROR"])
        return [f"What to do: {advice}", f"To redrive it: {command}"]
    if shown["failed_members"]:
        return [f"What to do: {_MEMBERS}", f"To redrive them: {command}"]
    if shown["status"] == "queued" and shown["paused"] is not None:
        pause = shown["paused"]
        return [f"It goes on by itself after: networx resume {pause['scope']} {pause['name']}"]
    if data is not None and data["upload_status"] == "rejected":
        return [f"What to do: mend the file ({data['problem_count']:,} found wrong) and upload it again."]
    return []
