"""The side of the confined child: finds the best places for one number of them after another, and tells each at once.

{"prepared": {"candidates": ..., "units": ...}}    how many candidates there are, and the demand of all years
{"progress": {...}}                                as domain.plan.Progress
{"places": {...}}                                  those of one number, its proof in a file
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from networx.domain.greenfield import Places
from networx.domain.greenfield_parameters import GreenfieldParameters
from networx.domain.location_proof import LocationProof
from networx.domain.network import NetworkTables
from networx.domain.plan import Progress, ResultStatus
from networx.models.greenfield import best_places, prepare
from networx.results.wording import gap_words
from networx.work.handed_over import hand_over, take_over
from networx.work.on_time import asked_to_stop


def write_question(path: Path, tables: NetworkTables, asked: GreenfieldParameters, first: int, seconds: float) -> None:
    """The parent's side: leave what is asked where the child finds it. Only the parent may write this file.

    Numbers below `first` are answered; `seconds` are for all others together.
    """
    hand_over(path, (tables, asked, first, seconds))


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Study the question at request["question"], leaving proofs in the folder request["answers"].

    request["stop"], where it is given, is the path of a file that asks to stop by being there.
    """
    tables, asked, first, seconds = take_over(request["question"])
    instance = prepare(tables, asked.candidates, asked.circuity, asked.max_sites)
    send({"prepared": {"candidates": len(instance.zips), "units": float(instance.units.sum())}})
    numbers = len(asked.counts)

    def progress(count: int, now: Progress) -> None:
        share = 100 * (count - asked.min_sites) / numbers
        still = "" if now.gap is None else f": {gap_words(now.gap)} still open"
        send({"progress": Progress(f"{count} of {asked.max_sites} places{still}", share).as_dict()})

    counts = range(first, asked.max_sites + 1)
    stop = asked_to_stop(request.get("stop"))
    for places in best_places(instance, counts, seconds=seconds, gap=asked.gap, progress=progress, stop=stop):
        send({"places": _described(places, Path(request["answers"]))})


def read_places(told: Mapping[str, Any]) -> Places:
    """The parent's side: the places of one number, not checked yet."""
    proof = None
    if told["proof"] is not None:
        with np.load(Path(told["proof"]), allow_pickle=False) as arrays:
            proof = LocationProof.from_arrays(arrays)
    return Places(
        **{
            **told,
            "status": ResultStatus(told["status"]),
            "zips": tuple(told["zips"]),
            "serves": np.asarray(told["serves"], dtype=np.intp),
            "proof": proof,
        }
    )


def _described(places: Places, folder: Path) -> dict[str, Any]:
    proof = None
    if places.proof is not None:
        proof = str(folder / f"proof-{places.count}.npz")
        np.savez(proof, allow_pickle=False, **places.proof.arrays())
    return {
        "count": places.count,
        "status": places.status.value,
        "zips": list(places.zips),
        "serves": places.serves.tolist(),
        "unit_miles": places.unit_miles,
        "bound": places.bound,
        "gap": places.gap,
        "proof": proof,
        "seconds": places.seconds,
    }
