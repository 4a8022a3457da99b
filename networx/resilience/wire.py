"""What outbound calls travel over: connections to judged addresses alone, and a deadline over every byte.

The library under the client bounds each read by itself, so a server that sends a byte now and then holds a call for
ever; here each read and write is bounded by what is left of the whole call too.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import httpcore

from networx.resilience.addresses import AddressRule

# Looking a name up takes no time-out; it happens beside, and is given up when the call's time is over.
_LOOKUPS_AT_ONCE = 8

Resolver = Callable[[str, int], list[str]]


class Deadline:
    """When a call must be over, headers, body, repetitions and waiting included."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds; below 0 when it is over."""
        return self._end - self._clock()


_deadline: ContextVar[Deadline | None] = ContextVar("networx_outbound_deadline", default=None)


@contextmanager
def until(deadline: Deadline) -> Iterator[None]:
    """Bound everything that this thread reads and writes inside."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def _bounded(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = deadline.left
    if left <= 0:
        raise late("the time of the whole call is over")
    return left if timeout is None else min(timeout, left)


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, in the order in which the system would try them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


@cache
def _lookups() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=_LOOKUPS_AT_ONCE, thread_name_prefix="look-up")


class JudgedBackend(httpcore.NetworkBackend):
    """Resolves a name once, has every address judged, and connects to one of them."""

    def __init__(self, rule: AddressRule, resolver: Resolver = look_up) -> None:
        self._rule = rule
        self._resolver = resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection. Raises OutboundRefused before anything is sent to an address that may not be reached."""
        options = list(socket_options or ())
        fault: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in self._rule.admitted(host, port, self._addresses(host, port, timeout)):
            try:
                left = _bounded(timeout, httpcore.ConnectTimeout)
                return _Bounded(self._sockets.connect_tcp(address, port, left, local_address, options))
            except (httpcore.NetworkError, httpcore.TimeoutException) as failed:
                fault = failed
        raise fault or httpcore.ConnectError("the name has no address")

    def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002  # the library's signature
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Never: a call goes to a host."""
        raise httpcore.UnsupportedProtocol("no call goes to a socket of this machine")

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        looked_up: Future[list[str]] = _lookups().submit(self._resolver, host, port)
        try:
            return looked_up.result(_bounded(timeout, httpcore.ConnectTimeout))
        except TimeoutError as fault:
            raise httpcore.ConnectTimeout("nobody told the name's address") from fault
        except (OSError, UnicodeError) as fault:
            raise httpcore.ConnectError("the name has no address") from fault


class _Bounded(httpcore.NetworkStream):
    """A connection on which nothing lasts longer than the call that uses it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _bounded(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _bounded(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _bounded(timeout, httpcore.ConnectTimeout)
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
