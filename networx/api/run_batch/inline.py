"""A network in the body of run-batch: taken in as a dataset and a scenario of the tenant's own, then swept.

So it is verified, downloaded, kept and traced like everything else. The same network is one dataset and one scenario,
however often it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from networx.api import object_store
from networx.api.idempotency import Answer, Submission
from networx.api.principals import Principal
from networx.api.run_batch.sweeps import submit_sweep
from networx.db import pool
from networx.db.pool import Connection
from networx.domain.sweep import FIELD, Sweep, require_baseline, require_measured, require_within
from networx.errors import Problem, RefusedInput
from networx.ingest.inline import PARAMETER_PATHS, InlineNetwork, read_inline
from networx.ingest.inline_loading import alone, dataset_of, publish_inline
from networx.scenarios import store as scenarios
from networx.scenarios.store import Scenario

PROJECT = "Sent with run-batch"


def run_inline(body: Mapping[str, Any], sweep: Sweep, submission: Submission) -> Answer:
    """Check the network and its sweep, keep the JSON, and record dataset, scenario, parent and members at once.

    Raises RefusedInput naming every cell, and ObjectStoreUnavailable.
    """
    network = read_inline(body)
    _require_agreement(sweep, network)
    stored = _stored(submission.who, network)

    def create(connection: Connection) -> Answer:
        scenario = _scenario(connection, submission.who, network, stored)
        beside = {
            "scenario_id": scenario.id,
            "scenario_version": scenario.version,
            "dataset_id": scenario.network,
            "ignored": list(network.ignored),
        }
        return submit_sweep(connection, submission.who, scenario, sweep, ignored=network.ignored, beside=beside)

    return submission.once({"network_sha256": network.sha256, "sweep": sweep.as_dict()}, create)


def _require_agreement(sweep: Sweep, network: InlineNetwork) -> None:
    """Refuse a range that the same body forbids, before anything is kept of it."""
    mandatory = sum(site[-1] == "mandatory" for site in network.rows["facilities"])
    require_within(sweep, usable=len(network.rows["facilities"]), mandatory=mandatory)
    require_measured(sweep, network.parameters)
    require_baseline(sweep, None, whole=False, penalty=False)  # no body states what is there today
    least, most = network.parameters.min_facilities, network.parameters.max_facilities
    problems = []
    if least is not None and sweep.min_nodes < least:
        message = (
            f"minNodes {sweep.min_nodes} is below {PARAMETER_PATHS['min_facilities']} {least}; change one of them."
        )
        problems.append(Problem(message, "range", column=f"{FIELD}.minNodes", value=str(sweep.min_nodes)))
    if most is not None and sweep.max_nodes > most:
        message = f"maxNodes {sweep.max_nodes} is above {PARAMETER_PATHS['max_facilities']} {most}; change one of them."
        problems.append(Problem(message, "range", column=f"{FIELD}.maxNodes", value=str(sweep.max_nodes)))
    if problems:
        raise RefusedInput(problems)


def _stored(who: Principal, network: InlineNetwork) -> Mapping[str, str] | None:
    """Where the JSON was put, outside of any transaction; None where its dataset is there already."""
    with pool.tenant(who.tenant_id) as connection:
        if dataset_of(connection, network) is not None:
            return None
    return object_store.store_network(who.tenant_id, network.sha256, network.content)


def _scenario(
    connection: Connection, who: Principal, network: InlineNetwork, stored: Mapping[str, str] | None
) -> Scenario:
    alone(connection, who.tenant_id)
    dataset_id = dataset_of(connection, network)
    if dataset_id is None:
        # Nobody deletes a dataset: one that was there before the JSON was to be stored is there still.
        assert stored is not None
        dataset_id = publish_inline(connection, who.tenant_id, network, stored)
    project_id = _project(connection, who)
    found = connection.execute(
        """SELECT id FROM scenarios WHERE project_id = %s AND network_dataset_id = %s AND version = 1
           AND parameters = '{}' ORDER BY created_at, id LIMIT 1""",
        (project_id, dataset_id),
    ).fetchone()
    if found is not None:
        return scenarios.get_scenario(connection, found[0], 1)
    sites, places = (len(network.rows[table]) for table in ("facilities", "destinations"))
    return scenarios.create_scenario(
        connection,
        who.tenant_id,
        project_id=project_id,
        name=f"{sites} facilities, {places} destinations ({network.sha256[:12]})",
        type="transport",
        network_dataset_id=dataset_id,
        parameters={},
    )


def _project(connection: Connection, who: Principal) -> UUID:
    found = connection.execute(
        "SELECT id FROM projects WHERE name = %s ORDER BY created_at, id LIMIT 1", (PROJECT,)
    ).fetchone()
    if found is not None:
        project_id: UUID = found[0]
        return project_id
    return scenarios.create_project(connection, who.tenant_id, PROJECT).id
