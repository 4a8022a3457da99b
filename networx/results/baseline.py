"""A plan beside today's network: the baseline as it is modelled, paid and booked, and what the plan saves against it.

Savings compare modelled with modelled, at the same demand, years and rates. What was paid decides only whether the
model may be trusted: beyond the tolerance the baseline is `uncalibrated`, and every saving says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from networx.domain.business import Baseline, parameters_of_today, tables_of_today
from networx.domain.business_parameters import NOTHING_ASKED, BusinessParameters
from networx.domain.control_totals import ControlTotals
from networx.domain.network import CostLines, NetworkTables, OperatingCosts
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Certificate
from networx.results.business_case import business_case
from networx.results.kpis import plain, plan_figures, ratio, stated_parameters

CALIBRATED, UNCALIBRATED, NOT_COMPARED = "calibrated", "uncalibrated", "not_compared"
TOTAL = "total"
# What the model says of each line that OperatingCosts and ControlTotals may name.
MODELLED = {
    "transport": ("transport_cost", "inbound_cost"),
    "fixed": ("fixed_cost",),
    "handling": ("handling_cost",),
    TOTAL: ("total_cost",),
}
NOTES = {
    CALIBRATED: "The modelled baseline is within the tolerance of what was paid.",
    UNCALIBRATED: "Uncalibrated: the modelled baseline is further from what was paid than the tolerance.",
    NOT_COMPARED: "The modelled baseline was not held against anything paid: the data state no cost of a year and line "
    "that is modelled.",
}
PENALTY_LEFT_OUT = "The plan's cost here leaves out missed service, which nobody pays."
NOT_ASKED = "baseline_flows is not stated, so that today's network was not priced."
NO_PLAN = "There is no plan to compare."


@dataclass(frozen=True, slots=True)
class Compared:
    """What a plan is held against: the question, today's network as it was priced, and the check of that."""

    asked: BusinessParameters
    baseline: Baseline | None = None
    certificate: Certificate | None = None


def with_baseline(
    result: Mapping[str, Any], tables: NetworkTables, parameters: TransportParameters, compared: Compared
) -> dict[str, Any]:
    """The result with `baseline`, `savings` and `business_case`, and the savings among its KPIs."""
    baseline, made = compared.baseline, dict(result)
    if compared.asked != NOTHING_ASKED:
        made["parameters"] = {**result["parameters"], **stated_parameters(tables, compared.asked)}
    why = _why_not(result, baseline)
    if baseline is None or baseline.outcome is None or baseline.outcome.plan is None or why is not None:
        return made | {"baseline": None, "savings": _not_known(why or NOT_ASKED), "business_case": None}
    today = tables_of_today(tables, baseline.flows)
    stated = {spec.name: getattr(parameters, spec.name) for spec in fields(parameters)}
    asked = TransportParameters(**parameters_of_today(stated, len(result["years"])))  # type: ignore[arg-type]
    years = plan_figures(today, asked, baseline.outcome.plan)["years"]
    lines = _lines(tables, years, compared.asked.calibration_tolerance)
    calibration = _calibration(lines)
    planned = [_spent(year) for year in result["years"]]
    missed = any(year["service_penalty_cost"] for year in result["years"])
    savings = _savings(years, planned, f"{NOTES[calibration]} {PENALTY_LEFT_OUT}" if missed else NOTES[calibration])
    return made | {
        "kpis": {
            **result["kpis"],
            "savings": savings["total"],
            "savings_share": savings["share"],
            "transport_savings_share": _share_saved(years, planned, MODELLED["transport"]),
        },
        "baseline": {
            "flows": baseline.flows,
            "calibration": calibration,
            "note": NOTES[calibration],
            "tolerance": compared.asked.calibration_tolerance,
            "total_cost": math.fsum(year["total_cost"] for year in years),
            "years": years,
            "lines": lines,
            "bound_source": baseline.outcome.bound_source,
            "certificate": None if compared.certificate is None else plain(compared.certificate.as_dict()),
        },
        "savings": savings,
        "business_case": business_case(tables, years, planned, compared.asked.discount_rate),
    }


def _spent(year: Mapping[str, Any]) -> dict[str, Any]:
    """A year of the plan without the price of missing its service target, which nobody pays."""
    return {**year, "total_cost": year["total_cost"] - year["service_penalty_cost"]}


def _why_not(result: Mapping[str, Any], baseline: Baseline | None) -> str | None:
    """Why no savings are known, in a sentence."""
    if result["kpis"] is None:
        return NO_PLAN
    if baseline is None:
        return NOT_ASKED
    return f"Today's network has no price: {baseline.why}" if baseline.outcome is None else None


def _not_known(why: str) -> dict[str, Any]:
    return {"known": False, "why": why, "note": None, "total": None, "share": None, "years": []}


def _savings(today: Sequence[Mapping[str, Any]], planned: Sequence[Mapping[str, Any]], note: str) -> dict[str, Any]:
    years = [
        {
            "year": now["year"],
            "baseline_cost": now["total_cost"],
            "scenario_cost": then["total_cost"],
            "saving": now["total_cost"] - then["total_cost"],
        }
        for now, then in zip(today, planned, strict=True)
    ]
    total = math.fsum(year["saving"] for year in years)
    whole = math.fsum(year["baseline_cost"] for year in years)
    return {"known": True, "why": None, "note": note, "total": total, "share": ratio(total, whole), "years": years}


def _share_saved(
    today: Sequence[Mapping[str, Any]], planned: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> float | None:
    """Of these costs together, over all years."""
    before, then = (math.fsum(_summed(year, names) for year in years) for years in (today, planned))
    return ratio(before - then, before)


def _lines(tables: NetworkTables, years: Sequence[Mapping[str, Any]], tolerance: float) -> list[dict[str, Any]]:
    return compared_lines(years, by_line(tables.operating_costs), by_line(tables.control_totals), tolerance)


def compared_lines(
    years: Sequence[Mapping[str, Any]],
    stated: Mapping[tuple[int, str], float],
    control: Mapping[tuple[int, str], float],
    tolerance: float,
) -> list[dict[str, Any]]:
    """One row for each year and line of which anything was stated, in the order of years and of the sheets.

    `years` are those that were modelled; `stated` is what was paid, and `control` what the books say.
    """
    modelled = {(year["year"], line): _summed(year, names) for year in years for line, names in MODELLED.items()}
    paid = dict(stated)
    besides: dict[int, float] = {}
    for year in dict.fromkeys(year for year, _ in modelled):
        besides[year] = math.fsum(paid[key] for key in paid if key[0] == year and key[1] not in MODELLED)
        # A sum that leaves out a line which costs something is no total.
        whole = all((year, line) in paid or not modelled[year, line] for line in MODELLED if line != TOTAL)
        if whole:
            paid.setdefault(
                (year, TOTAL), math.fsum(amount for (of_year, _), amount in paid.items() if of_year == year)
            )
    keys = sorted(dict.fromkeys((*paid, *control)), key=lambda key: (key[0], key[1] == TOTAL))
    return [
        _line(
            *key,
            modelled=modelled.get(key),
            paid=paid.get(key),
            control=control.get(key),
            besides=besides.get(key[0], 0.0) if key[1] == TOTAL else 0.0,
            tolerance=tolerance,
        )
        for key in keys
    ]


def _line(
    year: int,
    line: str,
    *,
    modelled: float | None,
    paid: float | None,
    control: float | None,
    besides: float,
    tolerance: float,
) -> dict[str, Any]:
    """`besides` is what was paid in lines that no model has: a part of a total, and not of the modelled one."""
    # What the books say stands over what the rows of a sheet add up to.
    reference = paid if control is None else control
    off = None if modelled is None or reference is None else modelled + besides - reference
    apart = None if paid is None or control is None else paid - control
    return {
        "year": year,
        "line": line,
        "modelled": modelled,
        "not_modelled": besides,
        "paid": paid,
        "control": control,
        "difference": off,
        "difference_share": None if off is None or not reference else off / abs(reference),
        "within_tolerance": None if off is None or reference is None else abs(off) <= tolerance * abs(reference),
        "reconciled": None if apart is None or control is None else abs(apart) <= tolerance * abs(control),
        "paid_difference": apart,
        "paid_difference_share": None if apart is None or not control else apart / abs(control),
    }


def _calibration(lines: Sequence[Mapping[str, Any]]) -> str:
    compared = [line["within_tolerance"] for line in lines if line["within_tolerance"] is not None]
    if not compared:
        return NOT_COMPARED
    reconciled = all(line["reconciled"] is not False for line in lines)
    return CALIBRATED if all(compared) and reconciled else UNCALIBRATED


def by_line(stated: OperatingCosts | CostLines) -> dict[tuple[int, str], float]:
    """Amounts by year and line; a part, such as `fixed: rent`, counts with what it is a part of."""
    return _summed_up(zip(stated.year.tolist(), stated.line, stated.amount.tolist(), strict=True))


def folded(stated: ControlTotals) -> dict[tuple[int, str], float]:
    """The same of amounts by year and line as they are written."""
    return _summed_up((year, line, amount) for (year, line), amount in stated.items())


def _summed_up(amounts: Iterable[tuple[int, str, float]]) -> dict[tuple[int, str], float]:
    found: dict[tuple[int, str], list[float]] = {}
    for year, line, amount in amounts:
        found.setdefault((year, _whole_of(line)), []).append(amount)
    return {key: math.fsum(parts) for key, parts in found.items()}


def _whole_of(line: str) -> str:
    whole = line.split(":", maxsplit=1)[0].strip()
    known = whole.casefold()
    return known if known in MODELLED else line


def _summed(year: Mapping[str, Any], names: Sequence[str]) -> float:
    return math.fsum(year[name] for name in names)
