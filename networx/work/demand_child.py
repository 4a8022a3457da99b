"""The side of the confined child: demand and lanes out of shipments, as a workbook.

request["shipments"] is the file of their cells (`ingest.demand_file`), request["target"] where the workbook goes;
`by`, `year` and `months` are as in DemandAsked; `account`, `filename` and `warnings` are the dataset's.

{"written": true}       the last
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from networx.domain.paid_demand import DemandAsked
from networx.ingest.demand_file import read_cells
from networx.models.paid_demand import paid_demand
from networx.results.demand_workbook import write_demand


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Write it. Raises RefusedInput."""
    asked = DemandAsked(request["by"], request["year"], request["months"])
    made = paid_demand(chain.from_iterable(read_cells(Path(request["shipments"]))), asked)
    write_demand(Path(request["target"]), made, request["account"], request["filename"], request["warnings"])
    send({"written": True})
