"""Control totals as a scenario of shipments states them: what the client's books say of a year and a line, in a line of
text, since a scenario's parameters are single values.

    2025 transport = 1250000; 2026 transport = $1,310,400.50
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from networx.domain.sheets.columns import FIRST_YEAR, LAST_YEAR

# Dollars by year and line.
ControlTotals = Mapping[tuple[int, str], float]
_ENTRY = re.compile(r"(?P<year>\d{4})\s+(?P<line>[^=]*[^=\s])\s*=\s*(?P<amount>[^=]*)")
_DOLLARS = re.compile(r"(-)?\s*\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?")
_EXAMPLE = "such as 2025 transport = 1250000; 2026 transport = 1310400.50"


def read_control_totals(text: str) -> dict[tuple[int, str], float]:
    """Dollars by year and line; entries have a semicolon or a line break between them. Raises ValueError."""
    found: dict[tuple[int, str], float] = {}
    spelt: dict[tuple[int, str], str] = {}
    for entry in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        stated = _ENTRY.fullmatch(entry)
        if stated is None:
            raise ValueError(f"has {entry!r}: write a year, a line of the books, = and dollars, {_EXAMPLE}")
        key = int(stated["year"]), " ".join(stated["line"].split())
        if not FIRST_YEAR <= key[0] <= LAST_YEAR:
            raise ValueError(f"has the year {key[0]}, which must lie in {FIRST_YEAR} to {LAST_YEAR}")
        folded = key[0], key[1].casefold()
        if folded in spelt:
            raise ValueError(f"has {key[1]} of {key[0]} twice; state their sum once")
        spelt[folded] = key[1]
        found[key] = _dollars(stated["amount"].strip(), entry)
    if not found:
        raise ValueError(f"states nothing; write a year, a line of the books, = and dollars, {_EXAMPLE}")
    return found


def written_control_totals(totals: ControlTotals) -> str:
    """The other way round, to the last digit."""
    return "; ".join(f"{year} {line} = {amount!r}" for (year, line), amount in totals.items())


def _dollars(text: str, entry: str) -> float:
    try:
        value = float(text)  # what `written_control_totals` writes, 1e+16 as well
    except ValueError:
        stated = _DOLLARS.fullmatch(text)
        if stated is None:
            raise ValueError(f"has {entry!r}, whose dollars are no number; write them {_EXAMPLE}") from None
        sign, whole, cents = stated.groups()
        value = float(f"{sign or ''}{whole.replace(',', '')}{cents or ''}")
    if not math.isfinite(value):
        raise ValueError(f"has {entry!r}, whose dollars are not finite")
    return value
