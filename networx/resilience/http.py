"""The one client for calls to hosts outside: everything that NetWORX asks of another company's server goes through it.

    admit (breaker, pace, rate, day) -> connect (judged address, TLS) -> headers -> body (bounded twice) -> Answer
      ^------------- waits with jitter, or as long as the server asked, while the call's time lasts -----|

A call ends within its time, whatever the server does. Redirects are refused: where a call goes is decided here. Which
addresses may be connected to stands in addresses.py, the bytes in wire.py and bodies.py, repetitions in retries.py.
"""

from __future__ import annotations

import random
import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import certifi
import httpcore
import httpx

from networx import __version__, settings
from networx.errors import OutboundRefused, OutboundUnavailable
from networx.observability import metrics
from networx.observability.logs import REDACTED, Log
from networx.resilience.addresses import AddressRule
from networx.resilience.bodies import Damaged, TooLong, read_body
from networx.resilience.breaker import CIRCUIT_OPEN, Breaker, State
from networx.resilience.limits import Limit, Limiter
from networx.resilience.pace import Pace
from networx.resilience.retries import (
    IDEMPOTENT,
    PASSING_STATUSES,
    Backoff,
    Failure,
    asked_wait,
    wait_before_retry,
)
from networx.resilience.wire import Deadline, JudgedBackend, Resolver, look_up, until
from networx.topology import TOPOLOGY

log = Log(__name__)

CONNECTIONS = 20
KEPT_ALIVE = 10
KEPT_ALIVE_SECONDS = 30.0
# Of one phase: a connection with its TLS, one read, one write, and waiting for a free connection.
PHASES = {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 5.0}
_MOST_HOSTS = 256
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE | re.ASCII)
_SECRET_PARAMETER = re.compile(r"key|token|secret|sig|auth|pass|credential", re.IGNORECASE)


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
class Call:
    """One request. `repeatable` where doing it twice is as good as once; without it the method says so."""

    method: str
    url: str
    parameters: Sequence[tuple[str, str]] = ()
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool | None = None

    @property
    def may_be_repeated(self) -> bool:
        return self.method.upper() in IDEMPOTENT if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host said: any status below 500 but 429 and redirects. `body` is unfolded."""

    status: int
    headers: httpx.Headers
    body: bytes
    http_version: str


class _Failed(Exception):
    """One attempt failed. `outcome` is the word that metrics count."""

    def __init__(self, outcome: str, reason: str, failure: Failure) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.failure = failure


class _Away(_Failed):
    """It failed in a way that counts against the host."""


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
        self._rule = rule
        self._limiter = limiter or Limiter()
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()
        self._closed = False
        proxy_url = None if proxy is None else httpx.URL(proxy)
        if proxy_url is not None:
            # The proxy is reached wherever it stands; what it is asked for is judged before, as far as it can be.
            own = settings.Address(proxy_url.host, proxy_url.port or _default_port(proxy_url))
            rule = replace(rule, private_hosts=rule.private_hosts | {own})
        self._through_proxy = proxy_url is not None
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls_context(authorities),
            proxy=None if proxy_url is None else _proxy(proxy_url, authorities),
            max_connections=CONNECTIONS,
            max_keepalive_connections=KEPT_ALIVE,
            keepalive_expiry=KEPT_ALIVE_SECONDS,
            http1=True,
            http2=True,
            network_backend=JudgedBackend(rule, resolver),
        )

    def call(self, call: Call, terms: Terms = Terms()) -> Answer:
        """Make a call, again where that is safe and there is time. What a 4xx means is for the caller.

        Raises OutboundUnavailable where the host does not answer or must not be asked now, and OutboundRefused for an
        address, a redirect or an answer that is not to be taken.
        """
        request, host = self._prepared(call, terms)
        deadline = Deadline(terms.total.total_seconds(), self._clock)
        attempt = 0
        while True:
            attempt += 1
            began = self._clock()
            try:
                answer = self._attempt(request, host, terms, deadline)
            except _Failed as failed:
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
        self._pool.close()

    def _prepared(self, call: Call, terms: Terms) -> tuple[httpx.Request, _Host]:
        try:
            request = httpx.Request(
                call.method,
                httpx.URL(call.url).copy_merge_params(list(call.parameters)) if call.parameters else call.url,
                headers={
                    "User-Agent": f"networx/{__version__}",
                    "Accept-Encoding": "gzip, deflate",
                    **call.headers,
                },
                json=call.json,
                extensions={"timeout": {**PHASES, "read": terms.silence.total_seconds()}},
            )
        except (httpx.InvalidURL, ValueError) as fault:
            raise OutboundRefused(host="The host", reason="its address cannot be read", outcome="refused") from fault
        url = request.url
        name, port = url.raw_host.decode("ascii"), _default_port(url) if url.port is None else url.port
        if url.scheme not in {"http", "https"} or url.userinfo or not _HOST.fullmatch(name) or not 0 < port < 65_536:
            raise OutboundRefused(host="The host", reason="its address is none of https", outcome="refused")
        if url.scheme == "http" and not self._rule.names(name, port):
            raise OutboundRefused(
                host=name, reason="it would be spoken to without encryption, which only named hosts may be",
                outcome="refused",
            )  # fmt: skip
        if self._through_proxy and _is_literal(name):
            self._rule.admitted(name, port, [name])
        return request, self._host(name, port, url)

    def _host(self, name: str, port: int, url: httpx.URL) -> _Host:
        shown = name if port == _default_port(url) else f"{name}:{port}"
        with self._lock:
            if self._closed:
                raise OutboundUnavailable(shown, "the client is closed", outcome="closed")
            if shown not in self._hosts:
                if len(self._hosts) >= _MOST_HOSTS:
                    del self._hosts[next(iter(self._hosts))]
                circuit = replace(TOPOLOGY.circuit("host"), name=shown)
                breaker = Breaker(circuit, OutboundUnavailable, clock=self._clock)
                self._hosts[shown] = _Host(shown, breaker, Pace(self._clock))
            return self._hosts[shown]

    def _attempt(self, request: httpx.Request, host: _Host, terms: Terms, deadline: Deadline) -> Answer:
        if self._closed:
            raise OutboundUnavailable(host.name, "the client is closed", outcome="closed")
        try:
            if host.breaker.state is not State.OPEN:  # a refused call takes none of the requests that are allowed
                self._wait_for_a_place(host, terms, deadline)
            with host.breaker.guarding(_Away):
                answer = self._exchange(request, terms, deadline)
        except _Failed as failed:
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

    def _exchange(self, request: httpx.Request, terms: Terms, deadline: Deadline) -> Answer:
        sent = False
        try:
            with until(deadline), self._stream(request) as response:
                sent = True
                headers = httpx.Headers(response.headers)
                self._judge(response.status, headers, request.url.host)
                body = read_body(response.iter_stream(), headers.get("Content-Encoding", ""), terms.largest_bytes)
                version = response.extensions.get("http_version", b"HTTP/1.1").decode("ascii", "replace")
                return Answer(response.status, headers, body, version)
        except TooLong:
            raise OutboundRefused(
                host=request.url.host,
                reason=f"its answer is longer than {terms.largest_bytes:,} bytes",
                outcome="too_large",
            ) from None
        except Damaged as fault:
            raise _Away("broken", f"its answer cannot be read, {fault}", Failure(passing=True)) from fault
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as fault:
            raise _told(fault, sent=sent) from fault
        except httpcore.UnsupportedProtocol as fault:
            raise OutboundRefused(
                host=request.url.host, reason="its address is none of https", outcome="refused"
            ) from fault

    def _stream(self, request: httpx.Request) -> AbstractContextManager[httpcore.Response]:
        url = request.url
        return self._pool.stream(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.content,
            extensions=request.extensions,
        )

    def _judge(self, status: int, headers: httpx.Headers, host: str) -> None:
        """Raise for a status whose body is not worth reading."""
        if 300 <= status < 400:
            raise OutboundRefused(host=host, reason=f"it answered {status} and sends elsewhere", outcome="redirected")
        if status != 429 and status < 500:
            return
        asked = asked_wait(headers.get("Retry-After"), datetime.now(UTC))
        failure = Failure(passing=status in PASSING_STATUSES, unsent=status == 429, asked_seconds=asked)
        if status == 429:
            raise _Failed("limited", "it asked for fewer requests (HTTP 429)", failure)
        raise _Away("failed", f"it answered HTTP {status}", failure)

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


def _told(fault: Exception, *, sent: bool) -> _Failed:
    """What a fault of the connection means."""
    cause = fault.__cause__ or fault.__context__  # the pool raises anew what its connection raised
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = f"its certificate is not trusted ({cause.verify_message})"
        return _Away("untrusted", reason, Failure(passing=False))
    broke_off = isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    if isinstance(fault, httpcore.ConnectError) and isinstance(cause, ssl.SSLError) and not broke_off:
        return _Away("untrusted", f"no secure connection came about ({cause.reason})", Failure(passing=False))
    if isinstance(fault, httpcore.PoolTimeout):
        return _Failed("busy", "all our connections are in use", Failure(passing=True, unsent=True))
    if isinstance(fault, httpcore.ConnectTimeout):
        return _Away("timeout", "no connection came about in time", Failure(passing=True, unsent=True))
    if isinstance(fault, httpcore.ConnectError):
        return _Away("unreachable", "no connection came about", Failure(passing=True, unsent=True))
    if isinstance(fault, httpcore.ProxyError):
        return _Away("unreachable", "the proxy does not lead there", Failure(passing=True, unsent=True))
    if isinstance(fault, httpcore.TimeoutException):
        what = "its answer did not end in time" if sent else "it did not answer in time"
        return _Away("timeout", what, Failure(passing=True))
    if isinstance(fault, httpcore.NetworkError):
        return _Away("reset", "the connection broke", Failure(passing=True))
    return _Away("broken", "what it answered is not HTTP", Failure(passing=True))


def tls_context(authorities: Path | None) -> ssl.SSLContext:
    """TLS 1.2 at least, host names checked, against the public authorities and a company's own."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is not None:
        context.load_verify_locations(authorities)
    return context


def masked(url: httpx.URL) -> str:
    """An address as it may be logged and stored: without its user, and without the value of any key in it."""
    kept = url.copy_with(userinfo=b"", query=None)
    query = "&".join(
        f"{name}={REDACTED if _SECRET_PARAMETER.search(name) else value}" for name, value in url.params.multi_items()
    )
    return f"{kept}?{query}" if query else str(kept)


def _proxy(url: httpx.URL, authorities: Path | None) -> httpcore.Proxy:
    return httpcore.Proxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/"),
        auth=(url.username, url.password) if url.userinfo else None,
        ssl_context=tls_context(authorities) if url.scheme == "https" else None,
    )


def _default_port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80


def _is_literal(host: str) -> bool:
    return ":" in host or (re.fullmatch(r"[0-9a-fx.]+", host, re.IGNORECASE) is not None and host[-1:].isdigit())


@cache
def outbound() -> OutboundClient:
    """The process's client, as its settings say."""
    configured = settings.current().outbound
    return OutboundClient(
        AddressRule(configured.private_hosts), authorities=configured.authorities, proxy=configured.proxy
    )


def close_outbound() -> None:
    """End the process's client if there is one."""
    if outbound.cache_info().currsize:
        outbound().close()
        outbound.cache_clear()
