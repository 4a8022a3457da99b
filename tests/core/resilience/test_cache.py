"""The connection to Valkey off the laptop: encrypted, only with a server that the system's authorities vouch for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from networx import settings
from networx.api.wakeups import Wakeups
from networx.resilience import aws as aws_clients
from networx.resilience.cache import cache_client
from tests.core.db.fronts import LOOPBACK, certificate, pump, serving


class ValkeyFront:
    """TLS before the real Valkey."""

    def __init__(self, port_behind: int, certificate: Path) -> None:
        self.port = 0
        self._port_behind = port_behind
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, LOOPBACK, 0, ssl=self._context)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, towards = await asyncio.open_connection(LOOPBACK, self._port_behind)
        await asyncio.gather(pump(reader, towards), pump(behind, writer), return_exceptions=True)


@pytest.fixture
def front(machine, aws, valkey, monkeypatch, tmp_path) -> Iterator[ValkeyFront]:
    """A deployed stage's Valkey; the system trusts the authority in $SSL_CERT_FILE."""
    own = certificate(tmp_path)
    made = ValkeyFront(valkey, own)
    with serving(made):
        told = {"NETWORX_STAGE": "dev", "REDIS_PORT": str(made.port), "SSL_CERT_FILE": str(own)}
        for name, value in (machine.environment | told).items():
            monkeypatch.setenv(name, value)
        forget()
        yield made
        forget()


def forget() -> None:
    for remembered in (settings.current, aws_clients.client, aws_clients.secret_during, cache_client):
        remembered.cache_clear()


def test_a_server_that_the_system_trusts_is_spoken_to(front):
    assert cache_client().ping()


def test_the_web_waits_for_progress_on_such_a_server(front):
    async def listen() -> bool:
        wakeups = Wakeups()
        listening = asyncio.create_task(wakeups.run())
        for _ in range(200):
            if wakeups.listening:
                break
            await asyncio.sleep(0.01)
        listening.cancel()
        return wakeups.listening

    assert asyncio.run(listen())


def test_a_server_that_nobody_vouches_for_is_refused(front, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    with pytest.raises(redis.ConnectionError, match="certificate verify failed"):
        cache_client().ping()


def test_a_server_with_another_name_is_refused(front, machine, valkey, monkeypatch, tmp_path):
    foreign = certificate(tmp_path, host="127.0.0.2")
    other = ValkeyFront(valkey, foreign)
    with serving(other):
        monkeypatch.setenv("REDIS_PORT", str(other.port))
        monkeypatch.setenv("SSL_CERT_FILE", str(foreign))
        forget()
        with pytest.raises(redis.ConnectionError, match="IP address mismatch"):
            cache_client().ping()
