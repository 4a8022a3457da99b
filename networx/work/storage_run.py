"""Warehouses and stock planned in a confined child, ended on time: for the worker and the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from networx.domain.network import NetworkTables
from networx.domain.plan import TransportPlan
from networx.domain.stores import Stores
from networx.domain.warehouse import WarehouseOutcome
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.errors import LimitExceeded
from networx.models.warehouse import not_planned
from networx.observability.logs import Log
from networx.resilience.confine import Child
from networx.work.on_time import OnTime
from networx.work.storage_child import read_stores, write_question

log = Log(__name__)


@dataclass(slots=True)
class WarehouseRun:
    """A child's work on the space for a network's volume; `folder` is scratch space.

    `stop_file` is the file by which the child is asked to stop, where it is to be asked.
    """

    tables: NetworkTables
    parameters: WarehouseParameters
    folder: Path
    on_time: OnTime
    stop_file: Path | None = None

    def outcome(self, child: Child) -> WarehouseOutcome:
        """What the child found; ended at its limit, the best plan by then.

        Raises Stopped, what ended the child, and LimitExceeded for memory before the first plan.
        """
        try:
            _ask(child, self.folder, (self.tables, self.parameters), self.on_time, self.stop_file)
        except LimitExceeded as limit:
            if not _answer(self.folder).exists():
                raise
            log.warning("warehouse.ended_at_limit", why=str(limit))
        return self.best()

    def best(self) -> WarehouseOutcome:
        """The best plan of a child that was ended, or what is needed and no plan."""
        answer = _answer(self.folder)
        if not answer.exists():
            return not_planned(self.tables, self.parameters, self.on_time.seconds)
        return WarehouseOutcome.from_dict(orjson.loads(answer.read_bytes()))


def plan_stores_on_time(
    child: Child,
    folder: Path,
    question: tuple[NetworkTables, TransportPlan, Mapping[str, Any]],
    on_time: OnTime,
) -> Stores | None:
    """The warehouses and the stock of a plan, by what an integrated scenario states beside its data; all or none.

    None where the child was late. Raises Stopped, what ended the child, and LimitExceeded for its memory.
    """
    tables, plan, stated = question
    _ask(child, folder, (tables, (plan, stated)), on_time)
    answer = _answer(folder)
    return read_stores(answer) if answer.exists() else None


def _ask(
    child: Child, folder: Path, question: tuple[NetworkTables, Any], on_time: OnTime, stop_file: Path | None = None
) -> None:
    asked = folder / "question"
    write_question(asked, *question)
    stop = None if stop_file is None else str(stop_file)
    request = {"question": str(asked), "answer": str(_answer(folder)), "stop": stop}
    for _ in on_time.messages(child, request):
        continue
    if on_time.ended_by is None and not _answer(folder).exists():
        raise RuntimeError("the planning process ended without an answer")


def _answer(folder: Path) -> Path:
    return folder / "answer.json"
