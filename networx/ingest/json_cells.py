"""Cells out of parsed JSON by the rules of the workbook's cells, each fault with the path of its value.

Nothing here raises for what a client sent: a value that cannot be used is named in `problems`, and left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from networx.domain.phrases import listed, sayable
from networx.errors import Problem
from networx.ingest.cells import BadCell, Parser, text
from networx.ingest.names import nearest

PROBLEMS_NAMED = 1_000
_VALUE_CHARACTERS_KEPT = 200
# A search walks through all names, and somebody waits for the answer.
_SEARCHES, _NAMES_SEARCHED = 20, 2_000

Value = TypeVar("Value")


class JsonCells:
    """The faults of one document, the first PROBLEMS_NAMED of `count`."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.count = 0
        self._searches = 0

    def wrong(self, path: str, message: str, rule: str, value: object = None) -> None:
        """Name a fault."""
        self.count += 1
        if len(self.problems) < PROBLEMS_NAMED:
            shown = None if value is None else sayable(str(value)[:_VALUE_CHARACTERS_KEPT])
            self.problems.append(Problem(sayable(message), rule, column=sayable(path), value=shown))

    def cell(self, path: str, value: Any, parse: Parser, *, called: str | None = None) -> Any:
        """One value that must be there; None where it is not, or not usable. Called by its field unless said."""
        named = _last(path) if called is None else called
        if value is None or (isinstance(value, str) and not value.strip()):
            self.wrong(path, f"{named} is missing; state it.", "required")
            return None
        try:
            return parse(value)
        except BadCell as fault:
            self.wrong(path, f"{named} {fault.message}.", fault.rule, value)
            return None

    def object_at(self, path: str, value: Any, fields: Sequence[str]) -> Mapping[str, Any] | None:
        """An object that must be there, of these fields and no others; None where it is not."""
        if value is None:
            self.wrong(path, f"{_last(path)} is missing; state it.", "required")
            return None
        if not isinstance(value, Mapping):
            self.wrong(path, f"{_last(path)} must be an object.", "object")
            return None
        for name in value:
            if name not in fields:
                message = f"{name} is no field of {_last(path)}; its fields are {listed(fields, 'and')}."
                self.wrong(f"{path}.{name}", message, "unknown_field")
        return {name: value[name] for name in fields if name in value}

    def list_at(self, path: str, value: Any) -> Sequence[Any]:
        """A list; an empty one where it is absent or none."""
        if value is not None and not isinstance(value, list):
            self.wrong(path, f"{_last(path)} must be a list.", "list")
            return []
        return value or []

    def names(self, path: str, value: Any) -> list[str]:
        """Names, each there once and clearly different from the others; empty where one of them cannot be used."""
        stated = self.list_at(path, value)
        if not stated:
            if value is None or value == []:
                self.wrong(path, f"{_last(path)} is missing; state at least one name.", "required")
            return []
        first: dict[str, int] = {}
        found: list[str] = []
        for index, cell in enumerate(stated):
            name = self.cell(f"{path}[{index}]", cell, text)
            if name is None:
                continue
            alike = first.setdefault("".join(name.split()).casefold(), index)
            if alike != index:
                message = f"{name} is in {path}[{alike}] already, or differs only by case or spaces; name each once."
                self.wrong(f"{path}[{index}]", message, "duplicate_name", name)
            found.append(name)
        return found if len(found) == len(stated) == len(first) else []

    def known(self, path: str, names: Sequence[str], among: Sequence[str], source: str) -> None:
        """Name those that are not among the names of `source`; nothing where that has none to compare with."""
        if not among:
            return
        there = set(among)
        for index, name in enumerate(names):
            if name not in there:
                self._stranger(f"{path}[{index}]", name, among, source)

    def by_name(
        self, path: str, value: Any, names: Sequence[str], source: str, parse: Parser, *, complete: bool = False
    ) -> dict[str, Any]:
        """The values of an object whose fields are names of `source`, None where bad; all of them if `complete`."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.wrong(path, f"{_last(path)} must be an object of names and numbers.", "object")
            return dict.fromkeys(names)
        there = set(names)
        found: dict[str, Any] = {}
        for name, cell in value.items():
            if name in there:
                found[name] = self.cell(f"{path}.{name}", cell, parse, called=f"The {path} of {name}")
            elif names:
                self._stranger(f"{path}.{name}", name, names, source)
        for name in names if complete else ():
            if name not in found:
                self.wrong(f"{path}.{name}", f"{name} has no {path}; state it, 0 if there is none.", "required")
        return found

    def table(self, path: str, value: Any, rows: int, columns: int, parse: Parser) -> list[list[Any]]:
        """Rows of cells, as many as there are names; empty where the shape is another."""
        stated = self.list_at(path, value)
        if value is None:
            self.wrong(path, f"{_last(path)} is missing; state a row for every name of rows.", "required")
        if not stated or not rows or not columns:
            return []
        if len(stated) != rows:
            self.wrong(path, f"{_last(path)} has {len(stated)} rows, and there are {rows} names in rows.", "shape")
            return []
        found = []
        for index, row in enumerate(stated):
            where = f"{path}[{index}]"
            if not isinstance(row, list) or len(row) != columns:
                has = f"{len(row)} cells" if isinstance(row, list) else "no list of cells"
                self.wrong(where, f"Row {index} has {has}, and there are {columns} names in cols.", "shape")
                continue
            found.append([self.cell(f"{where}[{at}]", cell, parse) for at, cell in enumerate(row)])
        return found if len(found) == rows else []

    def _stranger(self, path: str, name: str, known: Sequence[str], source: str) -> None:
        self._searches += 1
        worth_it = self._searches <= _SEARCHES and len(known) <= _NAMES_SEARCHED
        likely = nearest(name, list(known)) if worth_it else None
        cure = f"did you mean {likely}?" if likely else "add it there or correct the name."
        self.wrong(path, f"{name} is not a name in {source}; {cure}", "unknown_name", name)


def _last(path: str) -> str:
    """The word of a path that a sentence begins with."""
    return path.rpartition(".")[2]
