"""Readers of published instances, from `../shared/data` beside the checkout (or BENCH_DATA)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

from networx.solver.location.problem import LocationProblem

DATA = Path(os.environ.get("BENCH_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


def absent(path: str) -> str | None:
    """Why an instance cannot be read here, if it cannot."""
    return None if (DATA / path).exists() else f"{DATA / path} is not there"


def pmed(path: str) -> LocationProblem:
    """OR-Library's p-median: a graph whose nodes are sites and customers; a later edge replaces an earlier one."""
    words = (DATA / path).read_text().split()
    nodes, edges, count = (int(word) for word in words[:3])
    length = np.zeros((nodes, nodes))
    for one, other, cost in np.array(words[3 : 3 + 3 * edges], dtype=int).reshape(edges, 3):
        length[one - 1, other - 1] = length[other - 1, one - 1] = cost
    return LocationProblem(
        fixed=np.zeros(nodes),
        capacity=np.full(nodes, np.inf),
        demand=np.ones(nodes),
        cost=shortest_path(csr_matrix(length), directed=False),
        must=np.zeros(nodes, dtype=bool),
        at_least=count,
        at_most=count,
    )


def pmed_optima() -> dict[str, float]:
    lines = (DATA / "pmed" / "pmedopt.txt").read_text().split("\n")
    return {words[0]: float(words[1]) for words in map(str.split, lines) if len(words) == 2 and words[0] != "pmed"}
