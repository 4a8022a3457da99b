"""The schedules that a site may have, one by one: for choosing among them, where a price a year is not enough."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from networx.domain.arrays import Flags, Floats
from networx.solver.location.years.problem import YearsProblem

ALL_UP_TO = 8  # years; beyond, only those that are open once, or closed once


@dataclass(frozen=True, slots=True)
class Patterns:
    """`opened` (P, T) are open and closed years; `allowed` (P, I) whether a site may have them.

    `once` (P, I) is what opening and closing costs, and `changes` (P, T, I) in which years it changes.
    """

    opened: Flags
    allowed: Flags
    once: Floats
    changes: Flags


def patterns_of(problem: YearsProblem) -> Patterns:
    opened = np.array(list(_ways(problem.years)), dtype=bool)
    before = np.empty((len(opened), problem.years, problem.sites), dtype=bool)
    before[:, 0] = problem.existing
    before[:, 1:] = opened[:, :-1, None]
    is_open = opened[:, :, None]
    changes = before != is_open
    once = ((is_open & ~before) * problem.opening + (~is_open & before) * problem.closing).sum(axis=1)
    kept = np.array([_kept(problem, way) for way in opened])
    allowed = kept & (problem.may | ~is_open).all(axis=1) & (~problem.must | is_open).all(axis=1)
    if not problem.existing.any():
        changes[:, 0] = False
    return Patterns(opened, allowed, once, changes)


def _ways(years: int) -> Iterator[tuple[bool, ...]]:
    if years <= ALL_UP_TO:
        yield from itertools.product((False, True), repeat=years)
        return
    ways = set()
    for first, last in itertools.combinations_with_replacement(range(years + 1), 2):
        way = tuple(first <= year < last for year in range(years))
        ways |= {way, tuple(not is_open for is_open in way)}
    yield from sorted(ways)


def _kept(problem: YearsProblem, way: Flags) -> Flags:
    """Which sites (I,) keep their lease with these open years."""
    years, whole = problem.years, problem.whole
    kept = np.ones(problem.sites, dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], way, [False]]).astype(int)))
    for first, after in edges.reshape(-1, 2):
        if after < years:
            ran = (after - first >= problem.lease) | ~problem.may[after]
            kept &= ran | (problem.existing if first == 0 else False)
    always = (problem.may == way[:, None]).all(axis=0) | (not way.any())
    return np.where(whole, always, kept)
