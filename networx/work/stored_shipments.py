"""The shipments of a dataset as they are stored, for a job that reads all of them."""

from __future__ import annotations

from collections.abc import Iterator

from networx.db import pool
from networx.db.pool import Role
from networx.ingest.datasets import Dataset
from networx.ingest.freight_datasets import Rows, iter_shipments
from networx.jobs.context import JobContext
from networx.resilience.confine import Stopped


def stored_shipments(context: JobContext, dataset: Dataset) -> Iterator[Rows]:
    """In their order, by a role whose statements may take their time. Raises Stopped."""
    with pool.apart(dataset.tenant_id, Role.LOADER) as connection:
        for rows in iter_shipments(connection, dataset.id):
            if context.stopped():
                raise Stopped
            yield rows
