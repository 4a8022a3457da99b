"""An endpoint on loopback that speaks chat completions, in the shapes that the public references show."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from networx.assistant.asking import Assistant
from networx.assistant_terms import AssistantTerms, Budget, Price
from networx.resilience.addresses import AddressRule
from networx.resilience.http import OutboundClient
from networx.resilience.limits import InProcess
from networx.settings import Address
from tests.core.resilience.hostile import Conversation, Server, serving

MODEL, CHEAPER = "large-model", "small-model"
PRICES = {MODEL: Price(Decimal("2.5"), Decimal(10)), CHEAPER: Price(Decimal("0.15"), Decimal("0.6"))}
KEY = "a-key-that-nobody-may-read"
DAILY = Budget(100_000, Decimal(10))
Say = Callable[[dict[str, Any]], Any]


def completion(text: str | None, *, read: int = 120, written: int = 30, **changes: Any) -> dict[str, Any]:
    """An answer as OpenAI's reference shows it; `changes` replace members of the choice."""
    message = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop", **changes}
    return {
        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
        "object": "chat.completion",
        "created": 1741569952,
        "model": f"{MODEL}-2026-01-01",
        "choices": [choice],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
    }


class Endpoint:
    """What a server was asked, and an assistant that asks it."""

    def __init__(self, server: Server, client: OutboundClient) -> None:
        self.server = server
        self.client = client
        self.url = f"http://127.0.0.1:{server.port}/v1"

    @property
    def asked(self) -> list[dict[str, Any]]:
        return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in list(self.server.requests)]

    @property
    def heard(self) -> str:
        """Every byte that it was sent."""
        return b"".join(self.server.requests).decode()

    def terms(
        self,
        *,
        daily: Budget = DAILY,
        cheaper: str | None = None,
    ) -> AssistantTerms:
        return AssistantTerms(self.url, "networx/assistant", MODEL, PRICES, cheaper_model=cheaper, daily=daily)

    def assistant(self, terms: AssistantTerms | None = None, at_once: int = 50) -> Assistant:
        return Assistant(terms or self.terms(), self.client.call, lambda: KEY, at_once)


@contextmanager
def endpoint(say: Say) -> Iterator[Endpoint]:
    """A server that answers each request by a function of its body: JSON, or (status line, content, headers ...)."""

    def behave(conversation: Conversation) -> None:
        while request := conversation.request():
            said = say(json.loads(request.partition(b"\r\n\r\n")[2]))
            status, content, *headers = said if isinstance(said, tuple) else ("200 OK", said)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            conversation.answer(body, status, *headers)

    with talking(behave) as made:
        yield made


@contextmanager
def talking(behave: Callable[[Conversation], None]) -> Iterator[Endpoint]:
    """A server that behaves as it likes; the only one that its client may call."""
    with serving(behave) as server:
        rule = AddressRule(frozenset({Address("127.0.0.1", server.port)}))
        client = OutboundClient(rule, limiter=InProcess(lambda: 0), sleep=lambda _seconds: None)
        try:
            yield Endpoint(server, client)
        finally:
            client.close()
