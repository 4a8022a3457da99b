"""One exchange with a host outside: a request that may be sent, over kept connections, and the answer or what failed.

    headers and address judged -> connect (judged address, TLS) -> headers -> body (bounded twice) -> Answer

Redirects are refused: where a call goes is decided here. Which addresses may be connected to stands in addresses.py,
the bytes in wire.py and bodies.py. When a host may be asked, and how often, is the caller's: http.py.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import certifi
import httpcore
import httpx

from networx import __version__
from networx.errors import OutboundRefused
from networx.observability.logs import REDACTED
from networx.resilience.addresses import AddressRule
from networx.resilience.bodies import Damaged, TooLong, read_body
from networx.resilience.retries import IDEMPOTENT, PASSING_STATUSES, Failure, asked_wait
from networx.resilience.wire import Deadline, JudgedBackend, Resolver, look_up, until
from networx.settings import Address

CONNECTIONS = 20
KEPT_ALIVE = 10
KEPT_ALIVE_SECONDS = 30.0
# Of one phase: a connection with its TLS, one read, one write, and waiting for a free connection.
PHASES = {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 5.0}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE | re.ASCII)
_SECRET_PARAMETER = re.compile(r"key|token|secret|sig|auth|pass|credential", re.IGNORECASE)


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


class Failed(Exception):
    """One exchange failed. `outcome` is the word that metrics count."""

    def __init__(self, outcome: str, reason: str, failure: Failure) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.failure = failure


class Away(Failed):
    """It failed in a way that counts against the host."""


class Exchanges:
    """Keeps connections to many hosts. Used by any number of threads."""

    def __init__(
        self,
        rule: AddressRule,
        *,
        authorities: Path | None = None,
        proxy: str | None = None,
        resolver: Resolver = look_up,
    ) -> None:
        self._rule = rule
        proxy_url = None if proxy is None else httpx.URL(proxy)
        if proxy_url is not None:
            # The proxy is reached wherever it stands; what it is asked for is judged before, as far as it can be.
            own = Address(proxy_url.host, _port(proxy_url))
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

    def close(self) -> None:
        """End the connections that are free. An exchange under way ends with its own time at the latest."""
        self._pool.close()

    def prepared(self, call: Call, silence: timedelta = timedelta(seconds=PHASES["read"])) -> httpx.Request:
        """The request of a call, whose host may be silent for so long. Raises OutboundRefused for an address that is
        not to be called."""
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
                extensions={"timeout": {**PHASES, "read": silence.total_seconds()}},
            )
        except (httpx.InvalidURL, ValueError) as fault:
            raise OutboundRefused(host="The host", reason="its address cannot be read", outcome="refused") from fault
        url = request.url
        name, port = url.raw_host.decode("ascii"), _port(url)
        if url.scheme not in {"http", "https"} or url.userinfo or not _HOST.fullmatch(name) or not 0 < port < 65_536:
            raise OutboundRefused(host="The host", reason="its address is none of https", outcome="refused")
        if url.scheme == "http" and not self._rule.names(name, port):
            raise OutboundRefused(
                host=name, reason="it would be spoken to without encryption, which only named hosts may be",
                outcome="refused",
            )  # fmt: skip
        if self._through_proxy and _is_literal(name):
            self._rule.admitted(name, port, [name])
        return request

    def exchange(self, request: httpx.Request, largest_bytes: int, deadline: Deadline) -> Answer:
        """Send a request that was `prepared` and read its answer.

        Raises Away or Failed for what may pass, OutboundRefused for an answer that is not to be taken.
        """
        host, sent = request.url.host, False
        try:
            with until(deadline), self._stream(request) as response:
                sent = True
                headers = httpx.Headers(response.headers)
                _judge(response.status, headers, host)
                body = read_body(response.iter_stream(), headers.get("Content-Encoding", ""), largest_bytes)
                version = response.extensions.get("http_version", b"HTTP/1.1").decode("ascii", "replace")
                return Answer(response.status, headers, body, version)
        except TooLong:
            reason = f"its answer is longer than {largest_bytes:,} bytes"
            raise OutboundRefused(host=host, reason=reason, outcome="too_large") from None
        except Damaged as fault:
            raise Away("broken", f"its answer cannot be read, {fault}", Failure(passing=True)) from fault
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as fault:
            raise _told(fault, sent=sent) from fault
        except httpcore.UnsupportedProtocol as fault:
            raise OutboundRefused(host=host, reason="its address is none of https", outcome="refused") from fault

    def _stream(self, request: httpx.Request) -> AbstractContextManager[httpcore.Response]:
        url = request.url
        return self._pool.stream(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.content,
            extensions=request.extensions,
        )


def _judge(status: int, headers: httpx.Headers, host: str) -> None:
    """Raise for a status whose body is not worth reading."""
    if 300 <= status < 400:
        raise OutboundRefused(host=host, reason=f"it answered {status} and sends elsewhere", outcome="redirected")
    if status != 429 and status < 500:
        return
    asked = asked_wait(headers.get("Retry-After"), datetime.now(UTC))
    failure = Failure(passing=status in PASSING_STATUSES, unsent=status == 429, asked_seconds=asked)
    if status == 429:
        raise Failed("limited", "it asked for fewer requests (HTTP 429)", failure)
    raise Away("failed", f"it answered HTTP {status}", failure)


def _told(fault: Exception, *, sent: bool) -> Failed:
    """What a fault of the connection means."""
    cause = fault.__cause__ or fault.__context__  # the pool raises anew what its connection raised
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = f"its certificate is not trusted ({cause.verify_message})"
        return Away("untrusted", reason, Failure(passing=False))
    broke_off = isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    if isinstance(fault, httpcore.ConnectError) and isinstance(cause, ssl.SSLError) and not broke_off:
        return Away("untrusted", f"no secure connection came about ({cause.reason})", Failure(passing=False))
    if isinstance(fault, httpcore.PoolTimeout):
        return Failed("busy", "all our connections are in use", Failure(passing=True, unsent=True))
    if isinstance(fault, httpcore.ConnectTimeout):
        return Away("timeout", "no connection came about in time", Failure(passing=True, unsent=True))
    if isinstance(fault, httpcore.ConnectError):
        return Away("unreachable", "no connection came about", Failure(passing=True, unsent=True))
    if isinstance(fault, httpcore.ProxyError):
        return Away("unreachable", "the proxy does not lead there", Failure(passing=True, unsent=True))
    if isinstance(fault, httpcore.TimeoutException):
        what = "its answer did not end in time" if sent else "it did not answer in time"
        return Away("timeout", what, Failure(passing=True))
    if isinstance(fault, httpcore.NetworkError):
        return Away("reset", "the connection broke", Failure(passing=True))
    return Away("broken", "what it answered is not HTTP", Failure(passing=True))


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


def shown_host(url: httpx.URL) -> str:
    """A host as people, logs and metrics name it: with its port where that is not the usual one."""
    name = url.raw_host.decode("ascii")
    return name if _port(url) == _usual_port(url) else f"{name}:{_port(url)}"


def _usual_port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80


def _port(url: httpx.URL) -> int:
    return _usual_port(url) if url.port is None else url.port


def _is_literal(host: str) -> bool:
    return ":" in host or (re.fullmatch(r"[0-9a-fx.]+", host, re.IGNORECASE) is not None and host[-1:].isdigit())
