"""The function behind the notice topic: each record is one notification of SNS."""

from __future__ import annotations

from typing import Any

from lambdas import runtime
from networx.work.notify import Notification, notify


def handler(event: dict[str, Any], context: Any) -> None:
    """Post each notification; a fault raises, and SNS tries again."""
    runtime.prepare("slack-notifier")
    for record in event["Records"]:
        notify(Notification.from_record(record))
