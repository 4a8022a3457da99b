"""What an answer that failed its check leaves behind: one file that holds all it takes to have it fail again.

It lies in the results bucket under `refused/<tenant>/<job>/`, which the bucket empties by itself after a while, and the
job's error names it. `networx recheck` goes through it with the client's workbook; docs/runbook/certificate-failures.md
says how. A zip of `refusal.json` (what was asked, what was claimed, which checks failed, by which versions), the plan,
the proof and who serves whom as plain arrays, and, of a model of the client's own, its file.
"""

from __future__ import annotations

import io
import platform
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from networx import __version__
from networx.blueprint import REFUSED
from networx.domain.business import Baseline
from networx.domain.fitted_bands import RateFit, band_figures
from networx.domain.greenfield import Places
from networx.domain.greenfield_parameters import GreenfieldParameters
from networx.domain.inventory_parameters import InventoryParameters
from networx.domain.model_answer import ModelOutcome, Question
from networx.domain.paid import Paid
from networx.domain.plan import Outcome
from networx.domain.rate_parameters import RateParameters
from networx.domain.sensitivity import Question as Asked
from networx.domain.stores import Stores
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.errors import CertificateRefused, ObjectStoreUnavailable
from networx.jobs.context import JobContext
from networx.jobs.job import Job
from networx.observability.logs import Log
from networx.resilience import objects
from networx.solver.highs import ENGINE, RANDOM_SEED
from networx.work.patience import patiently
from networx.work.publish import Solved, identity_of
from networx.work.publish_capacity import Analysed
from networx.work.publish_storage import StockAsked

log = Log(__name__)

REFUSAL = "refusal.json"
PLAN, PROOF = "plan.npz", "proof.npz"
SERVICE, COMPARED = "service.npz", "compared.npz"  # who serves whom, and in what that is compared with
_CONTENT_TYPE = "application/zip"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was asked and what was claimed, as plain JSON; arrays by the name of their file; files as they are."""

    question: Mapping[str, Any]
    claim: Mapping[str, Any]
    arrays: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


def of_transport(solved: Solved, outcome: Outcome) -> Evidence:
    """What was claimed of a scenario's plan."""
    claim = {name: getattr(outcome, name) for name in Outcome.__dataclass_fields__}
    parts = {PLAN: claim.pop("plan"), PROOF: claim.pop("proof")}
    claim["infeasibility"] = None if outcome.infeasibility is None else outcome.infeasibility.as_dict()
    arrays = {name: part.arrays() for name, part in parts.items() if part is not None}
    return Evidence(_asked_of(solved), claim, arrays)


def of_answer(solved: Solved, base: Outcome, asked: Asked, outcome: Outcome) -> Evidence:
    """What was claimed in answer to a question of a base plan; `solved` is the problem as it was before the change."""
    assert base.plan is not None
    claimed = of_transport(solved, outcome)
    question = {**claimed.question, "asked": asdict(asked), "opened": base.plan.opened.tolist()}
    return Evidence(question, claimed.claim, claimed.arrays)


def of_today(solved: Solved, baseline: Baseline) -> Evidence:
    """What was claimed of today's network, which `networx.domain.business` makes of the dataset and of its flows."""
    assert baseline.outcome is not None
    claimed = of_transport(solved, baseline.outcome)
    return Evidence({**claimed.question, "baseline_flows": baseline.flows}, claimed.claim, claimed.arrays)


def of_capacity(analysed: Analysed, claim: Mapping[str, Any]) -> Evidence:
    """What was claimed in a capacity analysis; `claim` is its outcome as plain values."""
    own = {"own": asdict(analysed.own), "sites": analysed.sites.tolist(), "asked": analysed.asked}
    return Evidence({**_asked_of(analysed.solved), **own}, claim)


def of_space(solved: Solved, own: WarehouseParameters, claim: Mapping[str, Any]) -> Evidence:
    """What was claimed of warehouse space; `claim` is its outcome as plain values."""
    return Evidence({**_asked_of(solved), "own": asdict(own)}, claim)


def of_stock(
    solved: Solved, own: Mapping[int, InventoryParameters], asked: StockAsked, claim: Mapping[str, Any]
) -> Evidence:
    """What was claimed of stock and for whom, with the parameters of each facility by position; `claim` as before."""
    served = {SERVICE: asked.service, COMPARED: asked.compared}
    arrays = {name: service.arrays() for name, service in served.items() if service is not None}
    return Evidence({**_asked_of(solved), "own": _by_site(own)}, claim, arrays)


def of_integrated(
    solved: Solved,
    outcome: Outcome,
    stores: Stores,
    warehouses: Mapping[str, WarehouseParameters],
    inventory: Mapping[int, InventoryParameters],
) -> Evidence:
    """What was claimed of a network, and of the warehouses and the stock in it."""
    network = of_transport(solved, outcome)
    own = {
        "warehouses": {name: asdict(values) for name, values in warehouses.items()},
        "inventory": _by_site(inventory),
    }
    question, claim = {**network.question, "own": own}, {**network.claim, "stores": stores.as_dict()}
    return Evidence(question, claim, network.arrays)


def _by_site(own: Mapping[int, InventoryParameters]) -> dict[str, Any]:
    return {str(site): asdict(values) for site, values in own.items()}


def of_greenfield(solved: Solved, own: GreenfieldParameters, places: Places) -> Evidence:
    """What was claimed of the places for one number of them."""
    claim = {name: getattr(places, name) for name in Places.__dataclass_fields__ if name != "proof"}
    arrays = {} if places.proof is None else {PROOF: places.proof.arrays()}
    return Evidence({**_asked_of(solved), "own": asdict(own)}, claim, arrays)


def of_paid(
    identity: Mapping[str, Any],
    paid: Paid,
    account: Sequence[Mapping[str, Any]] | None,
    network: Mapping[str, Any] | None,
    operating_costs: Mapping[tuple[int, str], float] | None,
) -> Evidence:
    """What was claimed of shipments: every sum, the account of their file, and what the network's books add up to.

    `identity` and `network` say of which data.
    """
    books = None if operating_costs is None else [[year, line, sum_] for (year, line), sum_ in operating_costs.items()]
    claim = {"paid": paid.as_dict(), "account": account, "operating_costs": books}
    return Evidence({**identity, "network": network}, claim)


def of_rates(
    identity: Mapping[str, Any], asked: RateParameters, fit: RateFit, network: Mapping[str, Any] | None
) -> Evidence:
    """What was claimed of rates fitted to shipments; `identity` and `network` say of which data."""
    claim = {"bands": [band_figures(band) for band in fit.bands], "left_out": dict(fit.left_out)}
    return Evidence({**identity, "network": network, "own": asdict(asked)}, claim)


def of_model(path: Path, claimed: tuple[Question, ModelOutcome]) -> Evidence:
    """What was answered to a question about the client's model at `path`."""
    question, outcome = claimed
    return Evidence({"question": question.as_dict(), "model": path.name}, outcome.as_dict(), files=(path,))


def keep(context: JobContext, refused: CertificateRefused, evidence: Evidence) -> CertificateRefused:
    """Keep what reproduces the refusal of a job's answer; the refusal that names it.

    Raises Stopped, and ObjectStoreUnavailable after a long wait: another attempt comes to the same.
    """
    return patiently(context, partial(_stored, context, refused, evidence, ""))


def keep_if_possible(context: JobContext, refused: CertificateRefused, evidence: Evidence, what: str) -> None:
    """The same for an answer on the way, whose job goes on, also without a file store."""
    try:
        refused = _stored(context, refused, evidence, f"-{what}")
    except ObjectStoreUnavailable:
        log.warning("evidence.not_stored")
    # Whoever is on call was paged by now. The answer at the end has a check of its own to pass.
    log.error("incumbent.refused", code=refused.code, failed=str(refused))


def read(path: Path) -> tuple[dict[str, Any], dict[str, Mapping[str, Any]]]:
    """What a file of evidence says, and its arrays by name. Raises ValueError, KeyError and BadZipFile for another."""
    arrays: dict[str, Mapping[str, Any]] = {}
    with zipfile.ZipFile(path) as packed:
        told: dict[str, Any] = orjson.loads(packed.read(REFUSAL))
        for name in {PLAN, PROOF, SERVICE, COMPARED} & set(packed.namelist()):
            with np.load(io.BytesIO(packed.read(name)), allow_pickle=False) as loaded:
                arrays[name] = dict(loaded)
    return told, arrays


def _stored(context: JobContext, refused: CertificateRefused, evidence: Evidence, suffix: str) -> CertificateRefused:
    job = context.job
    path = context.scratch / f"refused{suffix}.zip"
    write(path, job, refused, evidence)
    key = f"{REFUSED}{job.tenant_id}/{job.id}/{job.fence}{suffix}.zip"
    objects.put_result(path, key, _CONTENT_TYPE)
    return CertificateRefused(failed=refused.facts["failed"], checks=refused.facts["checks"], kept=key)


def write(path: Path, job: Job, refused: CertificateRefused, evidence: Evidence) -> None:
    """Leave all that is known of a refusal in a file at `path`, for `read`."""
    told = {
        "job": {name: getattr(job, name) for name in ("id", "tenant_id", "kind", "attempt", "fence", "params")},
        "refused_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "failed": refused.facts["checks"],
        "question": evidence.question,
        "claim": evidence.claim,
        "versions": {"networx": __version__, "solver": ENGINE, "numpy": np.__version__, **_machine()},
        "random_seed": RANDOM_SEED,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            REFUSAL, orjson.dumps(told, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY)
        )
        for name, arrays in evidence.arrays.items():
            with packed.open(name, "w") as file:
                np.savez(file, allow_pickle=False, **arrays)
        for taken in evidence.files:
            packed.write(taken, taken.name)


def _machine() -> dict[str, str]:
    return {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}


def _asked_of(solved: Solved) -> dict[str, Any]:
    return {**identity_of(solved), "parameters": asdict(solved.parameters)}
