"""The one client for calls to hosts outside: everything that NetWORX asks of another company's server goes through it.

    admit (breaker, pace, rate, day) -> exchange (exchange.py) -> Answer
      ^--- waits with jitter, or as long as the server asked, while the call's time lasts ---|

A call ends within its time, whatever the server does. Repetitions stand in retries.py.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from networx import settings
from networx.errors import OutboundRefused, OutboundUnavailable
from networx.observability import metrics
from networx.observability.logs import Log
from networx.resilience.addresses import AddressRule
from networx.resilience.breaker import CIRCUIT_OPEN, Breaker, State
from networx.resilience.exchange import PHASES, Answer, Away, Call, Exchanges, Failed, masked, shown_host
from networx.resilience.limits import Limit, Limiter
from networx.resilience.pace import Pace
from networx.resilience.retries import Backoff, wait_before_retry
from networx.resilience.wire import Deadline, Resolver, look_up
from networx.topology import TOPOLOGY

log = Log(__name__)

_MOST_HOSTS = 256


@dataclass(frozen=True, slots=True)
class Terms:
    """What is kept to with one host. `rate` and `daily` are counted together by all processes.

    `silence` is how long it may say nothing; who thinks before it answers needs more than the usual ten seconds.
    """

    rate: Limit | None = None
    daily: Limit | None = None
    total: timedelta = timedelta(seconds=30)
    silence: timedelta = timedelta(seconds=PHASES["read"])
    largest_bytes: int = 8 * 1024**2
    backoff: Backoff = field(default_factory=Backoff)


@dataclass(frozen=True, slots=True)
class _Host:
    name: str
    breaker: Breaker
    pace: Pace


class OutboundClient:
    """Keeps connections to many hosts. Used by any number of threads; `close` ends it."""

    def __init__(
        self,
        rule: AddressRule,
        *,
        authorities: Path | None = None,
        proxy: str | None = None,
        limiter: Limiter | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        resolver: Resolver = look_up,
    ) -> None:
        self._exchanges = Exchanges(rule, authorities=authorities, proxy=proxy, resolver=resolver)
        self._limiter = limiter or Limiter()
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()
        self._closed = False

    def call(self, call: Call, terms: Terms = Terms()) -> Answer:
        """Make a call, again where that is safe and there is time. What a 4xx means is for the caller.

        Raises OutboundUnavailable where the host does not answer or must not be asked now, and OutboundRefused for an
        address, a redirect or an answer that is not to be taken.
        """
        request = self._exchanges.prepared(call, terms.silence)
        host = self._host(shown_host(request.url))
        deadline = Deadline(terms.total.total_seconds(), self._clock)
        attempt = 0
        while True:
            attempt += 1
            began = self._clock()
            try:
                answer = self._attempt(request, host, terms, deadline)
            except Failed as failed:
                self._note(call, request, host, failed.outcome, attempt, began, reason=failed.reason)
                wait = wait_before_retry(
                    failed.failure,
                    attempt=attempt,
                    repeatable=call.may_be_repeated,
                    left_seconds=deadline.left,
                    backoff=terms.backoff,
                    chance=self._chance,
                )
                if wait is None:
                    raise OutboundUnavailable(
                        host.name,
                        failed.reason,
                        outcome=failed.outcome,
                        attempts=attempt,
                        retry_after_seconds=failed.failure.asked_seconds,
                    ) from failed
                self._sleep(wait)
            except (OutboundRefused, OutboundUnavailable) as refusal:
                outcome = str(refusal.facts.get("outcome", "refused"))
                self._note(call, request, host, outcome, attempt, began, reason=str(refusal.facts.get("reason")))
                raise
            else:
                outcome = "answered" if answer.status < 400 else "rejected"
                self._note(call, request, host, outcome, attempt, began, status=answer.status)
                return answer

    def states(self) -> dict[str, State]:
        """How the breaker of each host stands that was called by this process."""
        with self._lock:
            hosts = list(self._hosts.values())
        return {host.name: host.breaker.state for host in hosts}

    def close(self) -> None:
        """End the connections that are free. A call under way ends with its own time at the latest, none begins."""
        with self._lock:
            self._closed = True
        self._exchanges.close()

    def _host(self, name: str) -> _Host:
        with self._lock:
            if self._closed:
                raise OutboundUnavailable(name, "the client is closed", outcome="closed")
            if name not in self._hosts:
                if len(self._hosts) >= _MOST_HOSTS:
                    del self._hosts[next(iter(self._hosts))]
                circuit = replace(TOPOLOGY.circuit("host"), name=name)
                breaker = Breaker(circuit, OutboundUnavailable, clock=self._clock)
                self._hosts[name] = _Host(name, breaker, Pace(self._clock))
            return self._hosts[name]

    def _attempt(self, request: httpx.Request, host: _Host, terms: Terms, deadline: Deadline) -> Answer:
        if self._closed:
            raise OutboundUnavailable(host.name, "the client is closed", outcome="closed")
        try:
            if host.breaker.state is not State.OPEN:  # a refused call takes none of the requests that are allowed
                self._wait_for_a_place(host, terms, deadline)
            with host.breaker.guarding(Away):
                answer = self._exchanges.exchange(request, terms.largest_bytes, deadline)
        except Failed as failed:
            if failed.outcome in {"limited", "failed"}:
                host.pace.struggled(failed.failure.asked_seconds)
            raise
        except OutboundUnavailable as refusal:
            if refusal.code != CIRCUIT_OPEN:
                raise
            raise OutboundUnavailable(
                host.name,
                "it failed again and again, and is left alone for a while",
                code=CIRCUIT_OPEN,
                outcome="circuit_open",
                retry_after_seconds=refusal.facts["retry_after_seconds"],
            ) from None
        host.pace.answered()
        return answer

    def _wait_for_a_place(self, host: _Host, terms: Terms, deadline: Deadline) -> None:
        """Until the host's pace, rate and day allow another request. Raises OutboundUnavailable if that takes long."""
        may, wait = host.pace.reserve(deadline.left)
        if not may:
            raise OutboundUnavailable(
                host.name, "it asked for fewer requests", outcome="slowed", retry_after_seconds=wait
            )
        if wait > 0:
            self._sleep(wait)
        while terms.rate is not None:
            verdict = self._limiter.take(terms.rate, host.name)
            if verdict.admitted:
                break
            wait = max(verdict.retry_after_seconds, 1)
            if wait >= deadline.left:
                raise OutboundUnavailable(
                    host.name,
                    "the requests that it allows in a while are used up",
                    outcome="rate",
                    retry_after_seconds=wait,
                )
            self._sleep(wait)
        if terms.daily is not None:
            verdict = self._limiter.take(terms.daily, host.name)
            if not verdict.admitted:
                raise OutboundUnavailable(
                    host.name,
                    f"the {terms.daily.most:,} requests of a day that it allows are used up",
                    outcome="daily",
                    retry_after_seconds=verdict.retry_after_seconds,
                )

    def _note(
        self, call: Call, request: httpx.Request, host: _Host, outcome: str, attempt: int, began: float, **said: Any
    ) -> None:
        metrics.emit("OutboundCalls", 1, Host=host.name, Outcome=outcome)
        log.info(
            "outbound.called",
            host=host.name,
            method=call.method,
            address=masked(request.url),
            outcome=outcome,
            attempt=attempt,
            seconds=round(self._clock() - began, 3),
            **said,
        )


@cache
def outbound() -> OutboundClient:
    """The process's client, as its settings say."""
    configured = settings.current().outbound
    return OutboundClient(
        AddressRule(configured.private_hosts), authorities=configured.authorities, proxy=configured.proxy
    )


def hosts_outside() -> dict[str, State]:
    """How the breaker of each host stands that this process called."""
    return outbound().states() if outbound.cache_info().currsize else {}


def close_outbound() -> None:
    """End the process's client if there is one."""
    if outbound.cache_info().currsize:
        outbound().close()
        outbound.cache_clear()
