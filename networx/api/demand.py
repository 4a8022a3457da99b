"""The workbook of demand and lanes of a dataset of shipments, made while its client waits.

The rows are read on the replica, and a confined child adds them up: of the web process they take no memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from networx import settings
from networx.api.made_files import made_file
from networx.db import replica
from networx.db.pool import Connection
from networx.domain.paid_demand import CELLS, DemandAsked
from networx.errors import LimitExceeded, Problem, RefusedInput
from networx.ingest.datasets import Dataset, get_dataset
from networx.ingest.demand_file import write_cells
from networx.ingest.freight_datasets import iter_shipments
from networx.ingest.loading import TRANSPORT
from networx.resilience.confine import Confinement

ADDER = Confinement("networx.work.demand_child:run", memory_mib=512, cpu_seconds=60)
LONGEST = timedelta(seconds=120)
MOST_SHIPMENTS = 2_000_000
_ELSEWHERE = "In the terminal networx demand takes a file of any size."


def demand_workbook(tenant_id: UUID, dataset_id: UUID, asked: DemandAsked) -> tuple[Iterator[bytes], int]:
    """The workbook in chunks, and its size in bytes. Raises NotFound, RefusedInput, ChildLost, DatabaseUnavailable."""
    with tempfile.TemporaryDirectory(dir=settings.current().scratch) as folder:
        cells, target = Path(folder) / "cells", Path(folder) / "demand.xlsx"

        def read(connection: Connection) -> Dataset:
            dataset = get_dataset(connection, dataset_id)
            _require_shipments(dataset)
            write_cells(cells, iter_shipments(connection, dataset_id, CELLS))
            return dataset

        dataset = replica.read(tenant_id, read)
        request = {
            "shipments": str(cells),
            "by": asked.by,
            "year": asked.year,
            "months": asked.months,
            "account": dataset.account,
            "filename": dataset.filename,
            "warnings": list(dataset.warnings),
        }
        try:
            return made_file(ADDER, request, target, LONGEST)
        except LimitExceeded as limit:
            message = f"The shipments could not be added up within {limit.facts['limit']}. {_ELSEWHERE}"
            raise RefusedInput([Problem(message, "limit")]) from None


def _require_shipments(dataset: Dataset) -> None:
    if dataset.domain != TRANSPORT.name:
        message = "The dataset is a network; demand is made of a dataset of shipments."
        raise RefusedInput([Problem(message, "domain", column="dataset_id")])
    shipments = dataset.counts["shipments"]
    if shipments > MOST_SHIPMENTS:
        message = f"The dataset has {shipments:,} shipments, more than {MOST_SHIPMENTS:,}. {_ELSEWHERE}"
        raise RefusedInput([Problem(message, "limit", column="dataset_id")])
