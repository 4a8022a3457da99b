"""The certificate of what was paid: every sum taken again from the rows as they are stored, one row at a time.

Cents are added as whole numbers and must agree to the last. It shares no code with the sums that it checks; where a
shipment's ends are is found again, from its own row. It never raises on a wrong answer: what fails is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from networx.domain.network import NetworkTables
from networx.domain.paid import GROUPINGS, GroupKey, Paid, PaidGroups
from networx.domain.plan import CLOSED_FORM, Certificate, Check
from networx.domain.shipment_columns import TABLE
from networx.domain.shipment_record import ShipmentDigest
from networx.verify.baseline.summed import MEASURED, SUMMED, Summed, Sums
from networx.verify.measure import check, counted

CLOSE = 1e-9  # relative, of weights and units, which are not whole numbers
_WHOLE = ("shipments", "cents", "weighed", "weighed_cents", "counted", "counted_cents")


def certify_paid(
    batches: Iterable[Sequence[Sequence[Any]]],
    dataset_sha256: str,
    paid: Paid,
    *,
    account: Sequence[Mapping[str, Any]] | None,
    network: NetworkTables | None = None,
    network_sha256: str | None = None,
    operating_costs: Mapping[tuple[int, str], float] | None = None,
) -> Certificate:
    """Check what was paid against the rows of its dataset, `account` of the file they came from, and the network.

    `operating_costs` is what the answer says of OperatingCosts, by year and line. `valid` is False unless all pass.
    """
    digest, sums = ShipmentDigest(), Summed(network)
    for rows in batches:
        digest.update_rows(TABLE, rows)
        sums.add(rows)
    actual = digest.hexdigest()
    checks = [counted("dataset", int(actual != dataset_sha256), "the sums are of another dataset than this one")]
    if network is not None:
        other = int(network.sha256() != network_sha256)
        checks.append(counted("network", other, "the places are of another network than this one"))
    for name in ("all", *GROUPINGS):
        checks += _compared(name, sums.groups[name], paid.groups.get(name))
    days = (sums.first_day, sums.last_day) != (paid.first_day, paid.last_day)
    checks.append(counted("first and last day", int(days), "another day"))
    cents = sums.cents
    if account is not None:
        checks.append(account_check(account, cents))
    if operating_costs is not None and network is not None:
        checks.append(costs_check(network, operating_costs))
    return Certificate(
        dataset_sha256=actual,
        valid=all(line.passed for line in checks),
        checks=tuple(checks),
        objective=cents / 100,
        bound=cents / 100,
        gap=0.0,
        bound_source=CLOSED_FORM,
    )


def _compared(name: str, known: Mapping[GroupKey, Sums], stated: PaidGroups | None) -> list[Check]:
    what = "the whole" if name == "all" else f"by {name}"
    if stated is None or sorted(known) != list(stated.keys):
        return [counted(f"groups {what}", 1, "other groups than those of the rows")]
    columns = {column: getattr(stated, column).tolist() for column in SUMMED}
    wrong: list[str] = []
    apart = 0.0
    for at, key in enumerate(stated.keys):
        sums = dict(zip(SUMMED, known[key], strict=True))
        wrong += [f"{column} of {' '.join(key) or 'all'}" for column in _WHOLE if columns[column][at] != sums[column]]
        for column in MEASURED:
            off = abs(columns[column][at] - sums[column]) / max(abs(sums[column]), 1.0)
            apart = max(apart, math.inf if math.isnan(off) else off)
    return [
        counted(f"shipments and cents {what}", len(wrong), ", ".join(wrong[:3])),
        check(f"weights and units {what}", apart, CLOSE, "stated and recomputed differ"),
    ]


def account_check(account: Sequence[Mapping[str, Any]], cents: int) -> Check:
    """Whether all tabs add up, and what is kept is what is stored."""
    wrong = [
        str(tab["tab"])
        for tab in account
        for unit in ("rows", "cents")
        if tab["read"][unit] != tab["kept"][unit] + sum(left[unit] for left in tab["left_out"].values())
    ]
    if sum(tab["kept"]["cents"] for tab in account) != cents:
        wrong.append("what is kept is not what is stored")
    return counted("rows and dollars read are kept and left out", len(wrong), ", ".join(wrong[:3]))


def costs_check(network: NetworkTables, stated: Mapping[tuple[int, str], float]) -> Check:
    """How far sums of OperatingCosts as stated are from those in exact fractions."""
    paid = network.operating_costs
    known: dict[tuple[int, str], Fraction] = {}
    for year, line, amount in zip(paid.year.tolist(), paid.line, paid.amount.tolist(), strict=True):
        known[year, line] = known.get((year, line), Fraction(0)) + Fraction(amount)
    if known.keys() != stated.keys():
        return check("operating costs", math.inf, CLOSE, "other years or lines")
    apart = [abs(float(Fraction(stated[key]) - exact)) / max(abs(float(exact)), 1.0) for key, exact in known.items()]
    return check("operating costs", max(apart, default=0.0), CLOSE, "stated and recomputed differ")
