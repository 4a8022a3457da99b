"""Several statements in one message: sent at once, their answers read when they are needed.

Whoever waits for an answer gives up the processor and finds its caches cold afterwards, which costs more than a small
statement does. Statements of one message wait once, and what several servers are asked before any of them is waited
for, they answer at the same time. A message that begins no transaction is one; what stands behind a statement that
fails is not carried out.
"""

from __future__ import annotations

import select
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import abc
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

# SQL with %(name)s, and what stands for the names.
Statement = tuple[str, Mapping[str, Any]]


class Found:
    """What one statement found. Rows become values when they are asked for, wherever its connection is by then."""

    def __init__(self, connection: psycopg.Connection[Any], result: PGresult) -> None:
        self._result = result
        # Now: how to read a time of day is asked of the connection, which may be closed or another's afterwards.
        self._reading: abc.Transformer | None = None
        if result.status == ExecStatus.TUPLES_OK:
            self._reading = Transformer(connection)
            self._reading.set_pgresult(result)

    def rows(self) -> list[dict[str, Any]]:
        """Every row by column name; none of a statement that gives none."""
        if self._reading is None:
            return []
        names = [(self._result.fname(column) or b"").decode() for column in range(self._result.nfields)]
        return self._reading.load_rows(0, self._result.ntuples, lambda values: dict(zip(names, values, strict=True)))


class Message:
    """Statements under way on a connection, which is busy with them until `answers` was called. Sent when made."""

    def __init__(self, connection: psycopg.Connection[Any], statements: Sequence[Statement]) -> None:
        self._connection = connection
        bound = psycopg.ClientCursor(connection)
        text = ";".join(bound.mogrify(*statement) if statement[1] else statement[0] for statement in statements)
        connection.pgconn.send_query(text.encode())
        self._under_way = True

    def answers(self) -> list[Found]:
        """What each statement found, in their order. Raises what psycopg raises of the first that failed. Once."""
        if not self._under_way:
            # By now the connection may be another's, and so what arrives on it.
            raise RuntimeError("The answers of this message were read already.")
        self._under_way = False
        results = self._results()
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise psycopg.errors.error_from_result(result)
        return [Found(self._connection, result) for result in results]

    def _results(self) -> list[PGresult]:
        server = self._connection.pgconn
        arrival = select.poll()
        arrival.register(server.socket, select.POLLIN)
        results: list[PGresult] = []
        while True:
            while server.is_busy():
                arrival.poll()
                server.consume_input()
            result = server.get_result()
            if result is None:
                return results
            results.append(result)
