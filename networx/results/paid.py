"""The result object of a baseline of shipments: what was paid, beside what is modelled and what the books say.

Every figure is that of the checked sums, in full precision; what is not known is None.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from networx.domain.baseline_questions import CONTROL_TOTALS, TOLERANCE, BaselineAsked
from networx.domain.business import Baseline, parameters_of_today, tables_of_today
from networx.domain.business_parameters import DEFAULT_TOLERANCE
from networx.domain.control_totals import written_control_totals
from networx.domain.network import NetworkTables
from networx.domain.paid import Paid, PaidGroups
from networx.domain.parameters import TransportParameters
from networx.domain.phrases import counted
from networx.domain.plan import CLOSED_FORM, Certificate, ResultStatus
from networx.results.kpis import SCHEMA, plain, plan_figures, stated_parameters
from networx.results.paid_books import calibration_of, compared_with_nothing, cost_lines
from networx.results.paid_wording import calibration_note, paid_headline, paid_verdict

LANES_LISTED = 1_000
_KEYS: Mapping[str, tuple[str, ...]] = {
    "lane": ("origin_kind", "origin", "destination_kind", "destination"),
    "mode": ("mode",),
    "direction": ("direction",),
    "origin": ("origin_kind", "origin"),
    "month": ("month",),
    "year": ("year",),
}
_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Beside:
    """The network that is set beside what was paid, and today's network priced and checked."""

    tables: NetworkTables
    identity: Mapping[str, Any]
    baseline: Baseline | None = None
    certificate: Certificate | None = None


def operating_costs(beside: Beside | None) -> dict[tuple[int, str], float] | None:
    """What the sheet OperatingCosts adds up to, by year and line as they are written."""
    if beside is None:
        return None
    stated, found = beside.tables.operating_costs, dict[tuple[int, str], list[float]]()
    for year, line, amount in zip(stated.year.tolist(), stated.line, stated.amount.tolist(), strict=True):
        found.setdefault((year, line), []).append(amount)
    return {key: math.fsum(amounts) for key, amounts in sorted(found.items())}


def paid_result(
    paid: Paid,
    certificate: Certificate,
    *,
    identity: Mapping[str, Any],
    account: Sequence[Mapping[str, Any]],
    warnings: Sequence[str],
    asked: BaselineAsked = BaselineAsked(),  # noqa: B008  # frozen
    beside: Beside | None = None,
    proof: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result as plain JSON values. `proof` is the member: of today's network where it was to be priced."""
    tolerance = asked.business.calibration_tolerance
    years = [row | {"year": int(row["year"])} for row in group_rows(paid, "year")]
    months = {row["month"] for row in group_rows(paid, "month")}
    for row in years:
        row["months"] = sum(month.startswith(f"{row['year']}-") for month in months)
    modelled = _modelled(beside, asked)
    tables = None if beside is None else beside.tables
    lines, other = cost_lines(years, tables, asked.control_totals, modelled or [], tolerance)
    calibration = calibration_of(lines, other, tolerance, modelled=modelled is not None)
    model = _of_model(beside, modelled)
    notes = [*_notes(years, other, model), *(compared_with_nothing(lines, years) if beside is None else ())]
    lanes = _dearest(paid.groups["lane"])
    (whole,) = group_rows(paid, "all")
    costs = operating_costs(beside) or {}
    result = {
        "schema": SCHEMA,
        "type": "baseline",
        **identity,
        "status": ResultStatus.OPTIMAL.value,
        "objective": whole["paid_cost"],
        "bound": whole["paid_cost"],
        "gap": 0.0,
        "bound_source": CLOSED_FORM,
        "engine": "sums",
        "seconds": paid.seconds,
        "partial": False,
        "certificate": plain(certificate.as_dict()),
        "parameters": _asked(beside, asked),
        "kpis": {
            **whole,
            "lanes": len(paid.groups["lane"]),
            "modelled_cost": None if modelled is None else math.fsum(year["total_cost"] for year in modelled),
        },
        "years": years,
        "paid": {
            "first_day": _date(paid.first_day),
            "last_day": _date(paid.last_day),
            **{f"by_{name}": list(group_rows(paid, name)) for name in ("month", "mode", "direction", "origin")},
            "lanes": [_row(paid.groups["lane"], at, "lane") for at in lanes],
            "lanes_not_listed": _rest(paid.groups["lane"], lanes),
        },
        "operating_costs": [{"year": year, "line": line, "amount": amount} for (year, line), amount in costs.items()],
        "lines": lines,
        "transport_stated_twice": other,
        "calibration": calibration,
        "tolerance": tolerance,
        "modelled": model,
        "account": list(account),
        "network": None if beside is None else dict(beside.identity),
        "notes": [calibration_note(calibration, lines, modelled), *notes, *warnings],
        "infeasibility": None,
        "proof": proof,
    }
    return result | {"headline": paid_headline(result), "verdict": paid_verdict(result)}


def _asked(beside: Beside | None, asked: BaselineAsked) -> dict[str, Any]:
    """What was asked: of the books, and of the network, where today's was to be priced what prices it as well."""
    totals: dict[str, Any] = {}
    if asked.control_totals:
        text = written_control_totals(asked.control_totals)
        totals = {CONTROL_TOTALS: {"value": text, "unit": "USD", "source": "given"}}
    if beside is None:
        tolerance = asked.business.calibration_tolerance
        source = "engineering default" if tolerance == DEFAULT_TOLERANCE else "given"
        told = {TOLERANCE: {"value": tolerance, "unit": "share 0-1", "source": source}}
        return totals | told if totals or source == "given" else {}
    priced = {} if beside.baseline is None else stated_parameters(beside.tables, asked.transport)
    return priced | stated_parameters(beside.tables, asked.business) | totals


def group_rows(paid: Paid, name: str) -> Iterator[dict[str, Any]]:
    """The groups of one kind as rows, keys ascending."""
    groups = paid.groups[name]
    for at in range(len(groups)):
        yield _row(groups, at, name)


def _row(groups: PaidGroups, at: int, name: str) -> dict[str, Any]:
    weight, units, packages = (float(part[at]) for part in (groups.weight_lb, groups.units, groups.pkgs))
    shipments, cents = int(groups.shipments[at]), int(groups.cents[at])
    weighed, with_units = int(groups.weighed[at]), int(groups.counted[at])
    return {
        **dict(zip(_KEYS.get(name, ()), groups.keys[at], strict=True)),
        "shipments": shipments,
        "paid_cost": cents / 100,
        "cost_per_shipment": cents / 100 / shipments,
        "weight_lb": weight if weighed else None,
        "shipments_weighed": weighed,
        "cost_per_cwt": int(groups.weighed_cents[at]) / weight if weight else None,
        "units": units if with_units else None,
        "shipments_with_units": with_units,
        "cost_per_unit": int(groups.counted_cents[at]) / 100 / units if units else None,
        "pkgs": packages or None,
    }


def _dearest(lanes: PaidGroups) -> list[int]:
    """The rows of the lanes that most was paid on."""
    order = sorted(range(len(lanes)), key=lambda at: (-int(lanes.cents[at]), lanes.keys[at]))
    return order[:LANES_LISTED]


def lane_rows(paid: Paid) -> Iterator[dict[str, Any]]:
    """All lanes, the dearest first."""
    lanes = paid.groups["lane"]
    for at in sorted(range(len(lanes)), key=lambda at: (-int(lanes.cents[at]), lanes.keys[at])):
        yield _row(lanes, at, "lane")


def _rest(lanes: PaidGroups, listed: Sequence[int]) -> dict[str, Any]:
    return {
        "lanes": len(lanes) - len(listed),
        "shipments": int(lanes.shipments.sum()) - sum(int(lanes.shipments[at]) for at in listed),
        "paid_cost": (int(lanes.cents.sum()) - sum(int(lanes.cents[at]) for at in listed)) / 100,
    }


def _modelled(beside: Beside | None, asked: BaselineAsked) -> list[dict[str, Any]] | None:
    """The years of today's network as it is modelled, None where it has no price."""
    if beside is None or beside.baseline is None or beside.baseline.outcome is None:
        return None
    plan = beside.baseline.outcome.plan
    assert plan is not None
    stated = {spec.name: getattr(asked.transport, spec.name) for spec in fields(asked.transport)}
    of_today = TransportParameters(**parameters_of_today(stated, len(plan.years)))  # type: ignore[arg-type]
    tables = tables_of_today(beside.tables, beside.baseline.flows)
    years: list[dict[str, Any]] = plan_figures(tables, of_today, plan)["years"]
    return years


def _of_model(beside: Beside | None, years: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    """The modelled baseline, or why there is none."""
    if beside is None:
        return None
    baseline = beside.baseline
    why = None
    if baseline is None:
        why = "baseline_flows is not stated, so that today's network was not priced."
    elif years is None:
        why = f"Today's network has no price: {baseline.why}"
    return {
        "flows": None if baseline is None else baseline.flows,
        "why": why,
        "years": years,
        "bound_source": None if baseline is None or baseline.outcome is None else baseline.outcome.bound_source,
        "certificate": None if beside.certificate is None else plain(beside.certificate.as_dict()),
    }


def _notes(
    years: Sequence[Mapping[str, Any]], twice: Sequence[Mapping[str, Any]], model: Mapping[str, Any] | None
) -> Iterator[str]:
    for row in years:
        if row["months"] < 12:
            yield f"The shipments of {row['year']} are of {counted(row['months'], 'month')}, not of the whole year."
    for one in twice:
        yield (
            f"OperatingCosts states transport of {one['year']} as ${one['operating_costs']:,.2f}; the shipments come "
            f"to ${one['shipments']:,.2f} and stand."
        )
    if model is not None and model["why"] is not None:
        yield model["why"]


def _date(day: int) -> str:
    return (_EPOCH + dt.timedelta(days=day)).isoformat()
