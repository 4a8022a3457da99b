"""What comes in from suppliers, told as a network of its own: suppliers ship to facilities.

Lanes are lanes: what reads and prices those of facilities reads and prices those of suppliers too, by the client's own
Rates. For models and results; the certificate has its own way to the same rows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from networx.domain.network import Assignments, Destinations, Facilities, Lanes, NetworkTables


def inbound_network(tables: NetworkTables) -> NetworkTables:
    """The same dataset with suppliers in place of facilities and facilities in place of destinations.

    What a supplier adds to each unit is its own cost a unit. Nothing is said of demand, capacities and assignments.
    """
    suppliers, sites, rows = tables.suppliers, tables.facilities, tables.inbound_lanes
    nowhere = (None,) * len(suppliers)
    return replace(
        tables,
        facilities=Facilities(
            name=suppliers.name,
            city=nowhere,
            state=nowhere,
            zip=suppliers.zip,
            latitude=suppliers.latitude,
            longitude=suppliers.longitude,
            capacity_units=suppliers.supply_units,
            fixed_cost_per_year=np.zeros(len(suppliers)),
            status=tuple("mandatory" for _ in suppliers.name),
            variable_cost_per_unit=suppliers.cost_per_unit,
        ),
        destinations=Destinations(
            name=sites.name,
            city=sites.city,
            state=sites.state,
            zip=sites.zip,
            latitude=sites.latitude,
            longitude=sites.longitude,
            demand_units=np.zeros(len(sites)),
        ),
        lanes=Lanes(
            rows.supplier,
            rows.facility,
            rows.cost_per_unit,
            rows.distance_miles,
            capacity_units=rows.capacity_units,
            mode=rows.mode,
            year=rows.year,
            zone=rows.zone,
        ),
        assignments=Assignments(),
    )
