"""Servers that behave badly, on real sockets of this machine, and certificates of every kind."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PATIENCE_SECONDS = 20.0


@dataclass
class Conversation:
    """One connection of a client: what it asked, and how to answer."""

    socket: socket.socket
    server: Server

    def request(self) -> bytes:
        """The next request up to its body's end; b"" where the client has gone."""
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.socket.recv(65_536)
            if not piece:
                return b""
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += self.socket.recv(65_536)
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return head + b"\r\n\r\n" + body

    def send(self, content: bytes) -> None:
        self.socket.sendall(content)

    def answer(self, body: bytes = b"{}", status: str = "200 OK", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def drip(self, content: bytes) -> None:
        """The same bytes again and again, as long as the client takes them or the test lasts."""
        while not self.server.stopping.is_set():
            self.send(content)

    def reset(self) -> None:
        """Break the connection off with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


Behaviour = Callable[[Conversation], None]


@dataclass
class Server:
    """Listens on loopback and gives each connection a thread with the behaviour."""

    behave: Behaviour
    context: ssl.SSLContext | None = None
    family: int = socket.AF_INET
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(
            ("127.0.0.1" if self.family == socket.AF_INET else "::1", 0), family=self.family
        )
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self.stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_SECONDS)
        with suppress(OSError), connection:
            spoken = self.context.wrap_socket(connection, server_side=True) if self.context else connection
            with spoken:
                self.behave(Conversation(spoken, self))


@contextmanager
def serving(behave: Behaviour, context: ssl.SSLContext | None = None, family: int = socket.AF_INET) -> Iterator[Server]:
    """A server until the block ends."""
    server = Server(behave, context, family)
    try:
        yield server
    finally:
        server.close()


def answering(*answers: Callable[[Conversation], None]) -> Behaviour:
    """One answer after the other over all connections; the last again and again."""
    given = iter(answers)
    lock = threading.Lock()
    last = answers[-1]

    def behave(conversation: Conversation) -> None:
        while conversation.request():
            with lock:
                answer = next(given, last)
            answer(conversation)

    return behave


@dataclass(frozen=True)
class Authority:
    """A certificate authority of a test."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    folder: Path

    @property
    def file(self) -> Path:
        path = self.folder / "authority.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def context(
        self, name: str, *, begins_days: int = -1, ends_days: int = 30, self_signed: bool = False
    ) -> ssl.SSLContext:
        """What a server of this name speaks TLS with."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer, signer = (_named(name), key) if self_signed else (self.certificate.subject, self.key)
        alternative = x509.SubjectAlternativeName([_alternative(name)])
        certificate = (
            _begun(name, issuer, key, begins_days, ends_days)
            .add_extension(alternative, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, hashes.SHA256())
        )
        folder = self.folder / f"{certificate.serial_number}"
        folder.mkdir()
        (folder / "server.pem").write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        return context


def make_authority(folder: Path) -> Authority:
    """An authority that nobody trusts yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _begun("A test's authority", _named("A test's authority"), key, -2, 60)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return Authority(key, certificate, folder)


def _begun(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begins_days: int, ends_days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins_days))
        .not_valid_after(now + timedelta(days=ends_days))
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
