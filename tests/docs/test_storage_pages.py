"""The worked examples on the pages of warehouse space and of stock are what the models compute."""

from __future__ import annotations

import re
from pathlib import Path

from networx.models.inventory import plan_inventory
from networx.models.warehouse import network_units, plan_warehouse
from networx.results.warehouse import warehouse_figures
from tests.core.models.small_warehouses import asked, stored
from tests.core.models.test_inventory import asked as stock_asked
from tests.core.models.test_inventory import service

WHOLE = {"floor_positions", "outbound_doors", "inbound_doors"}
PAGES = Path(__file__).parents[2] / "docs" / "models"


def figures(page: str) -> dict[str, list[str]]:
    """The rows of the worked example's table: the figure's name and its cells."""
    example = (PAGES / page).read_text().split("## A worked example")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", example, flags=re.MULTILINE)
    assert rows
    return {name: cells.split(" | ") for name, cells in rows}


def test_the_example_of_warehouse_space() -> None:
    tables = stored()
    outcome = plan_warehouse(tables, asked(), *network_units(tables))
    years = warehouse_figures(outcome)["years"]
    for name, cells in figures("warehouse.md").items():
        assert cells == [f"{year[name]:{',.0f' if name in WHOLE else ',.1f'}}" for year in years], name


def test_the_example_of_stock() -> None:
    (stock,) = plan_inventory({0: stock_asked()}, service((0, 0, 0, 1_000), (0, 0, 1, 750))).stocks
    for name, cells in figures("inventory.md").items():
        assert cells == [f"{getattr(stock, name):.3f}"], name
