"""Safety and cycle stock of every facility in every year, in closed form; docs/models/inventory.md has the formulas."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import numpy as np
from scipy.special import ndtri

from networx.domain.arrays import Floats
from networx.domain.inventory import InventoryOutcome, Service, Stock
from networx.domain.inventory_parameters import InventoryParameters


def plan_inventory(
    parameters: Mapping[int, InventoryParameters], service: Service, compared: Service | None = None
) -> InventoryOutcome:
    """The stock that serves `service`, and beside it that of another one. `parameters` are by facility."""
    began = time.monotonic()
    stocks = _stocks(parameters, service)
    return InventoryOutcome(
        years=service.years,
        objective=math.fsum(stock.holding_cost for stock in stocks),
        stocks=stocks,
        compared=None if compared is None else _stocks(parameters, compared),
        seconds=time.monotonic() - began,
    )


def _stocks(parameters: Mapping[int, InventoryParameters], service: Service) -> tuple[Stock, ...]:
    """None where nobody asks for anything."""
    if not len(service.units):
        return ()
    rows = np.stack([service.year, service.facility, service.destination], axis=1)
    # Ways between the same two places are one demand: its parts are not independent of one another.
    pairs, at = np.unique(rows, axis=0, return_inverse=True)
    units = np.bincount(at.ravel(), service.units, minlength=len(pairs)).astype(np.float64)
    sites, at = np.unique(pairs[:, :2], axis=0, return_inverse=True)
    members = np.split(units[np.argsort(at.ravel(), kind="stable")], np.cumsum(np.bincount(at.ravel()))[:-1])
    return tuple(
        _stock(parameters[int(site)], int(year), int(site), own)
        for (year, site), own in zip(sites, members, strict=True)
    )


def _stock(asked: InventoryParameters, year: int, site: int, annual: Floats) -> Stock:
    """Of one facility in one year, which sends each of its destinations so many units."""
    daily = annual / asked.operating_days
    mean = float(daily.sum())
    deviation = asked.demand_cv * float(np.sqrt((daily**2).sum()))
    exposed = asked.lead_time_days + asked.review_period_days
    z = float(ndtri(asked.service_level))
    safety = z * math.hypot(math.sqrt(exposed) * deviation, mean * asked.lead_time_std_days)
    # Each destination by itself: its mean is all there is, so that its deviation is proportional to it.
    unpooled = z * mean * math.hypot(math.sqrt(exposed) * asked.demand_cv, asked.lead_time_std_days)
    cycle = mean * asked.review_period_days / 2
    return Stock(
        year=year,
        facility=site,
        destinations=len(annual),
        annual_units=float(annual.sum()),
        daily_mean=mean,
        daily_deviation=deviation,
        z=z,
        safety=safety,
        unpooled_safety=unpooled,
        cycle=cycle,
        holding_cost=asked.holding_cost_per_unit_per_year * (safety + cycle),
    )
