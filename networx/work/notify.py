"""An alert for people who read Slack: what CloudWatch says of an alarm, as one short message with its way out.

Run by the slack-notifier function for each notification of the notice topic. The webhook's address is a secret; what
is no alarm (a test, a budget's warning) is passed on as it stands.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import orjson

from networx import settings
from networx.errors import ConfigurationError, SlackUnavailable
from networx.observability.logs import Log
from networx.resilience import aws

log = Log(__name__)

TIMEOUT_SECONDS = 10
_MARKS = {"ALARM": ":red_circle:", "OK": ":large_green_circle:", "INSUFFICIENT_DATA": ":white_circle:"}


@dataclass(frozen=True, slots=True)
class Notification:
    """What SNS hands over: a subject, which may be missing, and a text or the JSON of an alarm."""

    subject: str | None
    message: str

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Notification:
        return cls(record["Sns"].get("Subject"), record["Sns"]["Message"])


def text_of(notification: Notification, stage: str) -> str:
    """The message's text in Slack's markup."""
    alarm = _alarm_in(notification.message)
    if alarm is None:
        return f"*{stage}* {notification.subject or 'Notification'}\n{notification.message}"
    state = alarm["NewStateValue"]
    lines = [
        f"{_MARKS.get(state, '')} *{stage}* {alarm['AlarmName']}: {state}",
        alarm.get("AlarmDescription") or "",
        f"_{alarm['NewStateReason']}_",
    ]
    return "\n".join(line for line in lines if line)


def _alarm_in(message: str) -> dict[str, Any] | None:
    try:
        found = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    stated = isinstance(found, dict) and {"AlarmName", "NewStateValue", "NewStateReason"} <= set(found)
    return found if stated else None


def notify(notification: Notification) -> None:
    """Post one notification. Raises SlackUnavailable, after which SNS has the function try again."""
    configured = settings.current()
    if configured.slack_secret is None:
        raise ConfigurationError(what="NETWORX_SLACK_SECRET is not set: name the secret that holds the webhook's url")
    post(aws.secret(configured.slack_secret)["url"], text_of(notification, configured.stage))
    log.info("alert.posted", subject=notification.subject)


def post(url: str, text: str) -> None:
    """Send one text to a webhook. Raises SlackUnavailable; the address, a secret, stands in no message."""
    try:
        request = urllib.request.Request(  # noqa: S310  # the address is a secret that operators set
            url, data=orjson.dumps({"text": text}), headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
            return
    except urllib.error.HTTPError as fault:
        raise SlackUnavailable(how=f"HTTP {fault.code}") from None
    except (OSError, ValueError) as fault:
        raise SlackUnavailable(how=type(fault).__name__) from None
