"""The checks of a group of yearly answers: flows, what is served, costs, and the bounds that prove them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from networx.domain.capacity_answer import YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.plan import Check
from networx.verify.capacity.bounds import least_cost_bound, least_missed_bound, least_short_bound
from networx.verify.capacity.network import Network
from networx.verify.capacity.shapes import misshapen
from networx.verify.measure import check

RESIDUAL = 1e-7  # of the right-hand side
COST = 1e-9  # relative
PROVEN = 1e-6  # relative; between an answer and its bound

Violation = tuple[float, str]


def answer_checks(
    group: str,
    tables: NetworkTables,
    network: Network,
    answers: Sequence[YearAnswer],
    *,
    served: bool = False,
    missed: bool = False,
) -> list[Check]:
    """The checks of answers to this dataset, the worst of the group a line. `served`: nothing may stay unserved.

    `missed`: the minimum throughputs may be missed, by no more than is proven; nothing else is.
    """
    years = len(network.facts.years)
    shaped = [misshapen(tables, years, network, answer) for answer in answers]
    checks = [_worst(f"{group}: shape", [(float(bad), "an answer of other years or places") for bad in shaped], 0.0)]
    if any(shaped):
        return checks
    measures: list[tuple[str, Callable[[Network, YearAnswer], Violation], float]] = [
        ("tiers are those of the data", _tiers, 0.0),
        ("flows", _flows, 0.0),
        ("demand", _demand, RESIDUAL),
        ("capacities", _capacities, RESIDUAL),
        ("shortage", _shortage, RESIDUAL),
        ("cost", _cost, COST),
    ]
    if any(service.hard for service in network.service):
        measures.append(("service level", _service, RESIDUAL))
    if any(ways.limited for ways in network.ways):
        measures.append(("capacities of lanes", _lane_capacities, RESIDUAL))
    if len(network.supply):
        measures += [("what comes in", _ways_in, 0.0), ("what comes in goes out", _balance, RESIDUAL)]
        measures.append(("supply", _supply, RESIDUAL))
        if any(ways.limited for ways in network.ways_in):
            measures.append(("capacities of suppliers' lanes", _inbound_capacities, RESIDUAL))
    if network.facts.min_throughput.any():
        measures.append(("minimum throughput", _throughput_but_missed if missed else _throughput, RESIDUAL))
    if served:
        measures.append(("all demand is served", _unserved, RESIDUAL))
    for name, measure, limit in measures:
        checks.append(_worst(f"{group}: {name}", [measure(network, answer) for answer in answers], limit))
    proofs = [("least shortage is proven", short_gap), ("least cost is proven", cost_gap)]
    for name, proof in [("least that lacks is proven", missed_gap)] if missed else proofs:
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


def missed_gap(network: Network, answer: YearAnswer) -> float:
    """How far what lacks of the minimum throughputs is above what its multipliers prove, over all of them."""
    lacking = math.fsum(answer.missed.tolist())
    if answer.least_missed is None or not lacking > 0:
        return math.inf
    bound = least_missed_bound(network, answer, answer.least_missed)
    return abs(lacking - bound) / max(math.fsum(network.least(answer).tolist()), 1e-9)


def _asked(network: Network, answer: YearAnswer) -> float:
    return math.fsum(network.facts.demand[answer.year].tolist())


def _label(network: Network, answer: YearAnswer) -> str:
    return str(network.facts.years[answer.year])


def _tiers(network: Network, answer: YearAnswer) -> Violation:
    most = np.array([len(steps) for steps in network.steps])
    bad = (answer.tiers < 0) | (answer.tiers > most) | ((answer.tiers > 0) & ~answer.opened)
    return float(bad.sum()), _label(network, answer)


def _flows(network: Network, answer: YearAnswer) -> Violation:
    lanes = network.lanes_of(answer)
    bad = ~(np.isfinite(answer.units) & (answer.units >= 0))
    bad |= ~(lanes.exists & np.isfinite(lanes.price))
    bad |= ~answer.opened[answer.facility]
    unserved = ~(np.isfinite(answer.unserved) & (answer.unserved >= 0))
    return float(bad.sum() + unserved.sum()), _label(network, answer)


def _demand(network: Network, answer: YearAnswer) -> Violation:
    demand = network.facts.demand[answer.year]
    met = np.bincount(answer.destination, answer.units, minlength=len(demand)) + answer.unserved
    return _largest(np.abs(met - demand) / np.where(demand > 0, demand, 1.0)), _label(network, answer)


def _capacities(network: Network, answer: YearAnswer) -> Violation:
    sent = np.bincount(answer.facility, answer.units, minlength=len(answer.opened))
    return _largest(_above(sent, network.capacity(answer))), _label(network, answer)


def _throughput(network: Network, answer: YearAnswer) -> Violation:
    return _lacking_throughput(network, answer, np.zeros(len(answer.opened))), _label(network, answer)


def _throughput_but_missed(network: Network, answer: YearAnswer) -> Violation:
    return _lacking_throughput(network, answer, answer.missed), _label(network, answer)


def _lacking_throughput(network: Network, answer: YearAnswer, missed: np.ndarray) -> float:
    """What lacks of the minimum throughputs beside what is said to be missed."""
    if not (np.isfinite(missed) & (missed >= 0)).all():
        return math.nan
    least = network.least(answer)
    sent = np.bincount(answer.facility, answer.units, minlength=len(least))
    return _largest((least - sent - missed) / np.where(least > 0, least, 1.0))


def _shortage(network: Network, answer: YearAnswer) -> Violation:
    short = math.fsum(answer.unserved.tolist())
    return abs(answer.short - short) / max(_asked(network, answer), 1e-9), _label(network, answer)


def _lane_capacities(network: Network, answer: YearAnswer) -> Violation:
    """What goes over each lane, however many flows it is told in."""
    flows = network.flows_over(answer), answer.units
    return _over_lanes(*flows, network.lane_capacity(answer)), _label(network, answer)


def _inbound_capacities(network: Network, answer: YearAnswer) -> Violation:
    flows = network.brought_over(answer), answer.inbound_units
    return _over_lanes(*flows, network.inbound_capacity(answer)), _label(network, answer)


def _over_lanes(row: np.ndarray, units: np.ndarray, capacity: np.ndarray) -> float:
    if (row < 0).any():
        return math.nan
    return _largest(_above(np.bincount(row, units, minlength=len(capacity)), capacity))


def _supply(network: Network, answer: YearAnswer) -> Violation:
    left = np.bincount(answer.inbound_supplier, answer.inbound_units, minlength=len(network.supply))
    return _largest(_above(left, network.supply_of(answer))), _label(network, answer)


def _ways_in(network: Network, answer: YearAnswer) -> Violation:
    bad = ~(np.isfinite(answer.inbound_units) & (answer.inbound_units >= 0))
    bad |= network.brought_over(answer) < 0
    return float(bad.sum()), _label(network, answer)


def _balance(network: Network, answer: YearAnswer) -> Violation:
    sites = len(answer.opened)
    sent = np.bincount(answer.facility, answer.units, minlength=sites)
    came = np.bincount(answer.inbound_facility, answer.inbound_units, minlength=sites)
    return _largest(np.abs(came - sent) / np.where(sent > 0, sent, 1.0)), _label(network, answer)


def _above(used: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """How far above its capacity each is, over the capacity; below 0 where it is not, 0 where nothing limits it."""
    limited = np.where(np.isinf(capacity), 0.0, capacity)
    over: np.ndarray = np.where(np.isinf(capacity), 0.0, used - limited) / np.where(limited > 0, limited, 1.0)
    return over


def _cost(network: Network, answer: YearAnswer) -> Violation:
    if answer.cost is None:
        return float(answer.inbound_cost != 0 or answer.penalty != 0), _label(network, answer)
    row = network.brought_over(answer)
    prices = network.ways_in[answer.year].price
    inbound = np.array([prices[at] if at >= 0 else math.nan for at in row.tolist()]) * answer.inbound_units
    came, penalty = _sum(inbound), _penalty(network, answer)
    cost = _sum(np.array([*(network.lanes_of(answer).price * answer.units).tolist(), came, penalty]))
    parts = abs(answer.inbound_cost - came) + abs(answer.penalty - penalty)
    return (abs(answer.cost - cost) + parts) / max(abs(cost), 1e-9), _label(network, answer)


def _sum(lines: np.ndarray) -> float:
    return math.fsum(lines.tolist()) if np.isfinite(lines).all() else math.nan


def _lacking(network: Network, answer: YearAnswer) -> float:
    """Units that the level lacks; what stays unserved counts as served near by. 0 or below: none, or none is asked."""
    service, lanes = network.service[answer.year], network.lanes_of(answer)
    if not service.asked:
        return 0.0
    near = math.fsum(answer.units[service.near(lanes.miles, lanes.days)].tolist()) + answer.short
    return service.level * _asked(network, answer) - near


def _penalty(network: Network, answer: YearAnswer) -> float:
    service = network.service[answer.year]
    return 0.0 if service.hard or not service.asked else service.penalty * max(_lacking(network, answer), 0.0)


def _service(network: Network, answer: YearAnswer) -> Violation:
    service = network.service[answer.year]
    needed = service.level * _asked(network, answer)
    return _lacking(network, answer) / max(needed, 1e-9) if service.hard else 0.0, _label(network, answer)


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
