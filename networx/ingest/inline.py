"""A network in the body of a request: checked cell by cell like a workbook, every fault named by its JSON path.

The shape is that of the original clients of run-batch: costMatrix with names and costs, demand and capacity by name, a
forecast, and requirements in config.transportation. Nothing absent is filled in. What no model can honour is refused by
name; what is accepted without having a meaning here is listed in `ignored`, with the reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from networx.domain.network_digest import DIGEST_COLUMNS
from networx.domain.parameters import TransportParameters, parse_parameter, require_complete
from networx.domain.phrases import listed
from networx.errors import RefusedInput
from networx.ingest.cells import BadCell, amount, capacity, text, year
from networx.ingest.json_cells import JsonCells
from networx.topology import TOPOLOGY

FIELDS = ("config", "forecast", "skus", "costMatrix", "demand", "capacity", "candidateFacilities", "destinations")

# Requirements of config, and the parameter that each one is.
PARAMETER_PATHS = {
    "single_sourcing": "config.transportation.single_sourcing",
    "lease_years": "config.transportation.lease_years",
    "min_facilities": "config.transportation.required_facilities",
    "max_facilities": "config.transportation.max_facilities",
    "service_level": "config.transportation.service_level_requirement",
    "max_distance_miles": "config.transportation.max_distance_miles",
    "time_limit_seconds": "config.optimization.time_limit_seconds",
    "gap": "config.optimization.gap_tolerance",
}
_TRANSPORTATION = (
    "fixed_cost_per_facility",
    "max_capacity_per_facility",
    "mandatory_facilities",
    "cost_per_mile",
    "weights",
    *(path.rpartition(".")[2] for path in PARAMETER_PATHS.values() if path.startswith("config.transportation.")),
)
_OPTIMIZATION = ("solver", "weights", "time_limit_seconds", "gap_tolerance")
_SKU = ("sku", "annual_volume", "units_per_case", "cases_per_pallet")
_NO_WAREHOUSE = "Warehouses are not modelled yet: leave it out, and the total is that of transport and facilities."


@dataclass(frozen=True, slots=True)
class InlineNetwork:
    """A checked network: rows by table in the order of DIGEST_COLUMNS, and the JSON that they were read from.

    `sha256` is of `content`, which says the same for every body that says the same.
    """

    rows: Mapping[str, Sequence[tuple[Any, ...]]]
    parameters: TransportParameters
    ignored: tuple[dict[str, str], ...]
    content: bytes
    sha256: str


def read_inline(body: Mapping[str, Any]) -> InlineNetwork:
    """The network that a body states in the fields of FIELDS. Raises RefusedInput with every problem."""
    network = {name: body[name] for name in FIELDS if body.get(name) is not None}
    reading = _Reading(network)
    rows = reading.rows()
    cells = reading.cells
    if cells.problems:
        more = cells.count - 1
        first = cells.problems[0]
        raise RefusedInput(cells.problems, summary=f"{first} (and {more} more)" if more else str(first))
    content = json.dumps(network, sort_keys=True, separators=(",", ":")).encode()
    return InlineNetwork(rows, reading.parameters, tuple(reading.ignored), content, hashlib.sha256(content).hexdigest())


class _Reading:
    """One reading of one body; faults gather in `cells`."""

    def __init__(self, network: Mapping[str, Any]) -> None:
        self.cells = JsonCells()
        self.ignored: list[dict[str, str]] = []
        self.parameters = TransportParameters()
        self._body = network
        config = self._section("config", network, ("transportation", "optimization", "warehouse"))
        self._transportation = self._section("config.transportation", config, _TRANSPORTATION)
        self._optimization = self._section("config.optimization", config, _OPTIMIZATION)
        if config.get("warehouse"):
            self.cells.wrong("config.warehouse", _NO_WAREHOUSE, "not_supported")

    def _section(self, path: str, within: Mapping[str, Any], fields: Sequence[str]) -> Mapping[str, Any]:
        stated = within.get(path.rpartition(".")[2])
        return {} if stated is None else self.cells.object_at(path, stated, fields) or {}

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every table; of use only where no fault was found."""
        matrix = self.cells.object_at("costMatrix", self._body.get("costMatrix"), ("rows", "cols", "cost", "distance"))
        sites = [] if matrix is None else self.cells.names("costMatrix.rows", matrix.get("rows"))
        places = [] if matrix is None else self.cells.names("costMatrix.cols", matrix.get("cols"))
        self._same_names("candidateFacilities", sites, "costMatrix.rows")
        self._same_names("destinations", places, "costMatrix.cols")
        lanes = [] if matrix is None else self._lanes(matrix, sites, places)
        facilities = self._facilities(sites)
        destinations = self._destinations(places)
        forecast = self._forecast()
        if forecast and destinations and not any(row[-1] for row in destinations) and not self.cells.count:
            self.cells.wrong("demand", "Every demand is 0, so there is nothing for forecast to scale.", "not_scalable")
        distances = matrix is None or matrix.get("distance") is not None
        parameters = self._parameters(years=len(forecast) or 1, distances=distances)
        self._skus()
        self._without_meaning()
        return {
            "facilities": facilities,
            "destinations": destinations,
            "forecast": forecast,
            "lanes": lanes,
            "parameters": parameters,
        }

    def _lanes(self, matrix: Mapping[str, Any], sites: Sequence[str], places: Sequence[str]) -> list[tuple[Any, ...]]:
        most = TOPOLOGY.limits.inline_lanes
        if len(sites) * len(places) > most:
            message = (
                f"{len(sites):,} rows x {len(places):,} columns are more than {most:,} cells, the most that a request "
                "may hold; upload a workbook."
            )
            self.cells.wrong("costMatrix.cost", message, "too_many_pairs")
            return []
        costs = self.cells.table("costMatrix.cost", matrix.get("cost"), len(sites), len(places), amount)
        miles: list[list[Any]] = [[None] * len(places)] * len(sites)
        if matrix.get("distance") is not None:
            miles = self.cells.table("costMatrix.distance", matrix["distance"], len(sites), len(places), amount)
        if not costs or not miles:
            return []
        unstated = (None,) * (len(DIGEST_COLUMNS["lanes"]) - 4)
        return [
            (site, place, costs[site][place], miles[site][place], *unstated)
            for site in range(len(sites))
            for place in range(len(places))
        ]

    def _facilities(self, sites: Sequence[str]) -> list[tuple[Any, ...]]:
        where = "config.transportation"
        fixed = self.cells.cell(
            f"{where}.fixed_cost_per_facility", self._transportation.get("fixed_cost_per_facility"), amount
        )
        mandatory = self._mandatory(sites)
        capacities = self._capacities(sites)
        stated = [
            (name, *(None,) * 5, capacities.get(name), fixed, "mandatory" if name in mandatory else "candidate")
            for name in sites
        ]
        columns = len(DIGEST_COLUMNS["facilities"])
        return [(*row, *(None,) * (columns - len(row))) for row in stated]

    def _mandatory(self, sites: Sequence[str]) -> set[str]:
        path = "config.transportation.mandatory_facilities"
        stated = self._transportation.get("mandatory_facilities")
        if not stated and (stated is None or stated == []):
            return set()
        names = self.cells.names(path, stated)
        self.cells.known(path, names, sites, "costMatrix.rows")
        return set(names)

    def _capacities(self, sites: Sequence[str]) -> dict[str, float | str]:
        """The smaller of what a facility's own entry and max_capacity_per_facility allow; one of them must be there."""
        most_path = "config.transportation.max_capacity_per_facility"
        stated_most = self._transportation.get("max_capacity_per_facility")
        most = None if stated_most is None else self.cells.cell(most_path, stated_most, capacity)
        own = self.cells.by_name("capacity", self._body.get("capacity"), sites, "costMatrix.rows", capacity)
        found: dict[str, float | str] = {}
        for name in sites:
            limits = [limit for limit in (own.get(name), most) if limit is not None]
            if limits:
                found[name] = min(limits, key=float)
            elif name not in own and stated_most is None:
                self.cells.wrong(
                    f"capacity.{name}",
                    f"{name} has no capacity; state it, or {most_path}, in units a year or as unlimited.",
                    "required",
                )
        return found

    def _destinations(self, places: Sequence[str]) -> list[tuple[Any, ...]]:
        stated = self._body.get("demand")
        if stated is None:
            self.cells.wrong("demand", "demand is missing; state the units a year of every destination.", "required")
            return []
        units = self.cells.by_name("demand", stated, places, "costMatrix.cols", amount, complete=True)
        return [(name, *(None,) * 5, units.get(name)) for name in places]

    def _forecast(self) -> list[tuple[Any, ...]]:
        rows = []
        first: dict[int, int] = {}
        for index, stated in enumerate(self.cells.list_at("forecast", self._body.get("forecast"))):
            path = f"forecast[{index}]"
            row = self.cells.object_at(path, stated, ("year", "annual_units"))
            if row is None:
                continue
            of = self.cells.cell(f"{path}.year", row.get("year"), year)
            units = self.cells.cell(f"{path}.annual_units", row.get("annual_units"), amount)
            if of is not None and first.setdefault(of, index) != index:
                message = f"year {of} is in forecast[{first[of]}] already; state each year once."
                self.cells.wrong(f"{path}.year", message, "duplicate_row", of)
            rows.append((of, units))
        for later in sorted(first)[1:]:
            if later - 1 not in first:
                message = f"year {later} follows a gap; the years of forecast must follow one another."
                self.cells.wrong(f"forecast[{first[later]}].year", message, "year_gap", later)
        return rows

    def _parameters(self, *, years: int, distances: bool) -> list[tuple[str, str]]:
        sections = {"transportation": self._transportation, "optimization": self._optimization}
        rows: list[tuple[str, str]] = []
        parsed: dict[str, Any] = {}
        for name, path in PARAMETER_PATHS.items():
            _, section, field = path.split(".")
            value = sections[section].get(field)
            if value is None:
                continue
            if name == "single_sourcing" and isinstance(value, bool):
                value = "yes" if value else "no"
            try:
                word = text(value)
                parsed[name] = parse_parameter(name, word)
                rows.append((name, word))
            except BadCell as fault:
                self.cells.wrong(path, f"{field} {fault.message}.", fault.rule, value)
            except ValueError as fault:
                self.cells.wrong(path, f"{field} {fault}.", "parameter", value)
        self.parameters = TransportParameters(**parsed)
        try:
            require_complete(self.parameters, years)
        except RefusedInput as refused:
            for problem in refused.problems:
                path = PARAMETER_PATHS[problem.column or ""]
                if problem.column in parsed or sections[path.split(".")[1]].get(path.rpartition(".")[2]) is None:
                    self.cells.wrong(path, problem.message, problem.rule, problem.value)
        if not distances:
            for name in parsed.keys() & {"service_level", "max_distance_miles"}:
                message = "It speaks of miles; state them as costMatrix.distance, or leave it out."
                self.cells.wrong(PARAMETER_PATHS[name], message, "required")
        return rows

    def _skus(self) -> None:
        for index, stated in enumerate(self.cells.list_at("skus", self._body.get("skus"))):
            path = f"skus[{index}]"
            sku = self.cells.object_at(path, stated, _SKU)
            if sku is None:
                continue
            self.cells.cell(f"{path}.sku", sku.get("sku"), text)
            for name in _SKU[1:]:
                self.cells.cell(f"{path}.{name}", sku.get(name), amount)
        if self._body.get("skus"):
            self._ignore("skus", "they size warehouses, and this request asks for none: no figure depends on them")

    def _without_meaning(self) -> None:
        if self._transportation.get("cost_per_mile") is not None:
            path = "config.transportation.cost_per_mile"
            self.cells.cell(path, self._transportation["cost_per_mile"], amount)
            self._ignore(path, "costMatrix prices every lane, so that there is none left to price by the mile")
        if self._optimization.get("solver") is not None:
            self.cells.cell("config.optimization.solver", self._optimization["solver"], text)
            self._ignore("config.optimization.solver", "the answer is the same; it names the engine that found it")
        for section, fields in (("transportation", self._transportation), ("optimization", self._optimization)):
            if fields.get("weights") is not None:
                self._weights(f"config.{section}.weights", fields["weights"])

    def _weights(self, path: str, stated: Any) -> None:
        names = ("cost", "utilization", "service_level")
        weights = self.cells.object_at(path, stated, names)
        if weights is None:
            return
        numbers = {name: self.cells.cell(f"{path}.{name}", weights[name], amount) for name in names if name in weights}
        others = [name for name, number in numbers.items() if name != "cost" and number]
        if others:
            message = (
                f"Plans are sought for least cost; {listed(others, 'and')} cannot be weighed against it. Leave the "
                "weights out, and require a service level or compare the frontier."
            )
            self.cells.wrong(path, message, "not_supported")
        else:
            self._ignore(path, "cost alone is weighed, and least cost is what is sought")

    def _same_names(self, field: str, names: Sequence[str], source: str) -> None:
        stated = self._body.get(field)
        if stated is None or not names:
            return
        listed_names = self.cells.names(field, stated)
        self.cells.known(field, listed_names, names, source)
        there = set(listed_names)
        missing = next((name for name in names if name not in there), None)
        if missing is not None and listed_names:
            message = f"{missing} is in {source} and not here; {field} must name the same, or be left out."
            self.cells.wrong(field, message, "unknown_name")

    def _ignore(self, field: str, why: str) -> None:
        self.ignored.append({"field": field, "why": why})
