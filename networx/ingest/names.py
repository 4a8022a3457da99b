"""The names of one sheet and the rows they stand for, so that other sheets can refer to them.

A reference counts only where it is written like the name. Where it is nearly so, the refusal says which name was
probably meant; it is never taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz, process

from networx.ingest.cells import BadCell, Unjudged, text
from networx.ingest.reader import Cell

ALIKE = 80  # of 100, from where a name is worth suggesting
SEARCHES = 200  # a search walks through all names; a file full of strangers must not take hours


def nearest(name: str, known: list[str]) -> str | None:
    """The known name that is most like `name`, if any is."""
    found = process.extractOne(name, known, scorer=fuzz.WRatio, score_cutoff=ALIKE)
    return found[0] if found else None


class Names:
    """Names in row order: the code of a name is its place among them. Every name met is known, its row good or not."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self._codes: dict[str, int] = {}
        self._listed: list[str] = []
        self._rows: list[int] = []
        self._folded: dict[str, str] = {}
        self._searches = 0
        self.unread = False  # whether its sheet could not be read, so that nobody knows its names

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def name(self, code: int) -> str:
        """The name with a code."""
        if len(self._listed) != len(self._codes):
            self._listed = list(self._codes)
        return self._listed[code]

    def add(self, name: str, row: int) -> str | None:
        """Give a name its code. Returns what is wrong with it, or None."""
        earlier = self._codes.get(name)
        if earlier is not None:
            return f"is the same as in row {self._rows[earlier]}; each name may stand once"
        folded = _fold(name)
        alike = self._folded.setdefault(folded, name)
        self._codes[name] = len(self._codes)
        self._rows.append(row)
        if alike != name:
            return (
                f"differs from {alike} in row {self._rows[self._codes[alike]]} only by case or spaces; make the names "
                "clearly different, or remove one row"
            )
        return None

    def find(self, name: str) -> int | None:
        """The code of a name; None where no row has it."""
        return self._codes.get(name)

    def code(self, cell: Cell) -> int:
        """The code of the name in a cell. Raises BadCell where no row has it, Unjudged where none could be read."""
        code = self._codes.get(cell)  # type: ignore[arg-type]  # a cell that is no text is found nowhere
        if code is not None:
            return code
        name = text(cell)
        code = self._codes.get(name)
        if code is None and self.unread:
            raise Unjudged
        if code is None:
            likely = self.likely(name)
            cure = f"did you mean {likely}?" if likely else f"add it to {self.sheet} or correct the name"
            raise BadCell("unknown_name", f"is not a name in the sheet {self.sheet}; {cure}")
        return code

    def likely(self, name: str) -> str | None:
        """The name that was probably meant, if any was."""
        alike = self._folded.get(_fold(name))
        if alike or self._searches >= SEARCHES:
            return alike
        self._searches += 1
        return nearest(name, list(self._codes))


def _fold(name: str) -> str:
    return re.sub(r"\s+", "", name).casefold()
