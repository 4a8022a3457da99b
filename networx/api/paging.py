"""Pages of lists: what a request asks of one (`cursor`, `limit`, `sort`), and the answer with the way to the next.

A cursor is the place of the last row sent, with a checksum over it and over what was asked: the address, the tenant,
the sort and every filter. It opens nothing: the statement that it places runs as the tenant, whoever made the cursor.
So it needs no secret; the checksum keeps one list's cursor from being taken for another's.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request
from starlette.responses import Response

from networx.api.envelope import success
from networx.api.principals import Principal, principal_of
from networx.db.keyset import Key, Order, Page, Place
from networx.errors import Problem, RefusedInput

INVALID_CURSOR = "INVALID_CURSOR"
# Raised when a cursor's content changes its meaning: older ones are then refused instead of misread.
_VERSION = 1
_LONGEST_CURSOR = 4096
_CHECKSUM_BYTES = 12
_LARGEST_ID = 2**63 - 1
# What says which page is meant and how it is sent, and not which list.
_OF_THE_PAGE = frozenset({"cursor", "limit", "offset", "sort", "format"})

CURSOR = "The `next` of the page before, with the same filters and sort."


@dataclass(frozen=True, slots=True)
class Listing:
    """How a list may be asked for: its orders by name, the usual one first, and how long a page is and may be.

    A list with `columns` can be sent whole, as a stream (exports.py): its CSV's headings and what stands below them.
    """

    orders: Mapping[str, Order]
    usual: int = 50
    most: int = 200
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paging:
    """What one request asks of a list. `as_of` is the instant that a walk began, for lists that need to know it."""

    listing: Listing
    sort: str
    limit: int
    bound: bytes
    after: Place | None = None
    as_of: datetime | None = None
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()

    @property
    def order(self) -> Order:
        return self.listing.orders[self.sort]

    @property
    def page(self) -> Page:
        """The page asked for and one row more, which tells whether there is a next."""
        return Page(self.order, self.limit + 1, self.after)

    def next_after(self, found: Sequence[Any], as_of: datetime | None = None) -> str | None:
        """The cursor of the next page, if `found`, which was asked for by `page`, shows that there is one."""
        if len(found) <= self.limit:
            return None
        return self.cursor_at(self.order.place_of(found[self.limit - 1]), as_of)

    def cursor_at(self, place: Place, as_of: datetime | None = None) -> str:
        """The cursor that continues after a place."""
        return _written(self.bound, place, as_of)

    def answer(self, data: Any, next_cursor: str | None, headers: Mapping[str, str] | None = None) -> Response:
        """A page: `data`, beside it `next` (null on the last), and the same as a `Link`."""
        links = [] if next_cursor is None else [self._link("next", next_cursor)]
        if self.after is not None:
            links.append(self._link("first", None))
        said = {"Link": ", ".join(links)} if links and self.path else {}
        return success(data, headers={**said, **(headers or {})}, beside={"next": next_cursor})

    def rows(self, found: Sequence[Any], show: Callable[[Any], Any]) -> Response:
        """A page of rows that were asked for by `page`."""
        return self.answer([show(row) for row in found[: self.limit]], self.next_after(found))

    def _link(self, relation: str, cursor: str | None) -> str:
        query = [*self.query, *([] if cursor is None else [("cursor", cursor)])]
        # Relative to this server: what the client calls it is the client's to know.
        return f'<{quote(self.path)}{"?" if query else ""}{urlencode(query)}>; rel="{relation}"'


def paged(listing: Listing) -> Any:
    """The dependency that reads `cursor`, `limit` and `sort`. Refuses with 422, a cursor as INVALID_CURSOR."""

    # A coroutine, because it waits for nothing and a thread costs more than it does.
    async def read(
        request: Request,
        cursor: str | None = Query(default=None, description=CURSOR),
        limit: int = Query(default=listing.usual, ge=1, le=listing.most, description="Rows of a page."),
        sort: str = Query(
            default=next(iter(listing.orders)),
            description="`-` for downwards.",
            json_schema_extra={"enum": list(listing.orders)},
            include_in_schema=len(listing.orders) > 1,
        ),
    ) -> Paging:
        given = request.query_params.multi_items()
        path: str = request.scope["path"]
        return asked(
            listing,
            principal_of(request),
            path,
            sort=sort,
            limit=limit,
            cursor=cursor,
            filters=[item for item in given if item[0] not in _OF_THE_PAGE],
            query=[item for item in given if item[0] not in {"cursor", "offset"}],
        )

    return Depends(read)


def asked(
    listing: Listing,
    who: Principal,
    path: str,
    *,
    limit: int,
    sort: str | None = None,
    cursor: str | None = None,
    filters: Sequence[tuple[str, str]] = (),
    query: Iterable[tuple[str, str]] | None = None,
) -> Paging:
    """What is asked of a list at an address. Without `query` no `Link` is written. Raises RefusedInput."""
    sort = next(iter(listing.orders)) if sort is None else sort
    if sort not in listing.orders:
        allowed = ", ".join(listing.orders)
        raise RefusedInput([Problem(f"sort is one of {allowed}.", "choice", column="sort", value=sort)])
    bound = "\n".join((path, str(who.tenant_id), sort, urlencode(sorted(filters)))).encode()
    after, as_of = (None, None) if not cursor else _read(bound, cursor, listing.orders[sort].keys)
    return Paging(
        listing, sort, limit, bound, after, as_of, "" if query is None else path, () if query is None else tuple(query)
    )


def _written(bound: bytes, place: Place, as_of: datetime | None) -> str:
    content = orjson.dumps([_VERSION, place, as_of])
    return urlsafe_b64encode(_checksum(bound, content) + content).rstrip(b"=").decode()


def _checksum(bound: bytes, content: bytes) -> bytes:
    # The length keeps what is asked apart from the place.
    text = b"%d\n%b%b" % (len(bound), bound, content)
    return hashlib.blake2b(text, digest_size=_CHECKSUM_BYTES, person=b"networx cursor").digest()


def _read(bound: bytes, cursor: str, keys: Sequence[Key]) -> tuple[Place, datetime | None]:
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError
        text = cursor.encode("ascii")
        told = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
        content = told[_CHECKSUM_BYTES:]
        if not hmac.compare_digest(told[:_CHECKSUM_BYTES], _checksum(bound, content)):
            raise ValueError
        version, values, as_of = orjson.loads(content)
        if version != _VERSION:
            raise ValueError
        place = tuple(_value(key, value) for key, value in zip(keys, values, strict=True))
        return place, None if as_of is None else _instant(as_of)
    except (ValueError, TypeError, AttributeError) as fault:
        said = "This is no cursor of this list. Take `next` of a page, and keep its filters and its sort."
        raise RefusedInput([Problem(said, "cursor", column="cursor")], code=INVALID_CURSOR) from fault


def _value(key: Key, value: Any) -> datetime | UUID | str | int:
    match key.type:
        case "timestamptz":
            return _instant(value)
        case "uuid":
            return UUID(value)
        case "bigint" if type(value) is int and abs(value) <= _LARGEST_ID:
            return value
        case "text" if isinstance(value, str) and "\0" not in value:
            return value
    raise ValueError


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at
