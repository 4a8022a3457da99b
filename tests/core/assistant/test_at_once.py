"""Two hundred calls at once from four processes, with room for a part of them: never one token or cent too many."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from networx.assistant import ledger
from networx.assistant.budget import Period
from networx.assistant.chat import most_input_tokens
from networx.assistant_terms import Budget
from networx.db import pool
from networx.errors import AssistantBudgetSpent
from tests.conftest import Record
from tests.core.assistant.caller import MESSAGES, MOST_TOKENS
from tests.core.assistant.conftest import calls
from tests.core.assistant.endpoint import CHEAPER, KEY, MODEL, PRICES, Endpoint, completion, endpoint

ROOT = Path(__file__).parents[3]
PROCESSES, CALLS = 4, 50
HELD = most_input_tokens(MESSAGES) + MOST_TOKENS
# Room for forty calls by what each holds; however quickly they are settled, for fewer than eighty by what each uses.
DAILY_TOKENS = 40 * HELD
PATIENCE_SECONDS = 120


class Meter:
    """An endpoint that uses nearly all it is allowed to, and keeps its own account of it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.tokens = self.answered = self.unsaid = 0
        self.dollars = Decimal(0)

    def say(self, body: dict[str, Any]) -> Any:
        read = len(body["messages"][0]["content"].encode())
        written = body["max_completion_tokens"]
        with self._lock:
            self.answered += 1
            if self.answered % 7 == 0:
                self.unsaid += 1
                return "500 Internal Server Error", b"{}"
            self.tokens += read + written
            self.dollars += PRICES[body["model"]].dollars(read, written)
        return completion("Seven.", read=read, written=written)


@pytest.fixture
def secret(aws) -> str:
    name = "networx/assistant-at-once"
    aws.secrets.create_secret(Name=name, SecretString=json.dumps({"key": KEY}))
    return name


def environment(record: Record, made: Endpoint, secret: str) -> dict[str, str]:
    prices = {name: {"input": str(price.input), "output": str(price.output)} for name, price in PRICES.items()}
    return {
        **record.environment,
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "NETWORX_OUTBOUND_PRIVATE_HOSTS": f"127.0.0.1:{made.server.port}",
        "NETWORX_ASSISTANT_URL": made.url,
        "NETWORX_ASSISTANT_SECRET": secret,
        "NETWORX_ASSISTANT_MODEL": MODEL,
        "NETWORX_ASSISTANT_CHEAPER_MODEL": CHEAPER,
        "NETWORX_ASSISTANT_PRICES": json.dumps(prices),
        "OPENAI_DAILY_TOKEN_LIMIT": str(DAILY_TOKENS),
    }


def ended(process: subprocess.Popen[str]) -> Counter[str]:
    _, said = process.communicate("go\n", timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said
    return Counter(line.removeprefix("ended ") for line in said.splitlines() if line.startswith("ended "))


def test_two_hundred_calls_of_four_processes_stay_within_the_budget(whole_budget, secret):
    meter = Meter()
    with endpoint(meter.say) as made:
        command = [sys.executable, "-m", "tests.core.assistant.caller", str(whole_budget.tenant_id), str(CALLS)]
        processes = [
            subprocess.Popen(
                command,
                env=environment(whole_budget, made, secret),
                cwd=ROOT,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for _ in range(PROCESSES)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        with ThreadPoolExecutor(PROCESSES) as threads:
            outcomes = sum(threads.map(ended, processes), Counter())
    made_calls = calls()
    statuses = Counter(call["status"] for call in made_calls)

    # Every call ended in a way that was meant, and many found no room.
    assert outcomes.total() == PROCESSES * CALLS
    assert set(outcomes) <= {"answered", "ASSISTANT_BUDGET_SPENT", "ASSISTANT_UNAVAILABLE"}
    assert outcomes["ASSISTANT_BUDGET_SPENT"] >= 100
    assert outcomes["answered"] == statuses["spent"] == meter.answered - meter.unsaid
    # None is left open, and what did not say what it took is taken in full.
    assert set(statuses) <= {"spent", "in_full", "unspent"}
    assert statuses["in_full"] == meter.unsaid

    with pool.system() as connection:
        so_far = ledger.standings(connection)
    for period in Period:
        spent = so_far[period]
        assert (spent.held_tokens, spent.held_dollars) == (0, 0)
        assert spent.spent_tokens == sum(call["tokens"] for call in made_calls)
        assert spent.spent_dollars == sum(call["dollars"] for call in made_calls)
        assert spent.spent_tokens <= DAILY_TOKENS
    # The endpoint's own account says the same.
    counted = [call for call in made_calls if call["status"] == "spent"]
    assert sum(call["tokens"] for call in counted) == meter.tokens
    assert sum(call["dollars"] for call in counted) == meter.dollars
    # Near the limit the cheaper model was asked.
    assert {call["model"] for call in made_calls} == {MODEL, CHEAPER}


def test_room_for_one_is_taken_by_one(about):
    """Many threads, and room for exactly one call of them: nobody else is let in, not even for an instant."""
    with endpoint(lambda body: completion("Yes.")) as made:
        terms = made.terms(daily=Budget(HELD, Decimal(10)))
        assistant = made.assistant(terms)

        def one(_: int) -> bool:
            try:
                assistant.ask(about, MESSAGES, most_tokens=MOST_TOKENS, total=timedelta(seconds=30))
            except AssistantBudgetSpent:
                return False
            return True

        with ThreadPoolExecutor(20) as threads:
            assert sum(threads.map(one, range(20))) == 1
        assert len(made.asked) == 1
