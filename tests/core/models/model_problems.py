"""Models with optima that are known by hand or by a sum, in the JSON that clients of javascript-lp-solver send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Problem:
    """`objectives` has one value where one is optimised; `status` is that of the whole result."""

    name: str
    model: dict[str, Any]
    status: str
    objectives: tuple[float | None, ...]


def made(
    name: str,
    expected: float | str | tuple[float, ...],
    variables: dict[str, dict[str, float]],
    constraints: dict[str, dict[str, Any]],
    *,
    optimize: Any = "z",
    sense: str | None = "max",
    **more: Any,
) -> Problem:
    model = {"optimize": optimize, "constraints": constraints, "variables": variables, **more}
    if sense is not None and not isinstance(optimize, dict):
        model["opType"] = sense
    if isinstance(expected, str):
        return Problem(name, model, expected, (None,))
    return Problem(name, model, "optimal", expected if isinstance(expected, tuple) else (float(expected),))


def flags(*names: str) -> dict[str, int]:
    return dict.fromkeys(names, 1)


def big_m(capacity: float, demand: str) -> Problem:
    """A site costs 100,000 to open; without opening it nothing can flow, however large its capacity."""
    return made(
        f"a site of capacity {capacity:g}, demand as {demand}",
        100_100,
        {"flow": {"z": 1, "demand": 1, "link": 1}, "open": {"z": 100_000, "link": -capacity}},
        {"demand": {demand: 100}, "link": {"max": 0}},
        sense="min",
        binaries=flags("open"),
    )


def knapsack(name: str, worth: list[int], weight: list[int], room: int) -> Problem:
    """0-1, its optimum by dynamic programming over the room."""
    best = np.zeros(room + 1, dtype=int)
    for value, size in zip(worth, weight, strict=True):
        best[size:] = np.maximum(best[size:], best[: room + 1 - size] + value)
    items = {f"item {at}": {"z": v, "room": w} for at, (v, w) in enumerate(zip(worth, weight, strict=True))}
    return made(name, int(best[room]), items, {"room": {"max": room}}, binaries=flags(*items))


def assignment(cost: list[list[int]], expected: float) -> Problem:
    size = range(len(cost))
    variables = {f"{i}-{j}": {"z": cost[i][j], f"from {i}": 1, f"to {j}": 1} for i in size for j in size}
    constraints = {f"{way} {at}": {"equal": 1} for way in ("from", "to") for at in size}
    return made("an assignment, degenerate as all are", expected, variables, constraints, sense="min")


def cycling() -> Problem:
    """Beale's example, on which the simplex method without a rule against it goes in circles."""
    return made(
        "Beale's cycle",
        -0.05,
        {
            "x4": {"z": -0.75, "a": 0.25, "b": 0.5},
            "x5": {"z": 150, "a": -60, "b": -90},
            "x6": {"z": -0.02, "a": -0.04, "b": -0.02, "c": 1},
            "x7": {"z": 6, "a": 9, "b": 3},
        },
        {"a": {"max": 0}, "b": {"max": 0}, "c": {"max": 1}},
        sense="min",
    )


def klee_minty(size: int) -> Problem:
    variables = {
        f"x{j}": {
            "z": 10.0 ** (size - j),
            f"r{j}": 1.0,
            **{f"r{i}": 2 * 10.0 ** (i - j) for i in range(j + 1, size + 1)},
        }
        for j in range(1, size + 1)
    }
    constraints = {f"r{i}": {"max": 100.0 ** (i - 1)} for i in range(1, size + 1)}
    return made(f"Klee and Minty's cube of {size}", 100.0 ** (size - 1), variables, constraints)


_WOOD = {"table": {"wood": 30, "labour": 5, "z": 1200}, "chair": {"wood": 20, "labour": 10, "z": 1600}}
_LIMITS = {"wood": {"max": 300}, "labour": {"max": 110}}
_ONE = {"x": {"z": 1, "a": 1}}
_TWO = {"x": {"z": 1, "a": 1, "x only": 1}, "y": {"z": 1, "a": 1}}
_SITES = {"near": {"z": 4, "served": 1, "use": 1}, "far": {"z": 7, "served": 1}}

PROBLEMS = [
    made("a workshop", 19_200, _WOOD, _LIMITS, ints=flags("table", "chair")),
    # Both limits bind: 4 tables and 9 chairs, which happens to be whole.
    made("a workshop, fractions allowed", 19_200, _WOOD, _LIMITS),
    made(
        "whole numbers cost something",
        10,
        {"x": {"z": 2, "a": 3}, "y": {"z": 1, "a": 1}},
        {"a": {"max": 10}},
        ints=flags("x", "y"),
    ),
    made(
        "a diet",
        8,
        {"bread": {"z": 2, "a": 1, "b": 1}, "milk": {"z": 3, "a": 1, "b": 2}},
        {"a": {"min": 4}, "b": {"min": 2}},
        sense="min",
    ),
    made("min and max on one constraint", 8, _ONE, {"a": {"min": 2, "max": 8}}),
    made("the same, from below", 2, _ONE, {"a": {"min": 2, "max": 8}}, sense="min"),
    made("equal wins over min and max", 4, _ONE, {"a": {"equal": 4, "min": 5, "max": 9}}),
    made("no opType is min", 2, _ONE, {"a": {"min": 2}}, sense=None),
    made("a coefficient without a constraint is ignored", 3, {"x": {"z": 1, "a": 1, "colour": 99}}, {"a": {"max": 3}}),
    made("the objective is not constrained", 10, {"x": {"z": 1, "a": 1}}, {"z": {"max": 5}, "a": {"max": 10}}),
    made("nothing below zero", 0, {"x": {"z": 1, "a": 1}}, {"a": {"max": 5}}, sense="min"),
    made(
        "below zero where unrestricted",
        -20,
        {"x": {"z": 2, "a": 1}},
        {"a": {"min": -10}},
        sense="min",
        unrestricted=flags("x"),
    ),
    made(
        "whole and below zero",
        -2,
        {"x": {"z": 1, "a": 2}},
        {"a": {"min": -5}},
        sense="min",
        ints=flags("x"),
        unrestricted=flags("x"),
    ),
    made(
        "a binary below zero where unrestricted",
        -2,
        {"x": {"z": 1, "a": 2}},
        {"a": {"min": -5}},
        sense="min",
        binaries=flags("x"),
        unrestricted=flags("x"),
    ),
    made("a binary is at most one", 1, _ONE, {"a": {"max": 7}}, binaries=flags("x")),
    made("0 takes a variable out of the integers", 3.5, _ONE, {"a": {"max": 3.5}}, ints={"x": 0}),
    made("no objective, any answer", 0, {"x": {"a": 1}}, {"a": {"min": 3}}, optimize=None, sense="min"),
    made("an objective that nothing has", 0, _ONE, {"a": {"min": 3}}, optimize="nothing", sense="min"),
    made("no constraints, best at zero", 0, {"x": {"z": 1}}, {}, sense="min"),
    made("a tie along an edge", 6, _TWO, {"a": {"max": 6}}),
    made(
        "a corner with more rows than it needs",
        2,
        {"x": {"z": 1, "a": 1, "b": 2, "c": 3}},
        {"a": {"max": 2}, "b": {"max": 4}, "c": {"max": 6}},
    ),
    made(
        "a tolerance takes what is near enough",
        5,
        {"x": {"z": 5, "a": 5}},
        {"a": {"max": 5}},
        ints=flags("x"),
        tolerance=0.05,
    ),
    made(
        "options.timeout beats timeout",
        5,
        {"x": {"z": 5, "a": 5}},
        {"a": {"max": 5}},
        timeout=1,
        options={"timeout": 20_000},
    ),
    made(
        "coefficients of very different size",
        1_000_001,
        {"x": {"z": 1e6, "a": 1e-3}, "y": {"z": 1e-3, "b": 1e-3}},
        {"a": {"max": 1e-3}, "b": {"max": 1.0}},
    ),
    cycling(),
    klee_minty(3),
    klee_minty(5),
    assignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]], 5),
    knapsack("a knapsack", [10, 13, 7, 8, 2], [3, 4, 2, 3, 1], 7),
    knapsack(
        "a larger knapsack", [92, 57, 49, 68, 60, 43, 67, 84, 87, 72], [23, 31, 29, 44, 53, 38, 63, 85, 89, 82], 165
    ),
    *(big_m(capacity, how) for capacity in (1e6, 1e8, 1e9, 1e12) for how in ("min", "equal")),
    # What contradicts itself.
    made("more than the most", "infeasible", _ONE, {"a": {"min": 20, "max": 10}}),
    made(
        "two constraints that clash", "infeasible", {"x": {"z": 1, "a": 1, "b": 1}}, {"a": {"min": 5}, "b": {"max": 4}}
    ),
    made("a constraint that no variable has", "infeasible", _ONE, {"other": {"min": 3}}),
    made("no whole number", "infeasible", {"x": {"z": 1, "a": 3}}, {"a": {"equal": 1}}, ints=flags("x")),
    made("no even sum is odd", "infeasible", {"x": {"a": 2}, "y": {"a": 4}}, {"a": {"equal": 7}}, ints=flags("x", "y")),
    made(
        "a cycle that gains",
        "infeasible",
        {"x": {"a": 1, "c": -1}, "y": {"a": -1, "b": 1}, "w": {"b": -1, "c": 1}},
        {name: {"min": 1} for name in "abc"},
        sense="min",
    ),
    made("tenths that add up wrong", "infeasible", {"x": {"a": 0.1, "b": 0.3}}, {"a": {"min": 1}, "b": {"max": 2.99}}),
    made(
        "binaries are not enough",
        "infeasible",
        {"x": {"a": 1}, "y": {"a": 1}},
        {"a": {"min": 3}},
        binaries=flags("x", "y"),
    ),
    # What has no end.
    made("no limit above", "unbounded", _ONE, {"a": {"min": 10}}),
    made("no limit below", "unbounded", {"x": {"z": -2, "a": 3}}, {"a": {"min": 10}}, sense="min"),
    made(
        "no limit in whole numbers",
        "unbounded",
        {"x": {"z": 1, "a": 2, "b": -2}},
        {"a": {"min": 3}, "b": {"max": 5}},
        ints=flags("x"),
    ),
    made("no limit along a difference", "unbounded", {"x": {"z": 1, "a": 1}, "y": {"a": -1}}, {"a": {"max": 1}}),
    made("no constraint at all", "unbounded", {"x": {"z": 1}}, {}),
    made("a soft limit is none for the objective", "unbounded", _ONE, {"a": {"max": 10, "weight": 5}}),
    # What may give way: the objective first, then strong, medium and weak.
    made(
        "a soft limit gives way to the objective",
        40,
        {"x": {"z": 1, "a": 1, "b": 1}},
        {"a": {"max": 10, "weight": 3}, "b": {"max": 40}},
    ),
    made("a soft demand is not bought", 0, _ONE, {"a": {"min": 10, "priority": "weak", "weight": 2}}, sense="min"),
    made(
        "required is hard",
        "infeasible",
        {"x": {"z": 1, "a": 1, "b": 1}},
        {"a": {"min": 10, "priority": "required"}, "b": {"max": 3}},
    ),
    made(
        "strong before weak",
        0,
        {"x": {"a": 1, "b": 1}},
        {"a": {"max": 10, "priority": "strong"}, "b": {"min": 20, "priority": "weak", "weight": 100}},
        sense="min",
    ),
    made(
        "soft in whole numbers",
        12,
        _SITES,
        {"served": {"min": 3}, "use": {"max": 1, "priority": "medium"}},
        sense="min",
        ints=flags("near", "far"),
    ),
    # Several objectives: each by itself.
    made(
        "as much as can be for as little",
        (40 / 3, 6),
        {"a": {"p": 1, "q": 3, "w": 1, "u": 1}, "b": {"p": 2, "q": 5, "w": 1.5, "u": 1}},
        {"w": {"max": 10}, "u": {"min": 2}},
        optimize={"p": "max", "q": "min"},
    ),
    made(
        "two goals that share",
        (10, 20),
        {"a": {"p": 1, "w": 1}, "b": {"q": 2, "w": 1}},
        {"w": {"max": 10}},
        optimize={"p": "max", "q": "max"},
    ),
    made(
        "two goals in whole numbers",
        (3, 6),
        {"a": {"p": 1, "w": 2}, "b": {"q": 2, "w": 2}},
        {"w": {"max": 7}},
        optimize={"p": "max", "q": "max"},
        ints=flags("a", "b"),
    ),
    made(
        "a goal that is constrained too",
        (3, 20),
        {"a": {"p": 1, "q": 1, "w": 1}, "b": {"q": 2, "w": 1}},
        {"w": {"max": 10}, "p": {"max": 3}},
        optimize={"p": "max", "q": "max"},
    ),
]
