"""How numbers, lists and years stand in a sentence, so that every message says them alike and reads well at one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import pairwise

SINGLE_YEAR = 1  # the label of the only year where neither Demand nor Forecast names one
LONGEST_RUN_IN_WORDS = 2  # years in a row that are named one by one; more are said as a range


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 facility`, `1,200 rows`. `many` is the plural where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def in_full(number: float) -> str:
    """A number with thousands separators and none of its digits left out: `1,234,567.25`."""
    return f"{number:,.15g}"


def sayable(said: str) -> str:
    """A client's text as UTF-8 can hold it, which half a surrogate is not."""
    return said.encode("utf-8", "replace").decode()


def listed(words: Sequence[str], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def nearest_parameter(name: str, names: Sequence[str]) -> str:
    """What a parameter that is not known might have been meant as; where nothing is near, all that there are."""
    near = get_close_matches(name, names, n=1, cutoff=0.7)
    return f"the nearest to it is {near[0]}" if near else f"the parameters are {', '.join(names)}"


def in_year(year: int) -> str:
    """A year as a sentence goes on, ` in 2026`; nothing where no year was stated."""
    return "" if year == SINGLE_YEAR else f" in {year}"


def years_listed(years: Iterable[int]) -> str:
    """Years in ascending order, long runs as ranges: `2026`, `2026 and 2027`, `2026 to 2029 and 2031`."""
    ordered = sorted(years)
    starts = [0, *(at for at, (earlier, later) in enumerate(pairwise(ordered), 1) if later != earlier + 1)]
    runs = [ordered[start:end] for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True)]
    words: list[str] = []
    for run in runs:
        words += [f"{run[0]} to {run[-1]}"] if len(run) > LONGEST_RUN_IN_WORDS else [str(year) for year in run]
    return listed(words, "and")
