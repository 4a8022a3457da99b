"""Chat completions, as OpenAI, Bedrock and many servers speak them: one request through the outbound client.

What comes back is read as data that may be anything. Of every failure it is told whether the endpoint may have done the
work, because then it is paid for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeGuard

import orjson

from networx.assistant_terms import AssistantTerms
from networx.errors import OutboundRefused, OutboundUnavailable
from networx.resilience.exchange import Answer, Call
from networx.resilience.http import Terms

Caller = Callable[[Call, Terms], Answer]

LARGEST_ANSWER_BYTES = 1024**2
_MOST_TOKENS = 10_000_000
# How the client's calls end that were never sent, or turned away before any work was done.
_NOT_DONE = frozenset(
    {"busy", "unreachable", "untrusted", "circuit_open", "slowed", "rate", "daily", "closed", "limited", "refused"}
) | {"forbidden_address"}
# Some endpoints write what the model thought before its answer.
_THOUGHTS = re.compile(r"\A\s*<(reasoning|think)>.*?</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: `system`, `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them; what it thought counts as written."""

    input: int
    output: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote. `usage` is None where the endpoint did not say."""

    text: str
    usage: Usage | None


class NoReply(Exception):
    """There is no answer to be had. `outcome` is a word for metrics; `done` says that work may have been done."""

    def __init__(self, reason: str, outcome: str, *, done: bool, usage: Usage | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.outcome = outcome
        self.done = done
        self.usage = usage


def complete(
    caller: Caller,
    terms: AssistantTerms,
    key: str,
    model: str,
    messages: Sequence[Message],
    *,
    most_tokens: int,
    total: timedelta,
) -> Reply:
    """What a model answers, in at most `most_tokens` and within `total`. Raises NoReply."""
    call = Call(
        "POST",
        f"{terms.url}/chat/completions",
        headers={"Authorization": f"Bearer {key}"},
        json={
            "model": model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            terms.answer_bound: most_tokens,
        },
    )
    try:
        answer = caller(call, Terms(total=total, silence=total, largest_bytes=LARGEST_ANSWER_BYTES))
    except (OutboundUnavailable, OutboundRefused) as fault:
        outcome = str(fault.facts.get("outcome", "failed"))
        raise NoReply(str(fault.facts["reason"]), outcome, done=outcome not in _NOT_DONE) from fault
    if answer.status >= 400:
        reason = f"its endpoint turned the request away (HTTP {answer.status})"
        raise NoReply(reason, "turned_away", done=False)
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise NoReply("what its endpoint answered is no JSON", "unreadable", done=True) from None
    usage = usage_of(said)
    return Reply(_text(said, usage), usage)


def usage_of(said: Any) -> Usage | None:
    """What the endpoint counted; None where it says nothing that can be."""
    counted = said.get("usage") if isinstance(said, dict) else None
    if not isinstance(counted, dict):
        return None
    read, written = counted.get("prompt_tokens"), counted.get("completion_tokens")
    if not (_is_count(read) and _is_count(written)) or read == 0:
        return None
    total = counted.get("total_tokens")
    # Whatever it counts beyond what was read was written, or thought.
    return Usage(read, max(written, total - read) if _is_count(total) else written)


def _text(said: Any, usage: Usage | None) -> str:
    try:
        choice = said["choices"][0]
        message = choice["message"]
        ended, content = choice.get("finish_reason"), message.get("content")
        refused = message.get("refusal")
    except (LookupError, TypeError, AttributeError):
        reason = "what its endpoint answered is no chat completion"
        raise NoReply(reason, "unreadable", done=True, usage=usage) from None
    if refused or ended == "content_filter":
        raise NoReply("the model declined to answer", "declined", done=True, usage=usage)
    if ended == "length":
        raise NoReply("the model's answer was cut off at its longest", "cut_off", done=True, usage=usage)
    text = _THOUGHTS.sub("", content).strip() if isinstance(content, str) else ""
    if not text:
        raise NoReply("the model answered nothing", "empty", done=True, usage=usage)
    return text


def _is_count(number: Any) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= _MOST_TOKENS


def most_input_tokens(messages: Sequence[Message]) -> int:
    """More than any tokenizer makes of the messages: no token is shorter than a byte, and templates add some."""
    return sum(len(message.content.encode()) + _OF_A_TURN for message in messages) + _OF_A_TEMPLATE


_OF_A_TURN = 16
_OF_A_TEMPLATE = 256
