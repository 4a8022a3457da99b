"""An alert reaches Slack as one message, and its webhook's address reaches nobody else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from networx.errors import ConfigurationError, SlackUnavailable
from networx.resilience import aws
from networx.work import notify
from networx.work.notify import Notification, text_of

ALARM = {
    "AlarmName": "NetWORX-HighQueueDepth",
    "AlarmDescription": "Runbook: docs/runbook/high-queue-depth.md",
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed: 2 datapoints were greater than the threshold (20.0).",
}


@dataclass
class Webhook:
    """A server in Slack's place: what it was sent, and what it answers with."""

    url: str = ""
    status: int = 200
    received: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    hook = Webhook()

    class Slack(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests' output is theirs."""

    server = HTTPServer(("127.0.0.1", 0), Slack)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    hook.url = f"http://127.0.0.1:{server.server_port}/services/T0/B0/sesame"
    yield hook
    server.shutdown()
    server.server_close()


@pytest.fixture
def configured(webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> Webhook:
    monkeypatch.setattr(notify.settings, "current", lambda: SimpleNamespace(stage="prod", slack_secret="networx/slack"))
    monkeypatch.setattr(aws, "secret", lambda name: {"networx/slack": {"url": webhook.url}}[name])
    return webhook


def record(message: str, subject: str | None = None) -> dict[str, Any]:
    return {"EventSource": "aws:sns", "Sns": {"Subject": subject, "Message": message}}


def test_an_alarm_is_posted_with_its_state_its_reason_and_its_runbook(configured: Webhook) -> None:
    notify.notify(Notification.from_record(record(json.dumps(ALARM), "ALARM: ...")))
    (said,) = configured.received
    first, second, third = said["text"].split("\n")
    assert first == ":red_circle: *prod* NetWORX-HighQueueDepth: ALARM"
    assert second == "Runbook: docs/runbook/high-queue-depth.md"
    assert third == f"_{ALARM['NewStateReason']}_"


def test_an_alarm_that_is_over_looks_different(configured: Webhook) -> None:
    over = text_of(Notification(None, json.dumps({**ALARM, "NewStateValue": "OK"})), "prod")
    assert over.startswith(":large_green_circle: *prod* NetWORX-HighQueueDepth: OK")


@pytest.mark.parametrize("message", ["A plain sentence", '["a list"]', '{"AlarmName": "half an alarm"}', "12"])
def test_what_is_no_alarm_is_passed_on_as_it_stands(message: str) -> None:
    assert text_of(Notification("A subject", message), "dev") == f"*dev* A subject\n{message}"


def test_a_notification_without_a_subject_has_a_heading_all_the_same() -> None:
    assert text_of(Notification(None, "Hello"), "dev") == "*dev* Notification\nHello"


def test_a_webhook_that_refuses_is_tried_again_and_its_address_stays_secret(configured: Webhook) -> None:
    configured.status = 403
    with pytest.raises(SlackUnavailable) as refused:
        notify.notify(Notification(None, "Hello"))
    assert "HTTP 403" in str(refused.value)
    assert refused.value.__cause__ is None
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/sesame", "no address, sesame"])
def test_a_webhook_that_cannot_be_reached_says_so_without_its_address(url: str) -> None:
    with pytest.raises(SlackUnavailable) as away:
        notify.post(url, "Hello")
    assert "sesame" not in str(away.value)


def test_without_a_webhook_the_installation_is_named_as_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify.settings, "current", lambda: SimpleNamespace(stage="prod", slack_secret=None))
    with pytest.raises(ConfigurationError, match="NETWORX_SLACK_SECRET is not set"):
        notify.notify(Notification(None, "Hello"))
