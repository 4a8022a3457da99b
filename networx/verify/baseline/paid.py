"""The certificate of what was paid: every sum taken again from the rows as they are stored, one row at a time.

Cents are added as whole numbers and must agree to the last. It shares no code with the sums that it checks; where a
shipment's ends are is found again, from its own row. It never raises on a wrong answer: what fails is named.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from networx.domain.network import NetworkTables
from networx.domain.paid import (
    DESTINATION_SHEETS,
    GROUPINGS,
    NOT_KNOWN,
    ORIGIN_SHEETS,
    GroupKey,
    Paid,
    PaidGroups,
    Place,
    places_of,
)
from networx.domain.plan import CLOSED_FORM, Certificate, Check
from networx.domain.shipment_columns import PLACES, TABLE
from networx.domain.shipment_record import ShipmentDigest
from networx.verify.measure import check, counted

CLOSE = 1e-9  # relative, of weights and units, which are not whole numbers
_EPOCH = dt.date(1970, 1, 1)
_COLUMNS = (
    *("direction", "mode", "ship_date", "origin", "origin_zip", "destination", "dest_zip"),
    *("charge", "weight_lb", "units", "pkgs"),
)
_AT = tuple(PLACES[name] for name in _COLUMNS)
_WHOLE = ("shipments", "cents", "weighed", "weighed_cents", "counted", "counted_cents")
_MEASURED = ("weight_lb", "units", "pkgs")

# Of a group: shipments, cents, pounds, weighed and their cents, units, counted and their cents, packages.
Sums = list[Any]


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
    digest, sums = ShipmentDigest(), _Summed(network)
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
    cents = sums.groups["all"].get((), [0, 0])[1]
    if account is not None:
        checks.append(counted("rows and dollars read are kept and left out", *_unaccounted(account, cents)))
    if operating_costs is not None and network is not None:
        checks.append(check("operating costs", *_costs_apart(network, operating_costs)))
    return Certificate(
        dataset_sha256=actual,
        valid=all(line.passed for line in checks),
        checks=tuple(checks),
        objective=cents / 100,
        bound=cents / 100,
        gap=0.0,
        bound_source=CLOSED_FORM,
    )


class _Summed:
    """The groups as they grow, row by row."""

    def __init__(self, network: NetworkTables | None) -> None:
        self.groups: dict[str, dict[GroupKey, Sums]] = {name: {} for name in ("all", *GROUPINGS)}
        self.first_day: int | None = None
        self.last_day: int | None = None
        self._known = places_of(network)
        self._ends: dict[Any, Place] = {}
        self._months: dict[int, str] = {}

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            way, mode, day, origin, origin_zip, destination, dest_zip, cents, weight, units, packages = (
                row[at] for at in _AT
            )
            start = self._end("from", way, origin, origin_zip)
            end = self._end("to", way, destination, dest_zip)
            month = self._month(day)
            keys: tuple[GroupKey, ...] = (
                *((), (*start, *end), (mode,), (way or NOT_KNOWN,)),
                *(start, (month,), (month[:4],)),
            )
            for name, key in zip(("all", *GROUPINGS), keys, strict=True):
                sums = self.groups[name].get(key)
                if sums is None:
                    sums = self.groups[name][key] = [0, 0, 0.0, 0, 0, 0.0, 0, 0, 0.0]
                sums[0] += 1
                sums[1] += cents
                if weight is not None:
                    sums[2] += weight
                    sums[3] += 1
                    sums[4] += cents
                if units is not None:
                    sums[5] += units
                    sums[6] += 1
                    sums[7] += cents
                if packages is not None:
                    sums[8] += packages
            self.first_day = day if self.first_day is None else min(self.first_day, day)
            self.last_day = day if self.last_day is None else max(self.last_day, day)

    def _end(self, side: str, way: str | None, name: str | None, zip_code: str | None) -> Place:
        asked = (side, way, name, zip_code)
        if asked not in self._ends:
            self._ends[asked] = self._found(*asked)
        return self._ends[asked]

    def _found(self, side: str, way: str | None, name: str | None, zip_code: str | None) -> Place:
        sheets = (ORIGIN_SHEETS if side == "from" else DESTINATION_SHEETS)[way]
        for kind in sheets:
            if name is not None and name in self._known.get(kind, ((), ()))[0]:
                return kind, name
        for kind in sheets:
            names, zips = self._known.get(kind, ((), ()))
            there = [at for at, other in enumerate(zips) if other and zip_code and other[:5] == zip_code[:5]]
            if len(there) == 1:
                return kind, names[there[0]]
        return ("zip3", zip_code[:3]) if zip_code is not None else ("name", str(name))

    def _month(self, day: int) -> str:
        if day not in self._months:
            self._months[day] = (_EPOCH + dt.timedelta(days=day)).isoformat()[:7]
        return self._months[day]


def _compared(name: str, known: Mapping[GroupKey, Sums], stated: PaidGroups | None) -> list[Check]:
    what = "the whole" if name == "all" else f"by {name}"
    if stated is None or sorted(known) != list(stated.keys):
        return [counted(f"groups {what}", 1, "other groups than those of the rows")]
    order = ("shipments", "cents", "weight_lb", "weighed", "weighed_cents", "units", "counted", "counted_cents", "pkgs")
    columns = {column: getattr(stated, column).tolist() for column in order}
    wrong: list[str] = []
    apart = 0.0
    for at, key in enumerate(stated.keys):
        sums = dict(zip(order, known[key], strict=True))
        wrong += [f"{column} of {' '.join(key) or 'all'}" for column in _WHOLE if columns[column][at] != sums[column]]
        for column in _MEASURED:
            off = abs(columns[column][at] - sums[column]) / max(abs(sums[column]), 1.0)
            apart = max(apart, math.inf if math.isnan(off) else off)
    return [
        counted(f"shipments and cents {what}", len(wrong), ", ".join(wrong[:3])),
        check(f"weights and units {what}", apart, CLOSE, "stated and recomputed differ"),
    ]


def _unaccounted(account: Sequence[Mapping[str, Any]], cents: int) -> tuple[int, str]:
    """How many tabs do not add up, and whether what is kept is what is stored."""
    wrong = [
        str(tab["tab"])
        for tab in account
        for unit in ("rows", "cents")
        if tab["read"][unit] != tab["kept"][unit] + sum(left[unit] for left in tab["left_out"].values())
    ]
    if sum(tab["kept"]["cents"] for tab in account) != cents:
        wrong.append("what is kept is not what is stored")
    return len(wrong), ", ".join(wrong[:3])


def _costs_apart(network: NetworkTables, stated: Mapping[tuple[int, str], float]) -> tuple[float, float, str]:
    """The largest relative distance between sums of OperatingCosts as stated and as exact fractions."""
    paid = network.operating_costs
    known: dict[tuple[int, str], Fraction] = {}
    for year, line, amount in zip(paid.year.tolist(), paid.line, paid.amount.tolist(), strict=True):
        known[year, line] = known.get((year, line), Fraction(0)) + Fraction(amount)
    if known.keys() != stated.keys():
        return math.inf, CLOSE, "other years or lines"
    apart = [abs(float(Fraction(stated[key]) - exact)) / max(abs(float(exact)), 1.0) for key, exact in known.items()]
    return max(apart, default=0.0), CLOSE, "stated and recomputed differ"
