"""What a job's scenario is asked of: the version that was submitted, its dataset and the dataset's tables."""

from __future__ import annotations

from networx.db import pool
from networx.domain.network import NetworkTables
from networx.ingest import datasets
from networx.ingest.datasets import Dataset
from networx.jobs.context import JobContext
from networx.scenarios import store as scenarios
from networx.scenarios.store import Scenario


def read_scenario_data(context: JobContext) -> tuple[Scenario, Dataset, NetworkTables]:
    """Read as the job's tenant. Raises NotFound."""
    job = context.job
    assert job.scenario_id is not None
    with pool.tenant(job.tenant_id) as connection:
        scenario = scenarios.get_scenario(connection, job.scenario_id, job.scenario_version)
        dataset = datasets.get_dataset(connection, scenario.network)
        return scenario, dataset, datasets.read_network(connection, dataset.id)
