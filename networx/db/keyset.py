"""Lists by keys: a page begins after the values that the last row before it had, never after a count of rows.

So a page costs the same wherever it stands, and rows that come or go meanwhile neither repeat nor hide another. The
last key of an order is unique, which settles the place of rows that are otherwise equal; keys never change and are
never null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID

Place = tuple[datetime | UUID | str | int, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A column to sort by: its name in the row's value, and in the statement where that is another."""

    name: str
    type: Literal["timestamptz", "uuid", "text", "bigint"]
    column: str = ""

    @property
    def sql(self) -> str:
        return self.column or self.name


@dataclass(frozen=True, slots=True)
class Order:
    """One way to sort a list: all keys upwards, or all downwards."""

    keys: tuple[Key, ...]
    descending: bool = False

    @property
    def sql(self) -> str:
        direction = " DESC" if self.descending else ""
        return ", ".join(f"{key.sql}{direction}" for key in self.keys)

    @property
    def beyond(self) -> str:
        """The condition on rows that stand after a place."""
        columns = ", ".join(key.sql for key in self.keys)
        values = ", ".join(f"%(place_{number})s::{key.type}" for number, key in enumerate(self.keys))
        return f"({columns}) {'<' if self.descending else '>'} ({values})"

    def place_of(self, row: Any) -> Place:
        """Where a row stands: a value with the keys as attributes, or a mapping."""
        read = row.__getitem__ if isinstance(row, Mapping) else partial(getattr, row)
        return tuple(read(key.name) for key in self.keys)


def orders(usual: str, **keys: tuple[Key, ...]) -> dict[str, Order]:
    """Each name upwards (`name`) and downwards (`-name`), the usual one first."""
    both = {f"{sign}{name}": Order(of, descending=sign == "-") for name, of in keys.items() for sign in ("", "-")}
    return {usual: both[usual], **both}


CREATED = (Key("created_at", "timestamptz"), Key("id", "uuid"))
NEWEST_FIRST = Order(CREATED, descending=True)


@dataclass(frozen=True, slots=True)
class Page:
    """At most `limit` rows in an order, all of which stand after a place if one is given."""

    order: Order = NEWEST_FIRST
    limit: int = 50
    after: Place | None = None

    def where(self, filters: Mapping[str, str], given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """WHERE, ORDER BY and LIMIT of a statement, and their arguments.

        `filters` holds a condition for each name that may be given; what is None is not asked for.
        """
        stated = {name: value for name, value in given.items() if value is not None}
        conditions = [filters[name] for name in stated]
        places: dict[str, Any] = {}
        if self.after is not None:
            conditions.append(self.order.beyond)
            places = {f"place_{number}": value for number, value in enumerate(self.after)}
        condition = f"WHERE {' AND '.join(conditions)} " if conditions else ""
        return f"{condition}ORDER BY {self.order.sql} LIMIT %(limit)s", {**stated, **places, "limit": self.limit}
