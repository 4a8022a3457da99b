"""What a baseline's result states of shipments, against sums of the rows: cents and counts to the last one.

The result has dollars; those of whole cents are one float each, so that a stated sum is right or it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from networx.domain.paid import GroupKey
from networx.domain.plan import Check
from networx.verify.baseline.summed import SUMMED, Summed, Sums
from networx.verify.measure import check, counted

CLOSE = 1e-9  # relative, of weights and units, which are not whole numbers
_ENDS = ("origin_kind", "origin", "destination_kind", "destination")
_TRANSPORT = "transport"


def stated_checks(result: Mapping[str, Any], sums: Summed) -> list[Check]:
    """One line for every way of grouping, each lie with its group. Raises KeyError where a member is missing."""
    paid = result["paid"]
    checks = _groups("the whole", [result["kpis"]], (), sums.groups["all"])
    checks += _groups("by year", result["years"], ("year",), sums.groups["year"])
    for name in ("month", "mode", "direction"):
        checks += _groups(f"by {name}", paid[f"by_{name}"], (name,), sums.groups[name])
    checks += _groups("by origin", paid["by_origin"], _ENDS[:2], sums.groups["origin"])
    checks += _groups("by lane", paid["lanes"], _ENDS, sums.groups["lane"], rest=paid["lanes_not_listed"])
    dollars = sums.cents / 100
    wrong = [name for name in ("objective", "bound") if result[name] != dollars]
    checks.append(counted("what was paid in all", len(wrong), f"{', '.join(wrong)}: the rows come to {dollars!r}"))
    return [*checks, _transport(result["lines"], sums)]


def _groups(
    what: str,
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    known: Mapping[GroupKey, Sums],
    rest: Mapping[str, Any] | None = None,
) -> list[Check]:
    """The rows of one way of grouping; `rest` are the lanes that are summed up without being listed."""
    found: dict[GroupKey, Mapping[str, Any]] = {tuple(str(row[name]) for name in names): row for row in rows}
    wrong = [f"{_told(key)} is not among the shipments" for key in found if key not in known]
    if len(found) < len(rows):
        wrong.append("a group is listed twice")
    missing = [key for key in known if key not in found]
    if rest is None:
        wrong += [f"{_told(key)} is missing" for key in missing]
    else:
        left = {"lanes": len(missing), "shipments": 0, "paid_cost": 0}
        left["shipments"] = sum(known[key][0] for key in missing)
        cents = sum(known[key][1] for key in missing)
        wrong += [f"lanes not listed: {name}" for name in ("lanes", "shipments") if rest[name] != left[name]]
        wrong += ["lanes not listed: paid_cost"] * (rest["paid_cost"] != cents / 100)
    apart, where = 0.0, ""
    for key, row in found.items():
        if key in known:
            sums = dict(zip(SUMMED, known[key], strict=True))
            wrong += _whole(key, row, sums)
            apart, where = max((apart, where), *_measured(key, row, sums))
    return [
        counted(f"shipments and cents {what}", len(wrong), "; ".join(wrong[:3])),
        check(f"weights and units {what}", apart, CLOSE, where),
    ]


def _whole(key: GroupKey, row: Mapping[str, Any], sums: Mapping[str, Any]) -> Iterator[str]:
    stated = {"paid_cost": sums["cents"] / 100, "shipments": sums["shipments"]}
    stated |= {"shipments_weighed": sums["weighed"], "shipments_with_units": sums["counted"]}
    for name, right in stated.items():
        if row[name] != right:
            yield f"{name} of {_told(key)} is stated as {row[name]!r}, the rows come to {right!r}"


def _measured(key: GroupKey, row: Mapping[str, Any], sums: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    for name in ("weight_lb", "units", "pkgs"):
        stated, right = row[name] or 0.0, sums[name]
        yield abs(stated - right) / max(abs(right), 1.0), f"{name} of {_told(key)}, recomputed {right!r}"


def _transport(lines: Sequence[Mapping[str, Any]], sums: Summed) -> Check:
    """What stands against the model and the books as paid for transport is the year's shipments, to the cent."""
    years = {int(key[0]): known[1] / 100 for key, known in sums.groups["year"].items()}
    wrong = [
        f"{line['year']}"
        for line in lines
        if line["line"] == _TRANSPORT and line["paid"] != years.get(line["year"], line["paid"])
    ]
    return counted("transport beside the model", len(wrong), ", ".join(wrong[:3]))


def _told(key: GroupKey) -> str:
    return " ".join(key) or "all"
