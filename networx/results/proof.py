"""What lets a stranger check a result again: the plan and the proof of its bound, inside the result or beside it.

A small one stands in the result's member `proof`. A larger one is a file of its own, the same JSON packed by gzip, and
the member names it by its SHA-256. Engines drop a proof that grows beyond their limit; their bound is then their word.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from networx.domain.bound_proofs import KINDS, BoundProof, kind_of
from networx.domain.business import Baseline
from networx.domain.capacity import CapacityOutcome
from networx.domain.inventory import InventoryOutcome, Service
from networx.domain.model_answer import ModelOutcome, Question
from networx.domain.plan import RECOMPUTED, SOLVER, Outcome, ResultStatus, TransportPlan
from networx.domain.stores import Stores
from networx.domain.warehouse import WarehouseOutcome

MEMBER = "proof"
FILE = "proof.json.gz"
INLINE_NUMBERS = 50_000  # about a megabyte of JSON, which every reader of the result would wait for
_CLAIMS = ("engine", "seconds", "objective", "bound", "gap", "bound_source")
_PIECE_NUMBERS = 65_536
_PACKED_HARD = 1  # doubles hardly get smaller by trying harder

Proof = dict[str, Any]


def transport_proof(outcome: Outcome, baseline: Baseline | None = None) -> Proof | None:
    """Arrays of the plan and of the proof of its bound, and the same of the baseline that was priced beside it.

    None for an outcome without a plan.
    """
    if outcome.plan is None:
        return None
    beside = today_proof(baseline)["baseline"]
    return {"plan": outcome.plan.arrays(), "bound": bound_arrays(outcome.proof), "baseline": beside}


def today_proof(baseline: Baseline | None) -> Proof:
    """How today's network is priced, None where it was not asked for, or why it has no price."""
    if baseline is None:
        return {"baseline": None}
    priced = baseline.outcome
    told: Proof = {"flows": baseline.flows, "why": baseline.why}
    if priced is not None and priced.plan is not None:
        told |= {name: getattr(priced, name) for name in _CLAIMS} | {"plan": priced.plan.arrays()}
        told["bound_proof"] = bound_arrays(priced.proof)
    return {"baseline": told}


def bound_arrays(proof: BoundProof | None) -> Proof | None:
    """The proof of a bound with the name of its kind."""
    return None if proof is None else {"kind": kind_of(proof), **proof.arrays()}


def capacity_proof(outcome: CapacityOutcome) -> Proof:
    """The whole outcome: each year's flows with the multipliers that prove them."""
    return {"outcome": outcome.as_dict()}


def space_proof(outcome: WarehouseOutcome) -> Proof:
    """The whole outcome: each year's need and how it is met."""
    return {"outcome": outcome.as_dict()}


def stock_proof(outcome: InventoryOutcome, service: Service, compared: Service | None) -> Proof:
    """The whole outcome, and who serves whom in it."""
    served = {"service": service, "compared": compared}
    arrays = {name: None if one is None else one.arrays() for name, one in served.items()}
    return {"outcome": outcome.as_dict(), **arrays}


def integrated_proof(outcome: Outcome, stores: Stores) -> Proof:
    """The network's, with its warehouses and stock."""
    return {**(transport_proof(outcome) or {}), "stores": stores.as_dict()}


def model_proof(answered: Sequence[tuple[Question, ModelOutcome]]) -> Proof:
    """Of each question to a client's model: what it was, the multipliers or ray, and the point that a ray leaves."""
    return {
        "answers": [
            {
                "question": question.as_dict(),
                "multipliers": outcome.multipliers,
                "ray": outcome.ray,
                "point": outcome.values if outcome.status is ResultStatus.UNBOUNDED else None,
            }
            for question, outcome in answered
        ]
    }


def inside(proof: Any) -> Any:
    """A proof, a list of them or None as plain JSON values, whatever their size."""
    return None if proof is None else _plain(proof)


def inside_or_beside(proof: Proof | None, folder: Path) -> tuple[Proof | None, bool]:
    """The result's member, and whether the proof was written to `FILE` in `folder` because it is large."""
    if proof is None or numbers_in(proof) <= INLINE_NUMBERS:
        return inside(proof), False
    path = folder / FILE
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _PACKED_HARD, raw, mtime=0) as file:
        for piece in _pieces(proof):
            file.write(piece)
    with path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    return {"file": FILE, "sha256": sha256, "bytes": path.stat().st_size}, True


def result_bytes(result: Mapping[str, Any]) -> bytes:
    """The result as JSON for people and programs: indented, but for the long lists of the proof."""
    shown = dict(result)
    if shown.get(MEMBER) is not None:
        shown[MEMBER] = orjson.Fragment(orjson.dumps(shown[MEMBER]))
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def claimed_outcome(result: Mapping[str, Any], plan: TransportPlan, proof: BoundProof | None) -> Outcome:
    """What a transport result says of its plan."""
    return Outcome(
        status=ResultStatus(result["status"]),
        engine=result["engine"],
        seconds=result["seconds"],
        objective=result["objective"],
        bound=result["bound"],
        gap=result["gap"],
        bound_source=RECOMPUTED if result["bound_source"] == RECOMPUTED else SOLVER,
        plan=plan,
        proof=proof,
    )


def read_transport_proof(stated: Mapping[str, Any]) -> tuple[TransportPlan, BoundProof | None]:
    """Back from JSON. Raises KeyError, TypeError or ValueError for what no version wrote."""
    return TransportPlan.from_arrays(_arrays(stated["plan"])), read_bound(stated["bound"])


def read_baseline(stated: Mapping[str, Any]) -> Baseline | None:
    """The baseline beside the plan, None where none was asked for. Raises as `read_transport_proof`."""
    told = stated.get("baseline")
    if told is None or "plan" not in told:
        return None if told is None else Baseline(told["flows"], why=told["why"])
    claims = {name: told[name] for name in _CLAIMS}
    plan = TransportPlan.from_arrays(_arrays(told["plan"]))
    outcome = Outcome(ResultStatus.OPTIMAL, plan=plan, proof=read_bound(told["bound_proof"]), **claims)
    return Baseline(told["flows"], outcome)


def read_bound(stated: Mapping[str, Any] | None) -> BoundProof | None:
    """Back from what `bound_arrays` told. Raises as `read_transport_proof`."""
    if stated is None:
        return None
    arrays = _arrays({name: value for name, value in stated.items() if name != "kind"})
    return KINDS[stated["kind"]].from_arrays(arrays)


def _arrays(stated: Mapping[str, Any]) -> dict[str, Any]:
    # What is empty in JSON has lost its type; whatever it is, it may stand for positions.
    return {name: np.asarray(value, dtype=None if len(value) else np.intp) for name, value in stated.items()}


def numbers_in(value: Any) -> int:
    """How many numbers a proof has, which is what it is long by."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, dict):
        return sum(numbers_in(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(numbers_in(item) for item in value)
    return 1


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def _pieces(value: Any) -> Iterator[bytes]:
    """JSON bit by bit, so that a long array never stands in memory twice."""
    if isinstance(value, dict):
        mark = b"{"
        for name, item in value.items():
            yield mark + orjson.dumps(name) + b":"
            yield from _pieces(item)
            mark = b","
        yield b"}" if mark == b"," else b"{}"
    elif isinstance(value, np.ndarray) and value.size > _PIECE_NUMBERS:
        rows = max(1, _PIECE_NUMBERS * len(value) // value.size)
        mark = b"["
        for first in range(0, len(value), rows):
            part = orjson.dumps(np.ascontiguousarray(value[first : first + rows]), option=orjson.OPT_SERIALIZE_NUMPY)
            yield mark + part[1:-1]
            mark = b","
        yield b"]"
    else:
        yield orjson.dumps(_plain(value))
