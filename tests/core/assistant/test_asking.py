"""One call and its account, over real sockets: endpoints that are slow, broken, full of themselves, or silent."""

from __future__ import annotations

import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from networx.assistant.asking import Assistant, Written
from networx.assistant.chat import Message, most_input_tokens
from networx.assistant.ledger import About
from networx.assistant_terms import Budget
from networx.errors import AssistantBudgetSpent, AssistantUnavailable
from networx.resilience.addresses import AddressRule
from networx.resilience.http import OutboundClient
from tests.core.assistant.conftest import calls
from tests.core.assistant.endpoint import CHEAPER, KEY, MODEL, Endpoint, completion, endpoint, talking

MESSAGES = [Message("system", "Be brief."), Message("user", "How far is the moon?")]
MOST = 200
HELD = most_input_tokens(MESSAGES) + MOST


def ask(assistant: Assistant, about: About, total: float = 30) -> Written:
    return assistant.ask(about, MESSAGES, most_tokens=MOST, total=timedelta(seconds=total))


def refused(made: Endpoint, about: About, total: float = 30) -> str:
    with pytest.raises(AssistantUnavailable) as fault:
        ask(made.assistant(), about, total)
    return str(fault.value.facts["reason"])


def account() -> tuple[str, str, int]:
    """How the only call ended: its status, its outcome and what it took."""
    (call,) = calls()
    return call["status"], call["outcome"], call["tokens"]


def test_a_model_is_asked_as_the_reference_says_and_paid_for_as_it_counted(about):
    with endpoint(lambda body: completion("Far.")) as made:
        assert ask(made.assistant(), about) == Written("Far.", MODEL)
        (body,) = made.asked
        head = made.server.requests[0].partition(b"\r\n\r\n")[0].decode()
    assert body == {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "How far is the moon?"},
        ],
        "max_completion_tokens": MOST,
    }
    assert head.startswith("POST /v1/chat/completions HTTP/1.1")
    assert f"Authorization: Bearer {KEY}" in head
    assert account() == ("spent", "answered", 150)
    assert calls()[0]["dollars"] == Decimal("0.0006")


def test_what_is_held_is_more_than_any_tokenizer_makes_of_the_words():
    words = "Ein Löwe \N{LION FACE} 狮子"
    assert most_input_tokens([Message("user", words)]) > len(words.encode())


@pytest.mark.parametrize("word", ["reasoning", "think"])
def test_what_the_model_thought_is_left_out(about, word):
    with endpoint(lambda body: completion(f"<{word}>It is\nfar.</{word}>\nFar.")) as made:
        assert ask(made.assistant(), about).text == "Far."


def test_thoughts_that_are_counted_apart_are_paid_for(about):
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 90}
    with endpoint(lambda body: completion("Far.") | {"usage": usage}) as made:
        ask(made.assistant(), about)
    assert account() == ("spent", "answered", 90)


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"prompt_tokens": 5}, {"prompt_tokens": -5, "completion_tokens": 2}, [5, 2], 7,
     {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": "5", "completion_tokens": "2"},
     {"prompt_tokens": True, "completion_tokens": True}],
)  # fmt: skip
def test_an_answer_that_does_not_say_what_it_took_is_paid_for_in_full(about, usage):
    with endpoint(lambda body: completion("Far.") | {"usage": usage}) as made:
        assert ask(made.assistant(), about).text == "Far."
    assert account() == ("in_full", "answered", HELD)


@pytest.mark.parametrize(
    ("answer", "said", "outcome"),
    [
        (b"", "is no JSON", "unreadable"),
        (b"<html>a proxy</html>", "is no JSON", "unreadable"),
        (b"[" * 100_000, "is no JSON", "unreadable"),
        ([], "is no chat completion", "unreadable"),
        ({"choices": []}, "is no chat completion", "unreadable"),
        ({"choices": [{"message": "Far."}]}, "is no chat completion", "unreadable"),
        ({"error": {"message": "later"}}, "is no chat completion", "unreadable"),
    ],
)
def test_an_answer_that_is_none_is_paid_for_in_full(about, answer, said, outcome):
    with endpoint(lambda body: answer) as made:
        assert said in refused(made, about)
    assert account() == ("in_full", outcome, HELD)


@pytest.mark.parametrize(
    ("answer", "said", "outcome"),
    [
        (completion(None), "the model answered nothing", "empty"),
        (completion("  \n"), "the model answered nothing", "empty"),
        (completion("It is", finish_reason="length"), "cut off", "cut_off"),
        (completion(None, finish_reason="content_filter"), "declined", "declined"),
        (completion(None, message={"content": None, "refusal": "I cannot."}), "declined", "declined"),
        (completion(None, message={"role": "assistant", "tool_calls": [{}]}), "answered nothing", "empty"),
    ],
)  # fmt: skip
def test_an_answer_of_no_use_is_paid_for_as_it_was_counted(about, answer, said, outcome):
    with endpoint(lambda body: answer) as made:
        assert said in refused(made, about)
    assert account() == ("spent", outcome, 150)


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found"])
def test_a_request_that_is_turned_away_costs_nothing(about, status):
    error = {"error": {"message": f"Incorrect API key provided: {KEY}.", "code": "invalid_api_key"}}
    with endpoint(lambda body: (status, error)) as made:
        said = refused(made, about)
    assert status[:3] in said
    assert KEY not in said
    assert account() == ("unspent", "turned_away", 0)


def test_an_endpoint_that_asks_for_fewer_requests_is_asked_again_and_then_left(about):
    with endpoint(lambda body: ("429 Too Many Requests", {"error": {}}, "Retry-After: 1")) as made:
        assert "fewer requests" in refused(made, about)
        assert len(made.asked) > 1
    assert account() == ("unspent", "limited", 0)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"])
def test_an_endpoint_that_breaks_is_asked_once_and_may_have_done_the_work(about, status):
    with endpoint(lambda body: (status, b"oops")) as made:
        assert status[:3] in refused(made, about)
        assert len(made.asked) == 1
    assert account() == ("in_full", "failed", HELD)


def test_an_endpoint_that_never_answers_is_given_up_when_the_time_is_over(about):
    def silent(conversation: Any) -> None:
        conversation.request()
        conversation.server.stopping.wait(60)

    with talking(silent) as made:
        assert "did not answer in time" in refused(made, about, total=0.5)
    assert account() == ("in_full", "timeout", HELD)


def test_an_answer_that_drips_is_given_up_when_the_time_is_over(about):
    def drip(conversation: Any) -> None:
        conversation.request()
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while not conversation.server.stopping.wait(0.05):
            conversation.send(b" ")

    with talking(drip) as made:
        assert "did not end in time" in refused(made, about, total=0.5)
    assert account() == ("in_full", "timeout", HELD)


def test_an_endless_answer_is_not_read(about):
    with endpoint(lambda body: b" " * (1024**2 + 1)) as made:
        assert "longer than" in refused(made, about)
    assert account() == ("in_full", "too_large", HELD)


def test_a_redirect_is_not_followed_and_takes_the_key_nowhere(about):
    with endpoint(lambda body: ("307 Temporary Redirect", b"", "Location: http://169.254.169.254/v1")) as made:
        assert "sends elsewhere" in refused(made, about)
    assert account() == ("in_full", "redirected", HELD)


def test_an_endpoint_that_is_not_there_costs_nothing(about):
    with endpoint(lambda body: completion("Far.")) as made:
        made.server.close()
        assert "no connection came about" in refused(made, about)
    assert account() == ("unspent", "unreachable", 0)


def test_an_address_within_our_own_network_is_called_only_if_an_operator_named_it(about):
    with endpoint(lambda body: completion("Far.")) as made:
        client = OutboundClient(AddressRule())
        assistant = Assistant(made.terms(), client.call, lambda: KEY)
        with pytest.raises(AssistantUnavailable, match="without encryption, which only named hosts may be"):
            ask(assistant, about)
        assert made.asked == []
        client.close()
    assert account() == ("unspent", "refused", 0)


def test_a_fault_of_ours_is_paid_for_in_full(about):
    def broken(call: Any, terms: Any) -> Any:
        raise RuntimeError("ours")

    with endpoint(lambda body: completion("Far.")) as made:
        with pytest.raises(RuntimeError):
            ask(Assistant(made.terms(), broken, lambda: KEY), about)
    assert account() == ("in_full", "broken", HELD)


def test_a_key_that_cannot_be_read_holds_nothing(about):
    def missing() -> str:
        raise AssistantUnavailable(reason="the secret with its key cannot be read")

    with endpoint(lambda body: completion("Far.")) as made:
        with pytest.raises(AssistantUnavailable, match="secret"):
            ask(Assistant(made.terms(), made.client.call, missing), about)
        assert made.asked == []
    assert calls() == []


def test_without_room_nobody_is_asked(about):
    with endpoint(lambda body: completion("Far.")) as made:
        terms = made.terms(daily=Budget(HELD - 1, Decimal(10)))
        with pytest.raises(AssistantBudgetSpent):
            ask(made.assistant(terms), about)
        assert made.asked == []


def test_near_the_limit_the_cheaper_model_is_asked_and_paid_for_at_its_price(about):
    with endpoint(lambda body: completion("Far.")) as made:
        terms = made.terms(daily=Budget(HELD, Decimal(10)), cheaper=CHEAPER)
        assert ask(made.assistant(terms), about).model == CHEAPER
        assert [body["model"] for body in made.asked] == [CHEAPER]
    assert calls()[0]["dollars"] == Decimal("0.000036")


def test_whoever_comes_when_all_places_are_taken_is_told_so(about):
    with endpoint(lambda body: completion("Far.")) as made:
        assistant = made.assistant(at_once=1)
        assistant._places.acquire()
        with pytest.raises(AssistantUnavailable, match="it is answering others"):
            ask(assistant, about)
        assistant._places.release()
        assert ask(assistant, about).text == "Far."
        assert ask(assistant, about).text == "Far."


def test_neither_the_key_nor_what_was_said_stands_in_the_log(about, caplog):
    with endpoint(lambda body: completion("Far.")) as made, caplog.at_level(logging.DEBUG):
        ask(made.assistant(), about)
    lines = [f"{record.getMessage()} {getattr(record, 'fields', '')}" for record in caplog.records]
    assert any("assistant.settled" in line for line in lines)
    assert not [line for line in lines if KEY in line or "moon" in line or "Far." in line]
