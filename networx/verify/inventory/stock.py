"""The certificate of a plan of stock: who serves whom meets the data's demand, and every figure summed up anew.

The quantile is that of Python's statistics, one facility and year at a time, destination by destination. It never
raises on a bad answer: what fails is named, with where it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np

from networx.domain.inventory import InventoryOutcome, Service, Stock
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import CLOSED_FORM, Certificate, Check
from networx.verify.measure import check, counted
from networx.verify.transport.facts import facts_of

CLOSE = 1e-9  # relative
RESIDUAL = 1e-6  # of the demand

# By year and facility, the units of each destination.
Served = Mapping[tuple[int, int], Mapping[int, float]]


@np.errstate(invalid="ignore", over="ignore")
def certify_inventory(
    tables: NetworkTables,
    parameters: Mapping[int, InventoryParameters],
    outcome: InventoryOutcome,
    dataset_sha256: str,
    *,
    service: Service,
    compared: Service | None = None,
) -> Certificate:
    """Check a plan of stock against the dataset. `valid` is False unless every check passes."""
    actual = tables.sha256()
    checks = [
        counted("dataset", int(actual != dataset_sha256), "the plan answers another dataset than this one"),
        *service_checks(tables, service, "demand met"),
        *inventory_checks(parameters, outcome, service, compared),
    ]
    if compared is not None:
        checks += service_checks(tables, compared, "demand met by what it is compared with")
    return Certificate(
        dataset_sha256=actual,
        valid=all(line.passed for line in checks),
        checks=tuple(checks),
        objective=outcome.objective,
        bound=outcome.objective,
        gap=0.0,
        bound_source=CLOSED_FORM,
    )


def service_checks(tables: NetworkTables, service: Service, name: str) -> list[Check]:
    """Whether each destination is sent its demand in each year."""
    facts = facts_of(tables, TransportParameters())
    if service.years != facts.years:
        return [counted("years", 1, f"the data has {facts.years}")]
    faults = _misplaced(tables, service)
    if faults:
        return [counted(f"{name}: rows", faults, "years, facilities or destinations that are none, or no units")]
    sent = np.zeros(facts.demand.shape)
    np.add.at(sent, (service.year, service.destination), service.units)
    apart = np.abs(sent - facts.demand) / np.maximum(facts.demand, 1.0)
    return [check(name, float(np.max(apart, initial=0.0)), RESIDUAL, "a destination is sent something else")]


def _misplaced(tables: NetworkTables, service: Service) -> int:
    """Rows that speak of no year, facility or destination of the data, or of no units."""
    columns = (service.year, service.facility, service.destination)
    if len({np.shape(column) for column in (*columns, service.units)}) != 1:
        return 1
    sizes = (len(service.years), len(tables.facilities), len(tables.destinations))
    outside = [(column < 0) | (column >= size) for column, size in zip(columns, sizes, strict=True)]
    return int((np.logical_or.reduce(outside) | ~(np.isfinite(service.units) & (service.units > 0))).sum())


def fixed_check(tables: NetworkTables, service: Service, name: str) -> Check:
    """Whether each row is one that the sheet Assignments fixes."""
    rules = tables.assignments
    rows = zip(rules.facility.tolist(), rules.destination.tolist(), rules.rule, strict=True)
    fixed = {(site, place) for site, place, rule in rows if rule == "fixed"}
    served = zip(service.facility.tolist(), service.destination.tolist(), strict=True)
    return counted(name, sum(pair not in fixed for pair in served), "served by a facility that is not fixed to it")


def inventory_checks(
    parameters: Mapping[int, InventoryParameters],
    outcome: InventoryOutcome,
    service: Service,
    compared: Service | None = None,
) -> list[Check]:
    """The lines on stock and its cost; of rows that `service_checks` refuses there are none."""
    if len({np.shape(column) for column in (service.year, service.facility, service.destination, service.units)}) != 1:
        return []
    checks = [
        counted("years of the stock", int(outcome.years != service.years), f"{outcome.years}, not {service.years}"),
        *_stocks("", parameters, outcome.stocks, _served(service)),
        check(
            "holding cost",
            _apart([(outcome.objective, math.fsum(stock.holding_cost for stock in outcome.stocks))]),
            CLOSE,
            "the facilities sum up to something else",
        ),
    ]
    if (compared is None) != (outcome.compared is None):
        return [*checks, counted("comparison", 1, "compared with nothing, or with something else")]
    if compared is not None and outcome.compared is not None:
        checks += _stocks(" compared with", parameters, outcome.compared, _served(compared))
    return checks


def _served(service: Service) -> Served:
    sums: dict[tuple[int, int], dict[int, float]] = {}
    rows = zip(
        *(part.tolist() for part in (service.year, service.facility, service.destination, service.units)), strict=True
    )
    for year, site, place, units in rows:
        own = sums.setdefault((year, site), {})
        own[place] = own.get(place, 0.0) + units
    return sums


def _stocks(
    which: str, parameters: Mapping[int, InventoryParameters], stocks: Sequence[Stock], served: Served
) -> list[Check]:
    stated = [(stock.year, stock.facility) for stock in stocks]
    whole = sorted(stated) == sorted(served) and all(site in parameters for _, site in stated)
    checks = [counted(f"facilities and years{which}", int(not whole), "not those that serve")]
    if not whole:
        return checks
    known = [_known(parameters[stock.facility], served[stock.year, stock.facility]) for stock in stocks]
    for name in known[0] if known else ():
        pairs = [(float(getattr(stock, name)), figures[name]) for stock, figures in zip(stocks, known, strict=True)]
        label = name.replace("_", " ")
        checks.append(check(f"{label}{which}", _apart(pairs), CLOSE, "stated and recomputed differ"))
    return checks


def _known(asked: InventoryParameters, served: Mapping[int, float]) -> dict[str, float]:
    days = [units / asked.operating_days for units in served.values()]
    z = NormalDist().inv_cdf(asked.service_level)
    risk = asked.lead_time_days + asked.review_period_days
    mean = math.fsum(days)
    variance = math.fsum((asked.demand_cv * day) ** 2 for day in days)
    wait = asked.lead_time_std_days**2
    safety = z * math.sqrt(risk * variance + mean**2 * wait)
    cycle = asked.review_period_days * mean / 2
    return {
        "destinations": float(len(days)),
        "annual_units": math.fsum(served.values()),
        "daily_mean": mean,
        "daily_deviation": math.sqrt(variance),
        "z": z,
        "safety": safety,
        "unpooled_safety": math.fsum(
            z * math.sqrt(risk * (asked.demand_cv * day) ** 2 + day**2 * wait) for day in days
        ),
        "cycle": cycle,
        "holding_cost": (safety + cycle) * asked.holding_cost_per_unit_per_year,
    }


def _apart(pairs: Sequence[tuple[float, float]]) -> float:
    """The largest relative distance between what is stated and what it is."""
    apart = [abs(stated - known) / max(abs(known), 1e-9) for stated, known in pairs]
    return max((math.inf if math.isnan(one) else one for one in apart), default=0.0)
