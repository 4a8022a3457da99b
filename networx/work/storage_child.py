"""The side of the confined child: plans warehouses, alone or after a network has been chosen, and the stock in it.

Questions come as files that the parent wrote, answers go back as JSON in files.

run          request["question"], request["answer"]: one warehouse for the volume of the whole network. Each better plan
             is at the answer at once; request["stop"], where it is given, is a file that asks to stop by being there
run_stores   the same two: the warehouses and the stock of a network's plan
run_network  what `solve_child.run` takes, with request["stores"] and request["stores_answer"] beside it: solves the
             network, then plans the warehouses and the stock of its plan
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from networx.domain.network import NetworkTables
from networx.domain.plan import Progress, TransportPlan
from networx.domain.warehouse import WarehouseOutcome
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.models.integrated import Stores, plan_stores
from networx.models.warehouse import network_units, plan_warehouse
from networx.work import solve_child
from networx.work.handed_over import hand_over, take_over
from networx.work.on_time import asked_to_stop

PLANNING_STORES = "planning warehouses and stock"
STORES_SECONDS = 120.0  # for all of them, after the network's own limit

Send = Callable[[dict[str, Any]], None]


Asked = WarehouseParameters | Mapping[str, Any] | tuple[TransportPlan, Mapping[str, Any]]


def write_question(path: Path, tables: NetworkTables, asked: Asked) -> None:
    """The parent's side: leave what is asked where the child finds it. Only the parent may write this file."""
    hand_over(path, (tables, asked))


def run(request: dict[str, Any], send: Send) -> None:
    """Plan one warehouse."""
    send({"begun": True})
    tables, parameters = _read_question(request["question"])
    years, units = network_units(tables)
    stop = asked_to_stop(request.get("stop"))

    def found(outcome: WarehouseOutcome) -> None:
        _leave(request["answer"], outcome.as_dict())

    found(plan_warehouse(tables, parameters, years, units.tolist(), stop=stop, better=found))
    send({"answered": True})


def run_stores(request: dict[str, Any], send: Send) -> None:
    """Plan what stands in a network's plan."""
    send({"begun": True})
    tables, (plan, stated) = _read_question(request["question"])
    _leave(request["answer"], plan_stores(tables, plan, stated).as_dict())
    send({"answered": True})


def run_network(request: dict[str, Any], send: Send) -> None:
    """Solve the network, then plan what stands in it."""

    def told(message: dict[str, Any]) -> None:
        send(message)  # the network stands, even if there is no time for what is in it
        plan = message.get("outcome", {}).get("plan")
        if plan is not None:
            send({"progress": Progress(PLANNING_STORES).as_dict()})
            tables, overrides = _read_question(request["stores"])
            stores = plan_stores(tables, solve_child.read_plan(Path(plan)), overrides)
            _leave(request["stores_answer"], stores.as_dict())

    solve_child.run(request, told)


def read_stores(path: Path) -> Stores:
    """The parent's side of `run_network`'s answer."""
    return Stores.from_dict(orjson.loads(path.read_bytes()))


def _leave(path: str, answer: dict[str, Any]) -> None:
    """There whole, or not at all."""
    unfinished = Path(path).with_suffix(".unfinished")
    unfinished.write_bytes(orjson.dumps(answer))
    unfinished.replace(path)


def _read_question(path: str) -> tuple[NetworkTables, Any]:
    tables, asked = take_over(path)
    return tables, asked
