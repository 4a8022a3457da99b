"""Whole lists, sent as they are read: NDJSON (a JSON object a line) or CSV, a page in memory at a time.

Each page is a transaction of its own as the tenant, so that no connection of the pool waits for a slow reader. What
goes wrong before the first byte is an ordinary answer. Later, NDJSON says it in its last line, and CSV, which has no
place for that, breaks the connection: an answer that looks whole is whole.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from networx.api.admission import asked_again
from networx.api.envelope import as_json
from networx.api.faults import answer_to
from networx.api.limit_rules import EXPORTS
from networx.api.limits import holder_of, refusal
from networx.api.paging import Paging
from networx.api.principals import Principal, principal_of
from networx.api.request_log import STREAMED
from networx.db import pool, replica
from networx.db.keyset import Page
from networx.db.pool import Connection

ROWS_AT_ONCE = 1000
NDJSON = "application/x-ndjson"
Format = Literal["json", "ndjson", "csv"]
Found = TypeVar("Found")
# Reads a page: the rows, of which the last says where the next page begins, and how each is shown.
Read = Callable[[Page], tuple[Sequence[Any], Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows as they are shown, and the cursor that continues after them."""

    shown: Sequence[Mapping[str, Any]]
    cursor: str


@dataclass(frozen=True, slots=True)
class Sending:
    """How the client wants the list: a page as JSON, or all of it from the cursor on."""

    format: Format
    request: Request
    who: Principal

    def answer(self, paging: Paging, read: Read, name: str) -> Response:
        """A page in the envelope, or everything as a file `name`."""
        if self.format != "json":
            return self.all(_pages(paging, read), paging.listing.columns, name)
        rows, shown = read(paging.page)
        return paging.answer(shown[: paging.limit], paging.next_after(rows))

    def reading(self, tenant_id: UUID, work: Callable[[Connection], Found]) -> Found:
        """What `work` reads as the tenant: a whole list on the replica, a page where it was written."""
        if self.format != "json":
            return replica.read(tenant_id, work)
        with pool.tenant(tenant_id) as connection:
            return work(connection)

    def all(self, batches: Iterator[Batch], columns: Mapping[str, str], name: str) -> Response:
        """All batches as a stream, or 429 where too many were asked for."""
        verdict = self.request.app.state.limiter.take(EXPORTS, holder_of(self.request, self.who))
        if not verdict.admitted:
            return refusal(verdict)
        self.request.scope[STREAMED] = True
        first = next(batches, None)
        sent = batches if first is None else chain([first], self._while_admitted(batches))
        content = _ndjson(sent) if self.format == "ndjson" else _csv(sent, columns)
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}.{self.format}"'}
        media_type = NDJSON if self.format == "ndjson" else "text/csv; charset=utf-8"
        return StreamingResponse(content, media_type=media_type, headers=headers)

    def _while_admitted(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        ask = asked_again(self.request, self.who)
        for batch in batches:
            ask()
            yield batch


async def _sending(
    request: Request,
    format: Format | None = Query(  # noqa: A002  # the contract's name
        default=None,
        description="`ndjson` and `csv` send the whole list from the cursor on, whatever `limit` says. Without it the "
        "header `Accept` decides (`application/x-ndjson`, `text/csv`), else it is `json`.",
    ),
) -> Sending:
    accepted = request.headers.get("accept", "")
    by_header: Format = "ndjson" if NDJSON in accepted else "csv" if "text/csv" in accepted else "json"
    return Sending(format or by_header, request, principal_of(request))


Sent = Annotated[Sending, Depends(_sending)]


def _pages(paging: Paging, read: Read) -> Iterator[Batch]:
    after = paging.after
    while True:
        rows, shown = read(Page(paging.order, ROWS_AT_ONCE, after))
        if rows:
            after = paging.order.place_of(rows[-1])
            yield Batch(shown, paging.cursor_at(after))
        if len(rows) < ROWS_AT_ONCE:
            return


def _ndjson(batches: Iterator[Batch]) -> Iterator[bytes]:
    count, cursor = 0, None
    try:
        for batch in batches:
            yield b"".join(as_json(row) + b"\n" for row in batch.shown)
            count, cursor = count + len(batch.shown), batch.cursor
    except Exception as fault:
        told = orjson.loads(answer_to(fault).body)
        said = {name: told[name] for name in ("error", "code", "request_id")}
        yield as_json({"end": False, "count": count, "next": cursor, **said}) + b"\n"
    else:
        yield as_json({"end": True, "count": count}) + b"\n"


def _csv(batches: Iterator[Batch], columns: Mapping[str, str]) -> Iterator[bytes]:
    # Excel takes a CSV for UTF-8 only by its byte order mark.
    yield b"\xef\xbb\xbf" + _lines([list(columns)])
    for batch in batches:
        # A CSV has all columns whatever the rows: those of a network without modes have none.
        yield _lines([_cell(row.get(name)) for name in columns.values()] for row in batch.shown)


def _lines(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        # A client's cell that begins like a formula must not become one in the spreadsheet that opens this file.
        return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
    if value is None or type(value) in (int, float):
        return value
    return as_json(value).decode().strip('"')
