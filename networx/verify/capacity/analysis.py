"""The certificate of a capacity analysis. It never raises on a bad answer: what fails is named, with where it is.

Shortages, least costs, prices and savings are proven by weak duality from the multipliers that go with each answer. The
bound of a relief is the solver's word, and recorded as such; that it serves everything, and what it costs, is checked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from networx.domain.arrays import Flags
from networx.domain.capacity import MORE, MULTIPLIERS, Bottleneck, CapacityOutcome
from networx.domain.capacity_answer import FACILITY, INBOUND, SUPPLIER, Place, YearAnswer
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import SOLVER, Certificate, Check, ResultStatus
from networx.verify.capacity.answers import COST, PROVEN, answer_checks
from networx.verify.capacity.network import Network, network_of
from networx.verify.capacity.relief import changes_above, paid_once, relative, relief_checks
from networx.verify.capacity.shapes import known_place
from networx.verify.measure import check, counted
from networx.verify.transport.inbound import as_network
from networx.verify.transport.lanes import modes_of

ROUNDING = 1e-3  # of a year's value: times PROVEN, what two ways to sum it may differ by


@np.errstate(invalid="ignore", over="ignore")  # what is not a number fails its check, without a warning
def certify_capacity(
    tables: NetworkTables,
    parameters: TransportParameters,
    sites: Flags,
    outcome: CapacityOutcome,
    dataset_sha256: str,
) -> Certificate:
    """Check an analysis of these sites against the dataset. `valid` is False unless every check passes."""
    actual = tables.sha256()
    unknown = set(outcome.modes) - set(modes_of(tables))
    unknown |= set(outcome.inbound_modes) - set(modes_of(as_network(tables)))
    modes = ((), ()) if unknown else (outcome.modes, outcome.inbound_modes)
    network = network_of(tables, parameters, *modes)
    checks = [
        counted("dataset", int(actual != dataset_sha256), "the analysis answers another dataset than this one"),
        counted("known requirements", int(parameters.single_sourcing is not False), "single_sourcing"),
        counted("modes", len(unknown), "a mode that is not in the data"),
        *_asked_of(network, parameters, sites, outcome),
    ]
    if all(line.passed for line in checks):
        checks += _answers(tables, network, sites, outcome)
    if all(line.passed for line in checks):
        checks += _bottlenecks(tables, network, outcome)
        if outcome.relief is not None:
            checks += relief_checks(network, parameters, sites, outcome.relief)
        checks += _claims(network, parameters, sites, outcome)
    return Certificate(
        dataset_sha256=actual,
        valid=all(line.passed for line in checks),
        checks=tuple(checks),
        objective=outcome.objective,
        bound=outcome.bound,
        gap=outcome.gap,
        bound_source=outcome.bound_source,
    )


def _asked_of(network: Network, parameters: TransportParameters, sites: Flags, outcome: CapacityOutcome) -> list[Check]:
    facts = network.facts
    whole = [answer.year for answer in outcome.base] == list(range(len(facts.years))) or not outcome.base
    as_it_is = sites & ~facts.forbidden
    others = sum(
        not (0 <= answer.year < len(facts.years) and np.array_equal(answer.opened, as_it_is[answer.year]))
        for answer in (*outcome.base, *outcome.resolved, *outcome.missed)
    )
    changes = changes_above(facts, parameters, as_it_is)
    contradicts = int((sites & facts.forbidden.all(axis=0)).sum() + (~sites & facts.mandatory.any(axis=0)).sum())
    return [
        counted("years", int(outcome.years != facts.years or not whole), f"the data has {facts.years}"),
        counted("sites", int(not np.array_equal(outcome.sites, sites)) + others, "other facilities than asked for"),
        counted("sites agree with the data", contradicts, "a forbidden site, or a mandatory facility left out"),
        counted("changes as it is", changes, f"above {parameters.max_changes_per_year}"),
        counted(
            "answers at hand have the data's capacities",
            sum(answer.larger is not None for answer in (*outcome.base, *outcome.everything, *outcome.missed)),
            "a place is larger than in the data",
        ),
        counted(
            "no tier is in use before the relief",
            sum(bool(answer.tiers.any()) for answer in (*outcome.base, *outcome.resolved, *outcome.missed)),
            "a tier that nobody has taken",
        ),
    ]


def _answers(tables: NetworkTables, network: Network, sites: Flags, outcome: CapacityOutcome) -> list[Check]:
    checks = answer_checks("as it is", tables, network, outcome.base)
    if outcome.resolved:
        checks += answer_checks("solved again", tables, network, outcome.resolved)
    if outcome.relief is not None:
        checks += answer_checks("relief", tables, network, outcome.relief.years, served=True)
    if outcome.everything:
        # What opens may be too little for its own minimum: that no relief is possible has to hold without.
        checks += answer_checks("everything open", tables, network.with_minima_of(sites), outcome.everything)
    if outcome.missed:
        checks += answer_checks("minima missed", tables, network, outcome.missed, missed=True)
    return checks


def _bottlenecks(tables: NetworkTables, network: Network, outcome: CapacityOutcome) -> list[Check]:
    """Each price is a slope at one end of its range that leads to the other.

    The least cost (or shortage) is convex in the capacity, and both ends are proven: so it holds all the way between.
    """
    worst = {"price": (0.0, ""), "its range": (0.0, ""), "a tenth more": (0.0, "")}
    for one in outcome.bottlenecks:
        where = "an answer that is not there"
        violations = dict.fromkeys(worst, math.inf)
        if _refers(tables, one, outcome):
            where = f"{_name(tables, one.place)}, {network.facts.years[one.year]}"
            violations = _slope(network, outcome, one)
        for name, value in violations.items():
            if not value <= worst[name][0]:
                worst[name] = (value, where)
    return [check(f"bottlenecks: {name}", value, PROVEN, where) for name, (value, where) in worst.items()]


def _name(tables: NetworkTables, place: Place) -> str:
    if place.kind in {SUPPLIER, INBOUND}:
        supplier = tables.suppliers.name[place.supplier]
        return supplier if place.kind == SUPPLIER else f"{supplier} to {tables.facilities.name[place.facility]}"
    site = tables.facilities.name[place.facility]
    return site if place.kind == FACILITY else f"{site} to {tables.destinations.name[place.destination]}"


def _refers(tables: NetworkTables, one: Bottleneck, outcome: CapacityOutcome) -> bool:
    """Whether a bottleneck's answers are there, and are of the place it names."""
    sizes = {
        "facility": len(tables.facilities),
        "destination": len(tables.destinations),
        "supplier": len(tables.suppliers),
    }
    places = (one.holds_in, one.tenth)
    if not (0 <= one.year < len(outcome.base) and all(0 <= place < len(outcome.resolved) for place in places)):
        return False
    return known_place(one.place, sizes, len(outcome.modes), len(outcome.inbound_modes)) and all(
        outcome.resolved[place].year == one.year and outcome.resolved[place].larger == one.place for place in places
    )


def _slope(network: Network, outcome: CapacityOutcome, one: Bottleneck) -> dict[str, float]:
    now, end, tenth = outcome.base[one.year], outcome.resolved[one.holds_in], outcome.resolved[one.tenth]
    held = network.capacity_of(one.year, one.place)
    in_units = now.least_short is not None
    slopes = [_slope_in(answer, one.place, in_units=in_units) for answer in (now, end)]
    before, after = (now.short, end.short) if in_units else (now.cost, end.cost)
    if before is None or after is None or end.enlarged is None or tenth.enlarged is None:
        return dict.fromkeys(("price", "its range", "a tenth more"), math.inf)
    saved = one.price * (end.enlarged - held)
    # A slope is as exact as what it saves, or as two sums of the year's size can tell.
    scale = max(saved, ROUNDING * abs(before), 1e-9)
    longer = end.enlarged > held and one.price > 0
    return {
        "price": min(abs(slope + one.price) for slope in slopes) / max(one.price, 1e-9),
        "its range": abs(before - after - saved) / scale if longer else math.inf,
        "a tenth more": abs(tenth.enlarged - held * (1 + MORE)) / max(held, 1e-9),
    }


def _slope_in(answer: YearAnswer, place: Place, *, in_units: bool) -> float:
    proof = answer.least_short if in_units else answer.least_cost
    return math.inf if proof is None else proof.of(place)


def _claims(network: Network, parameters: TransportParameters, sites: Flags, outcome: CapacityOutcome) -> list[Check]:
    """Whether status, objective and bound follow from what was found."""
    facts = network.facts
    short = any(answer.short > 0 for answer in outcome.base)
    fits = not outcome.missed
    match outcome.status:
        case ResultStatus.OPTIMAL | ResultStatus.FEASIBLE if short:
            relief = outcome.relief
            fits = (
                fits and relief is not None and _stated(outcome) == (relief.objective, relief.bound, relief.gap, SOLVER)
            )
            if outcome.status is ResultStatus.OPTIMAL and relief is not None:
                fits = fits and relief.gap <= parameters.gap + COST
        case ResultStatus.OPTIMAL:
            opened = sites & ~facts.forbidden
            fixed = [*facts.fixed_cost[opened].tolist(), *paid_once(facts, opened)]
            cost = math.fsum([*fixed, *(answer.cost or 0.0 for answer in outcome.base)])
            fits = fits and bool(outcome.base) and outcome.objective is not None
            fits = fits and relative(outcome.objective or 0.0, cost) <= COST and outcome.bound == outcome.objective
            fits = fits and outcome.gap == 0 and outcome.bound_source == MULTIPLIERS
        case ResultStatus.INFEASIBLE if outcome.missed:
            return [*_claims_of_missed(network, outcome), *_no_figures(outcome)]
        case ResultStatus.INFEASIBLE:
            return [*_claims_of_none(network, outcome), *_no_figures(outcome)]
        case ResultStatus.NO_SOLUTION:
            return _no_figures(outcome)
        case _:
            fits = False
    return [counted("status follows from what was found", int(not fits), f"{outcome.status} does not")]


def _claims_of_none(network: Network, outcome: CapacityOutcome) -> list[Check]:
    """No relief: shown by years that are short with everything open, else by the solver's word, and then said so."""
    told = outcome.infeasibility
    if told is None or not told.clashes:
        return [counted("something clashes", 1, "no clash is named")]
    if told.evidence != MULTIPLIERS:
        stated = all(clash.short_by is not None and clash.short_by > 0 for clash in told.clashes)
        known = told.evidence == "elastic_model" and outcome.bound_source == SOLVER and stated
        return [counted("no relief: by the solver's word", int(not known), "no shortage is stated")]
    usable = ~network.facts.forbidden
    most = np.array([len(steps) for steps in network.steps])
    shortages = {network.facts.years[answer.year]: answer.short for answer in outcome.everything}
    less = sum(
        not (
            np.array_equal(answer.opened, usable[answer.year])
            and np.array_equal(answer.tiers, np.where(usable[answer.year], most, 0))
        )
        for answer in outcome.everything
    )
    differing = [
        math.inf if clash.year not in shortages else relative(clash.short_by or 0.0, shortages[clash.year])
        for clash in told.clashes
    ]
    none = sum(not answer.short > 0 for answer in outcome.everything)
    return [
        counted("no relief: everything is open", less, "an allowed facility is closed, or a tier is left"),
        counted("no relief: years are short", none, "a year that is not short"),
        check("no relief: shortage recomputed", max(differing), PROVEN, "another shortage than stated"),
    ]


def _claims_of_missed(network: Network, outcome: CapacityOutcome) -> list[Check]:
    """The sites cannot ship their minimum throughputs: shown by years in which units lack, and nothing else is said."""
    told = outcome.infeasibility
    lacking = {network.facts.years[answer.year]: math.fsum(answer.missed.tolist()) for answer in outcome.missed}
    stated = {} if told is None else {clash.year: clash.short_by or 0.0 for clash in told.clashes}
    others = bool(outcome.base or outcome.resolved or outcome.everything or outcome.bottlenecks)
    same = set(stated) == set(lacking) and told is not None and told.evidence == MULTIPLIERS
    differing = (
        max((relative(stated[year], units) for year, units in lacking.items()), default=0.0) if same else math.inf
    )
    return [
        counted("minima missed: nothing else is answered", int(others), "years as they are, though there are none"),
        check("minima missed: what lacks is recomputed", differing, PROVEN, "another figure than stated"),
    ]


def _no_figures(outcome: CapacityOutcome) -> list[Check]:
    stated = sum(figure is not None for figure in (outcome.objective, outcome.bound, outcome.gap, outcome.relief))
    return [counted("no cost is stated without a way to serve all", stated, "a figure that nothing shows")]


def _stated(outcome: CapacityOutcome) -> Sequence[object]:
    return (outcome.objective, outcome.bound, outcome.gap, outcome.bound_source)
