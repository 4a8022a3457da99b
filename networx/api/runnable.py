"""Whether a scenario can be run: its parameters, over those of its dataset, say all that its type asks for."""

from __future__ import annotations

from networx.db.pool import Connection
from networx.domain.parameters import (
    capacity_parameters,
    require_complete,
    require_complete_capacity,
    transport_parameters,
)
from networx.ingest import datasets
from networx.scenarios.store import Scenario


def require_runnable(connection: Connection, scenario: Scenario) -> None:
    """Raises RefusedInput naming everything that is missing or wrong. What only the data tells, its job tells."""
    sheet = datasets.read_parameters(connection, scenario.network_dataset_id)
    years = datasets.read_years(connection, scenario.network_dataset_id)
    if scenario.type == "capacity":
        shared, own = capacity_parameters(sheet, scenario.parameters)
        require_complete_capacity(shared, own, years)
    else:
        require_complete(transport_parameters(sheet, scenario.parameters), years)
