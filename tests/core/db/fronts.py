"""What stands before a plain server in tests: TLS as in the cloud, or a cable that can be cut."""

from __future__ import annotations

import asyncio
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LOOPBACK = "127.0.0.1"
_TLS_REQUEST = struct.pack("!II", 8, 80877103)


def certificate(folder: Path, *, host: str = LOOPBACK) -> Path:
    """A file with a self-signed certificate for an address and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"certificate-{made.serial_number}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


class Front(Protocol):
    """Whatever listens on a port of its own."""

    async def listen(self) -> asyncio.Server: ...


class TlsFront:
    """Speaks only TLS, and remembers who came."""

    def __init__(self, port_behind: int, certificate: Path) -> None:
        self.port = 0
        self.users: list[str] = []
        self._port_behind = port_behind
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if await reader.readexactly(8) != _TLS_REQUEST:
                writer.close()
                return
            writer.write(b"S")
            await writer.start_tls(self._context)
            length = await reader.readexactly(4)
            startup = await reader.readexactly(struct.unpack("!I", length)[0] - 4)
            words = startup[4:].split(b"\0")
            self.users.append(words[words.index(b"user") + 1].decode())
            behind, towards = await asyncio.open_connection(LOOPBACK, self._port_behind)
            towards.write(length + startup)
            await asyncio.gather(pump(reader, towards), pump(behind, writer))


class Cable:
    """A way to a server that can be cut: connections are then closed as soon as they are made."""

    def __init__(self, port_behind: int) -> None:
        self.port = 0
        self.cut = False
        self._port_behind = port_behind
        self._open: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def listen(self) -> asyncio.Server:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.close()
            return
        behind, towards = await asyncio.open_connection(LOOPBACK, self._port_behind)
        self._open |= {writer, towards}
        await asyncio.gather(pump(reader, towards), pump(behind, writer), return_exceptions=True)

    def end_all(self) -> None:
        """Reset every connection there is."""
        assert self._loop is not None

        async def end() -> None:
            for writer in self._open:
                writer.transport.abort()
            self._open.clear()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)

    @contextmanager
    def away(self) -> Iterator[None]:
        self.cut = True
        self.end_all()
        try:
            yield
        finally:
            self.cut = False


class Meter(Cable):
    """A way to a server on which journeys are counted: how often somebody spoke, and then waited for an answer."""

    def __init__(self, port_behind: int) -> None:
        super().__init__(port_behind)
        self.journeys = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, towards = await asyncio.open_connection(LOOPBACK, self._port_behind)
        waiting = False

        async def ask() -> None:
            nonlocal waiting
            while data := await reader.read(65536):
                self.journeys += not waiting
                waiting = True
                towards.write(data)

        async def answer() -> None:
            nonlocal waiting
            while data := await behind.read(65536):
                waiting = False
                writer.write(data)

        await asyncio.gather(ask(), answer(), return_exceptions=True)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bring everything from one to the other, until there is no more."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


@contextmanager
def serving(*fronts: Front) -> Iterator[None]:
    """The fronts listen while this lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    servers = [asyncio.run_coroutine_threadsafe(front.listen(), loop).result(5) for front in fronts]
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_end(servers), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
