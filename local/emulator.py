"""The AWS emulator's process: ministack, with two things put right that the platform depends on.

S3's events through EventBridge name the object's version, as AWS's do and this emulator's do not; and what functions
log is written out, so that it stands in the emulator's log file. Both hold on to inner names of ministack, which is
pinned to one version; tests of the platform fail if they move.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import eventbridge, s3

_version: ContextVar[str | None] = ContextVar("version", default=None)


def _name_versions() -> None:
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def fire_with_version(*args: Any, version_id: str | None = None, **named: Any) -> None:
        token = _version.set(version_id)
        try:
            fire(*args, version_id=version_id, **named)
        finally:
            _version.reset(token)

    def dispatch_with_version(event: dict[str, Any], *args: Any, **named: Any) -> Any:
        version = _version.get()
        if version is not None and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, *args, **named)

    s3._fire_s3_event = fire_with_version
    eventbridge._dispatch_event = dispatch_with_version


def _write_out_function_logs() -> None:
    def read_stderr(worker: Any) -> None:
        for line in worker._proc.stderr:
            worker._stderr_queue.put(line.rstrip("\n"))
            print(line, end="", flush=True)  # noqa: T201  # the log file is this process's standard output

    lambda_runtime.Worker._read_stderr = read_stderr


if __name__ == "__main__":
    _name_versions()
    _write_out_function_logs()
    app.main()
