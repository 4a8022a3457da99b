"""The checks of a group of yearly answers: flows, what is served, costs, and the bounds that prove them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from networx.domain.capacity import YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.plan import Check
from networx.verify.capacity.network import Network, least_cost_bound, least_short_bound
from networx.verify.measure import check

RESIDUAL = 1e-7  # of the right-hand side
COST = 1e-9  # relative
PROVEN = 1e-6  # relative; between an answer and its bound

Violation = tuple[float, str]


def answer_checks(
    group: str, tables: NetworkTables, network: Network, answers: Sequence[YearAnswer], *, served: bool = False
) -> list[Check]:
    """The checks of answers to this dataset, the worst of the group a line. `served`: nothing may stay unserved."""
    years = len(network.facts.years)
    shaped = [_misshapen(tables, years, answer) for answer in answers]
    checks = [_worst(f"{group}: shape", [(float(bad), "an answer of other years or places") for bad in shaped], 0.0)]
    if any(shaped):
        return checks
    measures: list[tuple[str, Callable[[Network, YearAnswer], Violation], float]] = [
        ("flows", _flows, 0.0),
        ("demand", _demand, RESIDUAL),
        ("capacities", _capacities, RESIDUAL),
        ("shortage", _shortage, RESIDUAL),
        ("cost", _cost, COST),
    ]
    if network.level > 0:
        measures.append(("service level", _service, RESIDUAL))
    if served:
        measures.append(("all demand is served", _unserved, RESIDUAL))
    for name, measure, limit in measures:
        checks.append(_worst(f"{group}: {name}", [measure(network, answer) for answer in answers], limit))
    for name, proof in (("least shortage is proven", short_gap), ("least cost is proven", cost_gap)):
        gaps = [(proof(network, answer), _label(network, answer)) for answer in answers]
        checks.append(_worst(f"{group}: {name}", gaps, PROVEN))
    return checks


def short_gap(network: Network, answer: YearAnswer) -> float:
    """How far the shortage is above what its multipliers prove, over all demand."""
    if answer.least_short is None:
        return 0.0 if answer.short == 0 else math.inf
    bound = least_short_bound(network, answer, answer.least_short)
    return abs(answer.short - bound) / max(_asked(network, answer), 1e-9)


def cost_gap(network: Network, answer: YearAnswer) -> float:
    """How far the cost is above what its multipliers prove, relative."""
    if answer.cost is None:
        # A shortage alone was asked for: its proof is that of the shortage.
        return 0.0 if answer.least_short is not None and answer.least_cost is None else math.inf
    if answer.least_cost is None:
        return math.inf
    bound = least_cost_bound(network, answer, answer.least_cost, answer.short)
    return abs(answer.cost - bound) / max(abs(answer.cost), 1e-9)


def _asked(network: Network, answer: YearAnswer) -> float:
    return math.fsum(network.facts.demand[answer.year].tolist())


def _misshapen(tables: NetworkTables, years: int, answer: YearAnswer) -> bool:
    sites, places = len(tables.facilities), len(tables.destinations)
    columns = (answer.facility, answer.destination, answer.units)
    proofs = [proof for proof in (answer.least_short, answer.least_cost) if proof is not None]
    enlarged = answer.larger is not None and answer.enlarged is not None and 0 <= answer.larger < sites
    return not (
        0 <= answer.year < years
        and answer.opened.shape == (sites,)
        and answer.unserved.shape == (places,)
        and all(column.shape == answer.units.shape and column.ndim == 1 for column in columns)
        and all(proof.capacity.shape == (sites,) for proof in proofs)
        and bool(((answer.facility >= 0) & (answer.facility < sites)).all())
        and bool(((answer.destination >= 0) & (answer.destination < places)).all())
        and (enlarged or (answer.larger is None and answer.enlarged is None))
    )


def _label(network: Network, answer: YearAnswer) -> str:
    return str(network.facts.years[answer.year])


def _flows(network: Network, answer: YearAnswer) -> Violation:
    bad = ~(np.isfinite(answer.units) & (answer.units >= 0))
    bad |= ~np.isfinite(network.price[answer.facility, answer.destination])
    bad |= ~answer.opened[answer.facility]
    unserved = ~(np.isfinite(answer.unserved) & (answer.unserved >= 0))
    return float(bad.sum() + unserved.sum()), _label(network, answer)


def _demand(network: Network, answer: YearAnswer) -> Violation:
    demand = network.facts.demand[answer.year]
    met = np.bincount(answer.destination, answer.units, minlength=len(demand)) + answer.unserved
    return _largest(np.abs(met - demand) / np.where(demand > 0, demand, 1.0)), _label(network, answer)


def _capacities(network: Network, answer: YearAnswer) -> Violation:
    capacity = network.capacity(answer)
    sent = np.bincount(answer.facility, answer.units, minlength=len(capacity))
    limited = np.where(np.isinf(capacity), 0.0, capacity)
    over = np.where(np.isinf(capacity), 0.0, sent - limited) / np.where(limited > 0, limited, 1.0)
    return _largest(over), _label(network, answer)


def _shortage(network: Network, answer: YearAnswer) -> Violation:
    short = math.fsum(answer.unserved.tolist())
    return abs(answer.short - short) / max(_asked(network, answer), 1e-9), _label(network, answer)


def _cost(network: Network, answer: YearAnswer) -> Violation:
    if answer.cost is None:
        return 0.0, ""
    lines = network.price[answer.facility, answer.destination] * answer.units
    cost = math.fsum(lines.tolist()) if np.isfinite(lines).all() else math.nan
    return abs(answer.cost - cost) / max(abs(cost), 1e-9), _label(network, answer)


def _service(network: Network, answer: YearAnswer) -> Violation:
    near = math.fsum(answer.units[network.near[answer.facility, answer.destination]].tolist()) + answer.short
    needed = network.level * _asked(network, answer)
    return (needed - near) / max(needed, 1e-9), _label(network, answer)


def _unserved(network: Network, answer: YearAnswer) -> Violation:
    return answer.short / max(_asked(network, answer), 1e-9), _label(network, answer)


def _largest(violations: np.ndarray) -> float:
    if not violations.size:
        return 0.0
    return math.nan if np.isnan(violations).any() else float(violations.max())


def _worst(name: str, violations: Sequence[Violation], limit: float) -> Check:
    ranked = sorted(violations, key=lambda one: math.inf if math.isnan(one[0]) else one[0])
    worst, where = ranked[-1] if ranked else (0.0, "")
    return check(name, worst, limit, where)
