"""A process of its own that asks the assistant from many threads at once, and says how each call ended.

    python -m tests.core.assistant.caller TENANT CALLS

Configured by its environment alone, as a web process is. It waits for a line on stdin, so that all processes begin
together; each call is one word on stdout: `answered`, or the code of its refusal.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

from networx import settings
from networx.assistant import asking
from networx.assistant.asking import Assistant
from networx.assistant.chat import Message
from networx.assistant.ledger import About
from networx.db import pool
from networx.errors import NetworxError
from networx.resilience.http import close_outbound

MOST_TOKENS = 150
MESSAGES = [Message("user", "How many roads must a man walk down? " * 4)]


def main(tenant_id: UUID, calls: int) -> None:
    pool.limit_connections(10)
    terms = settings.current().assistant
    assert terms is not None
    # The process's own assistant lets four through at once; here as many as there are.
    assistant = Assistant(terms, asking._call, asking.assistant()._key, at_once=calls)
    with pool.system() as connection:
        connection.execute("SELECT 1")

    def one(number: int) -> str:
        about = About(tenant_id, "summary", uuid4(), f"call {number}")
        try:
            assistant.ask(about, MESSAGES, most_tokens=MOST_TOKENS, total=timedelta(seconds=60))
        except NetworxError as fault:
            return fault.code
        return "answered"

    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(calls) as threads:
        words = list(threads.map(one, range(calls)))
    sys.stderr.write("\n".join(f"ended {word}" for word in words) + "\n")
    close_outbound()
    pool.close_pools()


if __name__ == "__main__":
    main(UUID(sys.argv[1]), int(sys.argv[2]))
