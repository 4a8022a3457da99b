"""The side of the confined child: analyses one network's capacity and tells its parent how it goes.

{"progress": {...}}      as domain.plan.Progress
{"so_far": path}         of a file: the outcome as JSON, before a relief is sought
{"outcome": path}        the last: of a file, the whole outcome
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from networx.domain.arrays import Flags
from networx.domain.capacity import CapacityOutcome
from networx.domain.network import NetworkTables
from networx.domain.parameters import CapacityParameters, TransportParameters
from networx.models.capacity import analyse_capacity
from networx.work.handed_over import hand_over, take_over
from networx.work.on_time import asked_to_stop

Question = tuple[NetworkTables, TransportParameters, CapacityParameters, Flags]


def write_question(path: Path, question: Question) -> None:
    """The parent's side: leave what is asked where the child finds it. Only the parent may write this file."""
    hand_over(path, question)


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Analyse the question at request["question"], leaving outcomes in the folder request["outcomes"].

    request["stop"], where it is given, is the path of a file that asks to stop by being there.
    """
    tables, parameters, own, sites = take_over(request["question"])
    folder = Path(request["outcomes"])

    def so_far(outcome: CapacityOutcome) -> None:
        send({"so_far": _written(folder, outcome)})

    outcome = analyse_capacity(
        tables,
        parameters,
        own,
        sites,
        lambda now: send({"progress": now.as_dict()}),
        so_far=so_far,
        stop=asked_to_stop(request.get("stop")),
    )
    send({"outcome": _written(folder, outcome)})


def read_outcome(path: Path) -> CapacityOutcome:
    """The parent's side: an outcome from its file."""
    return CapacityOutcome.from_dict(orjson.loads(path.read_bytes()))


def _written(folder: Path, outcome: CapacityOutcome) -> str:
    path = folder / f"outcome-{len(list(folder.iterdir())) + 1}.json"
    path.write_bytes(orjson.dumps(outcome.as_dict()))
    return str(path)
