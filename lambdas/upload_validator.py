"""The function behind `upload-events`: each message is one EventBridge event of an object that was created."""

from __future__ import annotations

from typing import Any

import orjson

from lambdas import runtime
from networx.work.receive_upload import Arrival, receive


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take in each arrival; what failed is named, so that only it is delivered again."""
    runtime.prepare("upload-validator")
    return runtime.each_record(event, "upload-events", take_in)


def take_in(record: dict[str, Any]) -> None:
    """One message: one event."""
    receive(Arrival.from_event(orjson.loads(record["body"])))
