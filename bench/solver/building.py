"""`python -m bench.solver.building`: from a network in memory to a model that HiGHS holds, beside the least there is.

One process; processor time, the median of several rounds in which the ways take turns, each of them first as often as
the others: who begins finds the network and its own code out of the caches. Models of earlier turns are let go first,
and the collector of cycles runs between turns. All build the same model: a year, strong links, a row a destination and
a site. *plain* writes HiGHS's own arrays by hand for just this model and
hands them over as numpy arrays; *HighsLp* is the same through the attributes of highspy's HighsLp, as its examples do.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy
import numpy as np

from bench.solver.networks import on_a_map
from bench.table import show
from networx.domain.arrays import Codes, Floats
from networx.domain.network import Demand
from networx.models.transport.formulation import formulate
from networx.models.transport.instance import TransportInstance, prepare
from networx.models.transport.periods import merged_years
from networx.solver.highs import load
from networx.solver.outcome import Limits

SIZES = ((50, 200), (100, 1_000), (200, 2_000))
LIMITS = Limits(60.0, 1e-6)
NO_ROWS = np.zeros(0, dtype=np.int32)

Way = Callable[[TransportInstance], highspy.Highs]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.solver.building", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    gc.freeze()  # what is imported by now is not gone through between turns
    rows = [("sites x destinations", "columns", "rows", "NetWORX s", "plain s", "ratio", "HighsLp s", "ratio")]
    for sites, destinations in SIZES:
        rows.append(_row(_one_year(sites, destinations), f"{sites} x {destinations:,}", given.rounds))
    show("Building a model of strong links, processor seconds, medians", rows)
    return 0


def _row(instance: TransportInstance, name: str, rounds: int) -> tuple[str, ...]:
    ways: tuple[Way, ...] = (_ours, _plain, _by_attributes)
    sizes = {way: _size(way(instance)) for way in ways}
    _require_alike(set(sizes.values()))
    seconds: dict[Way, list[float]] = {way: [] for way in ways}
    for turn in range(rounds):
        for way in (*ways[turn % len(ways) :], *ways[: turn % len(ways)]):
            seconds[way].append(_timed(way, instance))
    ours, plain, attributes = (statistics.median(seconds[way]) for way in ways)
    columns, count, _ = sizes[_ours]
    figures = [f"{ours:.4f}", f"{plain:.4f}", f"{ours / plain:.2f}", f"{attributes:.4f}", f"{ours / attributes:.2f}"]
    return name, f"{columns:,}", f"{count:,}", *figures


def _timed(way: Way, instance: TransportInstance) -> float:
    """Seconds of processor time."""
    gc.collect()
    gc.disable()
    started = time.process_time()
    way(instance)
    seconds = time.process_time() - started
    gc.enable()
    return seconds


def _one_year(sites: int, destinations: int) -> TransportInstance:
    tables, parameters = on_a_map(sites, destinations, lease=1)
    tables = replace(tables, demand=Demand(NO_ROWS, np.zeros(0, dtype=np.int64), np.zeros(0)))
    return prepare(tables, parameters)


def _ours(instance: TransportInstance) -> highspy.Highs:
    return load(formulate(instance, merged_years(instance), tighten=False), LIMITS)


@dataclass(frozen=True, slots=True)
class Arrays:
    """The model in HiGHS's own order, column by column, each array written once."""

    cost: Floats
    row_lower: Floats
    row_upper: Floats
    start: Codes
    index: Codes
    value: Floats
    whole: Codes


def _arrays(instance: TransportInstance) -> Arrays:
    demand, capacity = instance.demand[0], instance.capacity[0]
    sites, destinations = len(capacity), len(demand)
    site, place, price = instance.lanes.facility, instance.lanes.destination, instance.lanes.cost_per_unit
    most = np.minimum(demand[place], capacity[site])
    lanes = len(site)
    room = np.minimum(capacity, demand.sum())
    # A site's column: minus one in each of its links and in its capacity, one in the count. A lane's: three entries.
    of_sites = np.bincount(site, minlength=sites) + 2
    start = np.concatenate([[0], np.cumsum(of_sites), of_sites.sum() + 3 * np.arange(1, lanes + 1)]).astype(np.int32)
    index, value = np.empty(start[-1], dtype=np.int32), np.empty(start[-1])
    split, last = start[sites], start[1 : sites + 1] - 1
    inside = np.ones(split, dtype=bool)
    inside[last] = inside[last - 1] = False
    index[:split][inside], value[:split] = destinations + np.argsort(site, kind="stable"), -1.0
    index[last - 1] = destinations + lanes + np.arange(sites)
    index[last], value[last] = destinations + lanes + sites, 1.0
    three, worth = index[split:].reshape(lanes, 3), value[split:].reshape(lanes, 3)
    three[:, 0], three[:, 1], three[:, 2] = place, destinations + np.arange(lanes), destinations + lanes + site
    worth[:, 0], worth[:, 1], worth[:, 2] = most / demand[place], 1.0, most / room[site]
    return Arrays(
        np.concatenate([instance.fixed_cost[0], price * most]),
        np.concatenate([np.ones(destinations), np.full(lanes + sites, -np.inf), [0.0]]),
        np.concatenate([np.ones(destinations), np.zeros(lanes + sites), [sites]]),
        start,
        index,
        value,
        np.concatenate([np.ones(sites, dtype=np.int32), np.zeros(lanes, dtype=np.int32)]),
    )


def _plain(instance: TransportInstance) -> highspy.Highs:
    model = _arrays(instance)
    columns = len(model.cost)
    highs = _quiet()
    highs.passModel(
        *(columns, len(model.row_lower), len(model.index)),
        *(int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize), 0.0),
        *(model.cost, np.zeros(columns), np.ones(columns), model.row_lower, model.row_upper),
        *(model.start, model.index, model.value, model.whole),
    )
    return highs


def _by_attributes(instance: TransportInstance) -> highspy.Highs:
    model = _arrays(instance)
    columns = len(model.cost)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, len(model.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, np.zeros(columns), np.ones(columns)
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = model.start, model.index, model.value
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[whole] for whole in model.whole.tolist()]
    highs = _quiet()
    highs.passModel(lp)
    return highs


def _quiet() -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("log_to_console", False)
    return highs


def _size(highs: highspy.Highs) -> tuple[int, int, int]:
    """Columns, rows and entries."""
    return highs.getNumCol(), highs.getNumRow(), highs.getNumNz()


def _require_alike(sizes: set[tuple[int, int, int]]) -> None:
    """Raises SystemExit where they are not models of one size, with which a ratio would say nothing."""
    if len(sizes) > 1:
        sys.exit(f"the models differ: columns, rows and entries are {sizes}")


if __name__ == "__main__":
    sys.exit(main())
