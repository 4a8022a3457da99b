"""A wire to PostgreSQL that can be cut, go silent, or break around a COMMIT: a worker takes it for the server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from local.home import LOOPBACK

# What a result of this suite holds; and what opens and ends a transaction of more than one statement.
_PUBLISHES = b"optimal"
_BEGINS = b"BEGIN"
_COMMITS = b"COMMIT"
_ANSWER_WITHIN_SECONDS = 5.0


@dataclass(frozen=True)
class Break:
    """What happens around the commit of a result, be it a COMMIT or a statement that is a transaction of its own.

    It reaches the server or not, then comes `then`; no answer comes back.
    """

    reaches_server: bool
    then: Callable[[], None]


@dataclass(eq=False)
class _Line:
    """One connection: the client's end and the server's end."""

    client: socket.socket
    server: socket.socket
    publishes: bool = False
    in_transaction: bool = False
    swallows: bool = False
    answered: threading.Event = field(default_factory=threading.Event)

    def close(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Wire:
    """Listens on a port of its own and carries every connection to the server's port, for as long as it is whole."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[_Line] = []
        self._lock = threading.Lock()
        self._speaks = threading.Event()
        self._speaks.set()
        self._cut = False
        self._break: Break | None = None
        self.broken = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def hush(self) -> None:
        """Carry nothing any more, and let every connection stand: each end waits for the other."""
        self._speaks.clear()

    def speak(self) -> None:
        self._speaks.set()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self._cut = True
        self._drop()

    def mend(self) -> None:
        self._cut = False

    def break_at_commit(self, how: Break) -> None:
        """Break once, at the next COMMIT of a result. `broken` is set afterwards."""
        self._break = how

    def close(self) -> None:
        self._listener.close()
        self.speak()
        self._drop()

    def _drop(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        for line in lines:
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self._cut:
                    raise ConnectionRefusedError
                server = socket.create_connection((LOOPBACK, self._server_port), timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            line = _Line(client, server)
            with self._lock:
                self._lines.append(line)
            threading.Thread(target=self._carry_questions, args=(line,), daemon=True).start()
            threading.Thread(target=self._carry_answers, args=(line,), daemon=True).start()

    def _carry_questions(self, line: _Line) -> None:
        with suppress(OSError):
            while data := line.client.recv(65536):
                self._speaks.wait()
                line.publishes |= _PUBLISHES in data
                line.in_transaction |= _BEGINS in data
                commits = _COMMITS in data if line.in_transaction else True
                if self._break is not None and line.publishes and commits:
                    self._break_here(line, data)
                    return
                line.server.sendall(data)
                if commits:
                    line.publishes = line.in_transaction = False
        line.close()

    def _break_here(self, line: _Line, commit: bytes) -> None:
        how, self._break = self._break, None
        assert how is not None
        if how.reaches_server:
            line.swallows = True
            line.server.sendall(commit)
            line.answered.wait(_ANSWER_WITHIN_SECONDS)
        how.then()
        line.close()
        self.broken.set()

    def _carry_answers(self, line: _Line) -> None:
        with suppress(OSError):
            while data := line.server.recv(65536):
                self._speaks.wait()
                if line.swallows:
                    line.answered.set()
                    continue
                line.client.sendall(data)
        line.close()
