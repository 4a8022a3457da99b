"""The report of a result: one HTML file that stands alone, in plain words first, for screen and paper.

It asks for nothing from anywhere: style and pictures are inside, no script. The words come from `wording`, the
pictures' numbers from `network_map` and `charts`; everything from the data is escaped by the template engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from networx.domain.phrases import in_year, years_listed
from networx.domain.sweep import Sweep
from networx.results import capacity_wording, charts, frontier_plot, network_map, wording
from networx.results.fitted import fit_words
from networx.results.paid_tables import paid_tables
from networx.results.paid_wording import paid_tiles
from networx.results.storage_tables import storage_tables
from networx.results.storage_wording import storage_tiles
from networx.results.sweep_runs import Run
from networx.results.sweep_told import (
    checks_table,
    cost_table,
    frontier_table,
    opened_tables,
    told,
    unanswered_table,
)

TABLE_ROWS = 20
PAID_ROWS = 100
IDENTITY_LABELS = (
    ("job_id", "Job"),
    ("scenario_id", "Scenario"),
    ("scenario_version", "Scenario version"),
    ("dataset_id", "Dataset"),
    ("dataset_sha256", "Data fingerprint (SHA-256)"),
    ("solved_at", "Solved at"),
)


def write_report(path: str | Path, result: dict[str, Any], assignments_top: Sequence[dict[str, Any]]) -> None:
    """Write the report. `assignments_top` are the largest assignments (see `largest_assignments`): those of the
    earliest year among them are drawn on the map, the first ones listed; all may be given, none is needed."""
    Path(path).write_text(render_report(result, assignments_top), encoding="utf-8")


def write_capacity_report(path: str | Path, result: dict[str, Any]) -> None:
    """Write the report of a capacity analysis."""
    rendered = _environment().get_template("capacity.html.j2").render(**_common(result))
    Path(path).write_text(rendered, encoding="utf-8")


def write_storage_report(path: str | Path, result: Mapping[str, Any]) -> None:
    """Write the report of a plan of space, of stock, or of a network with both."""
    template = _environment().get_template("storage.html.j2")
    rendered = template.render(**_common(dict(result)), tables=storage_tables(result), tiles=storage_tiles(result))
    Path(path).write_text(rendered, encoding="utf-8")


def write_paid_report(path: str | Path, result: Mapping[str, Any]) -> None:
    """Write the report of what was paid; of long tables the first rows."""
    template = _environment().get_template("storage.html.j2")
    tables = [replace(table, rows=table.rows[:PAID_ROWS]) for table in paid_tables(result)]
    rendered = template.render(**_common(dict(result)), tables=tables, tiles=paid_tiles(result))
    Path(path).write_text(rendered, encoding="utf-8")


def write_sweep_report(
    path: str | Path, result: Mapping[str, Any], sweep: Sweep, runs: Sequence[Run], identity: Mapping[str, Any]
) -> None:
    """Write the report of a sweep; as `write_sweep_workbook`, which has every check and every facility."""
    whole = told(result, sweep, runs, identity)
    tables = [frontier_table(result, runs), unanswered_table(result, runs), cost_table(runs), *opened_tables(runs)]
    rendered = (
        _environment()
        .get_template("sweep.html.j2")
        .render(
            **_common({**whole, "certificate": None}),
            checked=wording.certificate_verdict(whole),
            plots=frontier_plot.frontier_plots(result),
            tables=[table for table in (*tables, checks_table(runs)) if table.rows],
        )
    )
    Path(path).write_text(rendered, encoding="utf-8")


def render_report(result: dict[str, Any], assignments_top: Sequence[dict[str, Any]]) -> str:
    """The report's HTML."""
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            **_common(result),
            picture=network_map.network_map(result, assignments_top),
            costs=charts.cost_chart(result["years"]) if result["years"] else None,
            loads=charts.peak_utilization(result["facilities"]),
            largest=assignments_top[:TABLE_ROWS],
            inbound=bool(result["suppliers"]),
            expansions=any(year["tiers"] for site in result["facilities"] for year in site["years"]),
            changes=any(0 < len(site["years"]) < len(result["years"]) for site in result["facilities"]),
        )
    )


def _common(result: dict[str, Any]) -> dict[str, Any]:
    """What every report speaks of."""
    return {
        "result": result,
        # Of a sweep under way there is no verdict yet.
        "status": wording.STATUS_TERMS.get(result["status"]),
        "identity": [(label, result[name]) for name, label in IDENTITY_LABELS if result.get(name) is not None],
    }


@cache
def _breakable(name: str) -> Markup:
    """A name that may go on in the next line within a word of more than 24 characters: paper does not scroll."""
    return Markup("<wbr>").join(re.sub(r"(\S{24})(?=\S)", "\\1\n", name).split("\n"))


def _environment() -> Environment:
    folder = files("networx.results") / "templates"
    names = (
        "report.html.j2",
        "capacity.html.j2",
        "storage.html.j2",
        "sweep.html.j2",
        "tables.html.j2",
        "clashes.html.j2",
        "proof.html.j2",
        "business.html.j2",
        "pictures.svg.j2",
        "report.css",
    )
    environment = Environment(
        loader=DictLoader({name: (folder / name).read_text(encoding="utf-8") for name in names}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (
        wording.money,
        wording.money_short,
        wording.money_tick,
        wording.count,
        wording.percent,
        wording.miles,
        wording.years_long,
        capacity_wording.units,
        capacity_wording.held_back_words,
    ):
        environment.filters[function.__name__] = function
    environment.filters["breakable"] = _breakable
    environment.filters["years_listed"] = years_listed
    environment.filters["in_year"] = in_year
    environment.filters["gap"] = wording.gap_words
    environment.filters["words"] = wording.words
    environment.globals.update(
        terms=wording.TERMS,
        evidence=wording.EVIDENCE_WORDS,
        bound_sources=wording.BOUND_SOURCES,
        parameter_label=wording.parameter_label,
        parameter_value=wording.parameter_value,
        verdict=wording.verdict,
        saving_sentence=wording.saving_sentence,
        certificate_verdict=wording.certificate_verdict,
        price_words=capacity_wording.price_words,
        extra_costs=capacity_wording.EXTRA_COSTS,
        bottleneck_words=capacity_wording.bottleneck_words,
        change_name=capacity_wording.changed_name,
        until_words=capacity_wording.until_words,
        once=capacity_wording.once,
        tiers_words=wording.tiers_words,
        fit_words=fit_words,
        chart=charts,
        map=network_map,
        frontier=frontier_plot,
    )
    return environment
