"""The connection to Valkey off the laptop: encrypted, only with a server that the system's authorities vouch for."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from networx import settings
from networx.api import wakeups
from networx.api.wakeups import Wakeups
from networx.resilience import aws as aws_clients
from networx.resilience import cache
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
    for remembered in (settings.current, aws_clients.client, aws_clients.secret_during, cache_client, cache.breaker):
        remembered.cache_clear()


def test_a_server_that_the_system_trusts_is_spoken_to(front):
    assert cache_client().ping()


def test_the_web_waits_for_progress_on_such_a_server(front):
    async def listen() -> bool:
        return await listens(Wakeups())

    assert asyncio.run(listen())


async def listens(ear: Wakeups) -> bool:
    """Whether it comes to listen."""
    listening = asyncio.create_task(ear.run())
    until = time.monotonic() + 30
    while not ear.listening and time.monotonic() < until:
        await asyncio.sleep(0.01)
    listening.cancel()
    return ear.listening


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


@pytest.fixture
def rotating(configured, aws) -> Iterator[Callable[[str], None]]:
    """Gives Valkey another password and stores it; both are put back."""
    name = settings.current().redis_secret
    master = redis.Redis(port=configured.ports.valkey, password=configured.home.secret("valkey"))

    def rotate(password: str, *, stored: bool = True) -> None:
        master.config_set("requirepass", password)
        if stored:
            aws.secrets.put_secret_value(SecretId=name, SecretString=json.dumps({"password": password}))

    cache_client.cache_clear()
    yield rotate
    rotate(configured.home.secret("valkey"))
    for remembered in (aws_clients.secret_during, cache_client):
        remembered.cache_clear()


@pytest.fixture(autouse=True)
def never_renewed(monkeypatch) -> None:
    monkeypatch.setattr(cache, "_renewed_at", float("-inf"))


def test_a_rotated_password_is_in_use_at_the_next_connection(rotating):
    client = cache_client()
    assert client.ping()
    rotating("of tomorrow")
    assert client.ping(), "a connection that was let in stays"
    # The secret was read less than half a minute ago, and is kept for as long.
    client.connection_pool.disconnect()
    assert client.ping()


def test_a_password_that_is_wrong_for_good_is_a_refusal_and_the_secret_is_not_asked_for_each_time(
    rotating, monkeypatch
):
    rotating("of nobody", stored=False)
    renewals = []
    monkeypatch.setattr(aws_clients.secret_during, "cache_clear", lambda: renewals.append(True), raising=False)
    for _ in range(5):
        with pytest.raises(redis.AuthenticationError):
            cache_client().ping()
    assert len(renewals) == 1


def test_the_web_hears_again_after_a_rotation(rotating, monkeypatch):
    monkeypatch.setattr(wakeups, "_PAUSE_SECONDS", 0.01)
    assert cache_client().ping()  # the secret is kept from here on
    rotating("of tomorrow")

    async def listen() -> bool:
        return await listens(Wakeups())

    assert asyncio.run(listen())
