"""The AWS emulator's process: ministack, with three things put right that the platform depends on.

S3's events through EventBridge name the object's version, as AWS's do and this emulator's do not; a range of a named
version is that range and not the whole object; and what functions log is written out, so that it stands in the
emulator's log file. With `--keep-versions`, for a restore, an object may bring the version that it had, as replication
does in S3. All hold on to inner names of ministack. It is therefore pinned to one version, and on any other, or where a
name has gone, this process says so and does not start.
"""

from __future__ import annotations

import json
import sys
from contextvars import ContextVar
from importlib.metadata import version
from pkgutil import resolve_name
from typing import Any

PINNED = "1.5.33"
# What is wrapped or called below.
INNER_NAMES = (
    "ministack.app:main",
    "ministack.core.lambda_runtime:Worker._read_stderr",
    "ministack.services.eventbridge:_dispatch_event",
    "ministack.services.s3:_fire_s3_event",
    "ministack.services.s3:_get_object",
    "ministack.services.s3:_parse_range",
    "ministack.services.s3:_record_object_version",
    "ministack.services.s3:new_uuid",
)

# An object's own metadata that names the version it had; it is not kept.
BROUGHT_VERSION = "networx-version"
KEEP_VERSIONS = "--keep-versions"

_version: ContextVar[str | None] = ContextVar("version", default=None)


def unfit(installed: str) -> str | None:
    """Why this ministack cannot be wrapped, and what to do; None where it can."""
    found = [f"its version is {installed}"] if installed != PINNED else []
    gone = [name for name in INNER_NAMES if not _stands(name)]
    found += [f"it lacks {', '.join(gone)}"] if gone else []
    if not found:
        return None
    return (
        f"The AWS emulator does not start: local/emulator.py holds on to inner names of ministack {PINNED}, but "
        f"{' and '.join(found)}. Install what requirements/runtime.txt pins (ministack=={PINNED})."
    )


def _stands(name: str) -> bool:
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def _name_versions() -> None:
    from ministack.services import eventbridge, s3

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


def _cut_ranges_of_versions() -> None:
    from ministack.services import s3

    get = s3._get_object

    def get_range(bucket: str, key: str, headers: dict[str, str], query: Any = None) -> tuple[int, Any, bytes]:
        status, answered, body = get(bucket, key, headers, query)
        asked = headers.get("range", "")
        cut = s3._parse_range(asked, len(body)) if status == 200 and asked else None
        if cut is None:
            return status, answered, body
        first, last = cut
        piece = body[first : last + 1]
        span = {"Content-Length": str(len(piece)), "Content-Range": f"bytes {first}-{last}/{len(body)}"}
        return 206, {**answered, **span}, piece

    s3._get_object = get_range


def _keep_versions() -> None:
    from ministack.services import s3

    record, make = s3._record_object_version, s3.new_uuid
    brought: ContextVar[str | None] = ContextVar("brought", default=None)

    def record_as_brought(bucket: str, key: str, before: Any, obj: dict[str, Any], data: Any) -> Any:
        token = brought.set(obj["metadata"].pop(f"x-amz-meta-{BROUGHT_VERSION}", None))
        try:
            return record(bucket, key, before, obj, data)
        finally:
            brought.reset(token)

    s3._record_object_version = record_as_brought
    s3.new_uuid = lambda: brought.get() or make()


def _write_out_function_logs() -> None:
    from ministack.core import lambda_runtime

    def read_stderr(worker: Any) -> None:
        for line in worker._proc.stderr:
            worker._stderr_queue.put(line.rstrip("\n"))
            print(line, end="", flush=True)  # noqa: T201  # the log file is this process's standard output

    lambda_runtime.Worker._read_stderr = read_stderr


def main() -> None:
    """Serve until stopped; a ministack that cannot be wrapped ends the process with code 1 and the reason."""
    reason = unfit(version("ministack"))
    if reason is not None:
        sys.exit(reason)
    _name_versions()
    _cut_ranges_of_versions()
    _write_out_function_logs()
    if KEEP_VERSIONS in sys.argv:
        # Ministack reads the arguments too.
        sys.argv.remove(KEEP_VERSIONS)
        _keep_versions()
    from ministack import app

    app.main()


if __name__ == "__main__":
    main()
