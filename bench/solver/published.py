"""Readers of published instances, from `../shared/data` beside the checkout (or BENCH_DATA)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

from networx.solver.location.problem import LocationProblem

OPTIMUM = re.compile(r"(?P<name>cap\w+)?\s+(?P<cost>[\d.]+)(\s+\(capacity (?P<capacity>\d+)\))?\s*$")
LEAST_DEMAND = 1e-6  # units, for the few customers who have none

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


def capacitated(path: str, capacity: float | None = None) -> LocationProblem:
    """OR-Library's capacitated location; `capacity` is that of every site in files that leave it open."""
    words = (DATA / path).read_text().split()
    sites, customers = int(words[0]), int(words[1])
    of_sites = words[2 : 2 + 2 * sites]
    rows = np.array(words[2 + 2 * sites :], dtype=float).reshape(customers, sites + 1)
    return LocationProblem(
        fixed=np.array(of_sites[1::2], dtype=float),
        capacity=np.array(of_sites[::2], dtype=float) if capacity is None else np.full(sites, capacity),
        demand=np.maximum(rows[:, 0], LEAST_DEMAND),
        cost=rows[:, 1:].T.copy(),
        must=np.zeros(sites, dtype=bool),
        at_least=0,
        at_most=sites,
    )


def single_source(path: str) -> LocationProblem:
    """Holmberg's: capacities in a row, fixed costs in a row, demands, then a row of costs for each customer."""
    words = np.array((DATA / path).read_text().split(), dtype=float)
    sites, customers = int(words[0]), int(words[1])
    capacity, fixed, demand, cost = np.split(words[2:], np.cumsum([sites, sites, customers]))
    return LocationProblem(
        fixed=fixed,
        capacity=capacity,
        demand=demand,
        cost=cost.reshape(customers, sites).T.copy(),
        must=np.zeros(sites, dtype=bool),
        at_least=0,
        at_most=sites,
    )


def single_source_optima() -> dict[str, float]:
    lines = (DATA / "holmberg" / "optima.txt").read_text().splitlines()
    return {name: float(cost) for name, cost in map(str.split, lines)}


def capacitated_optima() -> dict[str, float]:
    """By the name of the file, and where that leaves the capacity open, its capacity: cap41, capa-8000."""
    optima: dict[str, float] = {}
    name = ""
    for line in (DATA / "orlib_cap" / "capopt.txt").read_text().splitlines():
        found = OPTIMUM.match(line)
        if found is None:
            continue
        name = found["name"] or name
        optima[f"{name}-{found['capacity']}" if found["capacity"] else name] = float(found["cost"])
    return optima


def pmed_optima() -> dict[str, float]:
    lines = (DATA / "pmed" / "pmedopt.txt").read_text().split("\n")
    return {words[0]: float(words[1]) for words in map(str.split, lines) if len(words) == 2 and words[0] != "pmed"}
