"""The problems that are solved: published ones with their optimum, and random ones that a seed states in full.

A new case is one more entry of a family below. Data that is not there makes a case say so instead of being solved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial

from bench.solver import drawn, published
from networx.solver.location.problem import LocationProblem

PEERS_MOST_LANES = 200_000


@dataclass(frozen=True, slots=True)
class Case:
    """`build` makes the problem. `optimum` is the published one. `absent` says why it cannot be built here.

    `whole`: one site serves all of a customer's demand.
    """

    name: str
    family: str
    build: Callable[[], LocationProblem]
    optimum: float | None = None
    absent: str | None = None
    whole: bool = False

    def for_everybody(self, problem: LocationProblem) -> bool:
        """Whether it is small enough for solvers that are handed a file with every lane."""
        return problem.cost.size <= PEERS_MOST_LANES


def chosen(patterns: list[str]) -> list[Case]:
    """The cases whose name or family matches one of the patterns, in their order."""
    return [case for case in _all() if any(fnmatch(name, p) for p in patterns for name in (case.name, case.family))]


def _all() -> Iterator[Case]:
    yield from _pmed()
    yield from _uncapacitated()
    yield from _capacitated()
    yield from _single_source()
    yield from _growing()


def _pmed() -> Iterator[Case]:
    for number in range(1, 21):
        name = f"pmed{number}"
        yield _published(name, "p-median, OR-Library", f"pmed/{name}.txt", published.pmed, published.pmed_optima)


def _published(
    name: str,
    family: str,
    path: str,
    read: Callable[[str], LocationProblem],
    optima: Callable[[], dict[str, float]],
    *,
    whole: bool = False,
) -> Case:
    absent = published.absent(path)
    if absent is not None:
        return Case(name, family, lambda: read(path), absent=absent, whole=whole)
    return Case(name, family, lambda: read(path), optimum=optima()[name], whole=whole)


def _uncapacitated() -> Iterator[Case]:
    for count in (10, 20, 50, 100):
        yield Case(
            f"p-median-500x5000-{count}",
            "p-median, random",
            partial(drawn.on_a_map, 500, 5000, seed=1, count=count),
        )
    yield Case("p-median-200x2000-20", "p-median, random", partial(drawn.on_a_map, 200, 2000, seed=1, count=20))
    for fixed in (10_000, 30_000, 100_000):
        yield Case(
            f"ufl-500x5000-{fixed // 1000}k",
            "facility location, random",
            partial(drawn.on_a_map, 500, 5000, seed=1, fixed=fixed),
        )


def _capacitated() -> Iterator[Case]:
    family = "capacitated, OR-Library"
    for number in (*(41, 42, 43, 44, 51), *(10 * tens + last for tens in range(6, 14) for last in (1, 2, 3, 4))):
        name = f"cap{number}"
        yield _published(name, family, f"orlib_cap/{name}.txt", published.capacitated, published.capacitated_optima)
    for letter, capacities in (("a", (8000, 10000, 12000, 14000)), ("b", (5000, 6000, 7000, 8000))):
        for capacity in capacities:
            read = partial(published.capacitated, capacity=float(capacity))
            path = f"orlib_cap/cap{letter}.txt"
            yield _published(f"cap{letter}-{capacity}", family, path, read, published.capacitated_optima)
    for ratio in (2, 3, 5):
        yield Case(
            f"capacitated-200x2000-{ratio}",
            "capacitated, random",
            partial(drawn.capacitated, 200, 2000, seed=0, ratio=float(ratio)),
        )
    yield Case(
        "capacitated-500x5000-5", "capacitated, random", partial(drawn.capacitated, 500, 5000, seed=0, ratio=5.0)
    )


def _single_source() -> Iterator[Case]:
    for number in range(1, 41):
        name, read = f"p{number}", published.single_source
        optima = published.single_source_optima
        yield _published(name, "single source, Holmberg", f"holmberg/{name}", read, optima, whole=True)


def _growing() -> Iterator[Case]:
    for sites, customers in ((16, 50), (50, 200), (100, 500), (100, 1000), (200, 2000), (300, 3000), (500, 5000)):
        size = f"{sites}x{customers}"
        yield Case(
            f"growth-ufl-{size}",
            "growth, facility location",
            partial(drawn.on_a_map, sites, customers, seed=2, fixed=6.0 * customers),
        )
        yield Case(
            f"growth-p-median-{size}",
            "growth, p-median",
            partial(drawn.on_a_map, sites, customers, seed=2, count=max(sites // 10, 2)),
        )
        yield Case(
            f"growth-capacitated-{size}",
            "growth, capacitated",
            partial(drawn.capacitated, sites, customers, seed=2, ratio=5.0),
        )
