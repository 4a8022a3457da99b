"""The shape of the result object of every scenario type, as code: the published JSON schema is made from it.

Members that every result has come first. A reader passes over members that it does not know: a later version may add
some. `null` means not known or not asked, never 0.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from networx.results.kpis import SCHEMA

Dollars = Annotated[float, Field(description="US dollars")]
Units = Annotated[float, Field(description="units")]
Share = Annotated[float, Field(description="a share, 0-1")]
Status = Literal["optimal", "feasible", "infeasible", "unbounded", "no_solution"]
TITLE = "NetWORX result"


class Part(BaseModel):
    """A part of a result."""

    model_config = ConfigDict(extra="allow", title=None)


class Check(Part):
    """One line of a certificate: the worst violation found, against its limit."""

    name: str
    worst: float
    limit: float
    passed: bool
    where: str | None


class Certificate(Part):
    """The independent check of the answer against the data that it names."""

    dataset_sha256: str
    valid: bool
    checks: list[Check]
    objective: float | None
    bound: float | None
    gap: float | None
    bound_source: str


class Clash(Part):
    """A requirement that cannot be met together with the others."""

    requirement: str
    message: str
    short_by: float | None
    unit: str | None
    year: int | None
    cure: str | None


class Infeasibility(Part):
    """Why there is no answer, and what shows it."""

    evidence: str
    clashes: list[Clash]


class Parameter(Part):
    """What was asked."""

    value: bool | int | float | str
    unit: str
    source: Literal["given", "engineering default"]


class ProofFile(Part):
    """A large proof is a file of its own, `proof.json.gz` of the same job."""

    file: str
    sha256: str
    bytes: int


class TransportProof(Part):
    """The plan as arrays, and the proof of its bound where an engine wrote one; see docs/operations/verify.md."""

    plan: dict[str, list[Any]]
    bound: dict[str, Any] | None
    baseline: dict[str, Any] | None = None


class CapacityProof(Part):
    """Each year's flows with the multipliers that prove them."""

    outcome: dict[str, Any]


class ModelProof(Part):
    """Of each question the multipliers or the ray that prove its answer."""

    answers: list[dict[str, Any]]


class Result(Part):
    """What every result has. `objective` and `bound` are dollars over all years, but for a model of a client's own."""

    schema_: Literal["networx.result/1"] = Field(alias="schema")
    status: Status
    objective: float | None
    bound: float | None
    gap: float | None = Field(description="relative")
    partial: bool = Field(description="stopped before the search ended by itself")


class Solved(Result):
    """What a single solve adds: who solved what, and where its bound comes from."""

    bound_source: str | None
    engine: str
    seconds: float
    certificate: Certificate | None
    infeasibility: Infeasibility | None
    job_id: str | None = None


class OfNetwork(Solved):
    """What a solve of a network adds. Without a platform there are no ids."""

    scenario_id: str | None = None
    scenario_version: int | None = None
    scenario_name: str | None = None
    dataset_id: str | None = None
    dataset_file: str
    dataset_sha256: str
    solved_at: str
    parameters: dict[str, Parameter]


class Costs(Part):
    """Dollars by kind; `facility_cost` is what is neither on the lanes nor brings units in from suppliers."""

    transport_cost: Dollars
    inbound_cost: Dollars
    fixed_cost: Dollars
    handling_cost: Dollars
    one_time_cost: Dollars
    expansion_cost: Dollars
    facility_cost: Dollars


class TransportKpis(Costs):
    """Over all years; `service_level` is the lowest year's."""

    service_penalty_cost: Dollars = Field(description="a price on missing a service target, in total_cost")
    total_cost: Dollars
    cost_per_unit: Dollars | None
    total_units: Units
    facilities_open: int
    service_level: Share | None
    weighted_service_level: Share | None
    weighted_distance_miles: float | None
    savings: Dollars | None = None
    savings_share: float | None = None


class TransportYear(Costs):
    """One year of a plan."""

    year: int
    facilities_open: int
    units: Units
    service_penalty_cost: Dollars
    total_cost: Dollars
    cost_per_unit: Dollars | None
    service_level: Share | None
    service_within: str | None = Field(description="the distance or days that service speaks of")
    service_shortfall_units: Units | None
    weighted_distance_miles: float | None


class FacilityYear(Part):
    """A facility in a year in which it is open; a capacity of null is unlimited."""

    year: int
    units: Units
    capacity_units: Units | None
    utilization: Share | None
    fixed_cost: Dollars
    tiers: int = Field(description="of Expansions, in use")
    expansion_cost: Dollars


class Facility(Costs):
    """A facility over all years."""

    name: str
    city: str | None
    state: str | None
    latitude: float | None
    longitude: float | None
    status: Literal["candidate", "mandatory", "forbidden"]
    open: bool
    years: list[FacilityYear]


class SupplierYear(Part):
    """A supplier in a year in which it sends anything."""

    year: int
    units: Units
    utilization: Share | None
    inbound_cost: Dollars


class Supplier(Part):
    """A supplier over all years; a supply of null is unlimited."""

    name: str
    latitude: float | None
    longitude: float | None
    supply_units: Units | None
    units: Units
    inbound_cost: Dollars
    years: list[SupplierYear]


class Pricing(Part):
    """How many lanes have their price from where."""

    own_price: int
    rates: int
    cost_per_unit_mile: int


class BaselineLine(Part):
    """A cost line of a year: as it is modelled, was paid, and stands in the books."""

    year: int
    line: str
    modelled: Dollars | None
    not_modelled: Dollars = Field(description="of a total, what was paid in lines that no model has")
    paid: Dollars | None
    control: Dollars | None
    difference: Dollars | None = Field(description="modelled + not_modelled - control, or - paid where there is none")
    difference_share: float | None
    within_tolerance: bool | None
    reconciled: bool | None = Field(description="whether what was paid meets the control total, within the tolerance")


class Baseline(Part):
    """Today's network with the plan's demand, years and rates."""

    flows: Literal["cheapest", "assignments"]
    calibration: Literal["calibrated", "uncalibrated", "not_compared"]
    note: str
    tolerance: Share
    total_cost: Dollars
    years: list[TransportYear]
    lines: list[BaselineLine]
    bound_source: str
    certificate: Certificate | None


class SavingYear(Part):
    """One year of the plan beside today's network."""

    year: int
    baseline_cost: Dollars
    scenario_cost: Dollars
    saving: Dollars


class Savings(Part):
    """Modelled against modelled; `note` says how far they can be trusted, `why` why they are not known."""

    known: bool
    why: str | None
    note: str | None
    total: Dollars | None
    share: float | None = Field(description="of the baseline's cost")
    years: list[SavingYear]


class CashYear(Part):
    """One year of the cash flow: saving in operation less what is spent once."""

    year: int
    operating_saving: Dollars
    opening_and_closing: Dollars
    one_time_costs: Dollars
    cash_flow: Dollars
    cumulative: Dollars


class OneTimeCost(Part):
    """A row of the sheet OneTimeCosts."""

    year: int
    line: str
    amount: Dollars


class ProfitLine(Part):
    """A cost line of a year, today and by the plan."""

    line: str
    baseline: Dollars
    scenario: Dollars
    saving: Dollars


class ProfitYear(Part):
    """A year's profit and loss, today beside the plan."""

    year: int
    lines: list[ProfitLine]


class BusinessCase(Part):
    """The cash flow against today's network and what it is worth: docs/models/business-case.md."""

    known: bool
    why: str | None
    years: list[CashYear]
    one_time_costs: list[OneTimeCost]
    investment: Dollars | None
    total_cash_flow: Dollars | None
    discount_rate: float | None
    npv: Dollars | None
    npv_why: str | None
    discounted_to: int | None
    payback_years: float | None
    roi: float | None
    profit_and_loss: list[ProfitYear]


class SensitivityAnswer(Part):
    """The network with one thing otherwise, solved: docs/models/sensitivity.md."""

    kind: str
    label: str
    site: str | None
    change: float | None
    status: Status | None = Field(description="null where the change contradicts the data, or the answer failed")
    objective: Dollars | None
    bound: Dollars | None
    gap: float | None = Field(description="relative")
    delta: Dollars | None = Field(description="of the best cost; null unless both are proven within their gaps")
    lowest: Dollars | None = Field(description="what the delta is not below")
    highest: Dollars | None = Field(description="what the delta is not above")
    opened: list[str] = Field(description="facilities of its plan that the base plan has not")
    closed: list[str] = Field(description="the other way round")
    cheaper_plan: bool = Field(description="its plan is one of the base problem too, and costs less than the base plan")
    why: list[str]
    failed: bool
    bound_source: str | None
    engine: str | None
    seconds: float | None
    certificate: Certificate | None
    infeasibility: Infeasibility | None


class NotAsked(Part):
    """A question that was not asked, or not answered in time."""

    kind: str
    label: str
    site: str | None
    why: str


class Sensitivity(Part):
    """What the network would cost if one thing were otherwise, the least cost first."""

    time_limit_seconds: float = Field(description="of all answers together")
    seconds: float
    answers: list[SensitivityAnswer]
    not_asked: list[NotAsked]


class TransportResult(OfNetwork):
    """Which facilities are open, and what it costs. Who serves whom: `assignments`, and the plan in `proof`."""

    type: Literal["transport"]
    kpis: TransportKpis | None
    years: list[TransportYear]
    facilities: list[Facility]
    suppliers: list[Supplier]
    pricing: Pricing | None = None
    baseline: Baseline | None = None
    savings: Savings | None = None
    business_case: BusinessCase | None = None
    sensitivity: Sensitivity | None = None
    proof: TransportProof | ProofFile | None


class CapacityKpis(Part):
    """Over all years, of the network as it is."""

    first_year_of_shortage: int | None
    units_short: Units
    total_units: Units
    demand_units: Units
    transport_cost: Dollars
    fixed_cost: Dollars
    total_cost: Dollars
    cost_per_unit: Dollars | None
    facilities_open: int
    highest_utilisation: Share | None
    bottlenecks: int


class CapacityYear(Part):
    """One year of the network as it is, or with relief."""

    year: int
    demand_units: Units
    units: Units
    units_short: Units
    capacity_units: Units | None
    utilisation: Share | None
    transport_cost: Dollars
    fixed_cost: Dollars
    total_cost: Dollars


class Utilisation(Part):
    """Use of one facility in one year."""

    facility: str
    year: int
    capacity: Units | None
    throughput: Units
    utilisation: Share | None
    spare: Units | None


class ShortDestination(Part):
    """Units that a destination lacks."""

    name: str
    units: Units


class ShortYear(Part):
    """A year in which demand cannot all be served."""

    year: int
    units: Units
    share_of_demand: Share | None
    destinations: list[ShortDestination]
    more_destinations: int
    facilities: list[str]


class Shortage(Part):
    """What stays unserved at least."""

    first_year: int | None
    units: Units
    by_year: list[ShortYear]


class TenthMore(Part):
    """What a tenth more capacity saves, solved again."""

    capacity: Units
    saves: float
    unit: str


class Bottleneck(Part):
    """A facility that more capacity would relieve."""

    kind: Literal["facility"]
    name: str
    year: int
    shadow_price: float
    unit: str
    valid_from: Units
    valid_to: Units | None
    tenth_more: TenthMore


class Change(Part):
    """A facility that the relief opens, from a year on."""

    change: Literal["open"]
    facility: str
    from_year: int
    capacity: Units | None
    fixed_cost_in_first_year: Dollars
    fixed_cost: Dollars


class Relief(Part):
    """The cheapest way found to serve all demand."""

    status: Status
    changes: list[Change]
    added_fixed_cost: Dollars
    transport_cost: Dollars
    fixed_cost: Dollars
    total_cost: Dollars
    bound: Dollars
    gap: float
    bound_source: str
    years: list[CapacityYear]
    utilisation: list[Utilisation]


class CapacityResult(OfNetwork):
    """How far the facilities `sites` reach, what is short, and the cheapest relief."""

    type: Literal["capacity"]
    sites: list[str]
    kpis: CapacityKpis | None
    years: list[CapacityYear]
    utilisation: list[Utilisation]
    shortage: Shortage
    bottlenecks: list[Bottleneck]
    bottlenecks_not_examined: int
    relief: Relief | None
    headline: str
    verdict: str
    proof: CapacityProof | ProofFile | None


class StockProof(Part):
    """The whole answer on stock, and the assignments that it rests on."""

    outcome: dict[str, Any]
    service: dict[str, Any]
    compared: dict[str, Any] | None


class IntegratedProof(TransportProof):
    """The network's, and what its warehouses and stock are."""

    stores: dict[str, Any]


class OfStorage(OfNetwork):
    """What results on warehouses and stock have; docs/models says what their tables hold."""

    kpis: dict[str, Any] | None
    years: list[dict[str, Any]]
    notes: list[str]
    headline: str
    verdict: str


class WarehouseResult(OfStorage):
    """Space, doors and third-party space by year: docs/models/warehouse.md."""

    type: Literal["warehouse"]
    proof: CapacityProof | ProofFile | None
    warehouses: list[dict[str, Any]]


class InventoryResult(OfStorage):
    """Safety and cycle stock by facility: docs/models/inventory.md."""

    type: Literal["inventory"]
    proof: StockProof | ProofFile | None
    stock: dict[str, Any]


class IntegratedResult(OfStorage):
    """A network, then its warehouses, then its stock: docs/models/integrated.md. Its network is that of `transport`."""

    type: Literal["integrated"]
    proof: IntegratedProof | ProofFile | None
    facilities: list[Facility]
    suppliers: list[Supplier]
    pricing: Pricing | None = None
    warehouses: list[dict[str, Any]]
    stock: dict[str, Any]
    steps: dict[str, Any]


class GivenWay(Part):
    """A soft requirement that was not met."""

    constraint: str
    by: float
    priority: int


class ModelPart(Part):
    """The answer to one question to a model."""

    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    bound_source: str | None
    engine: str
    seconds: float
    evidence: str | None
    certificate: Certificate | None
    infeasibility: Infeasibility | None
    solution: dict[str, float] | None = Field(description="variables that are not 0; null in a list of a large model")
    given_way: list[GivenWay] | None = None


class ModelGoal(ModelPart):
    """The answer to one of several objectives."""

    attribute: str
    direction: Literal["min", "max"]


class ModelResult(Solved):
    """The answer to a model of a client's own; of several objectives one answer each, and the point between."""

    type: Literal["model"]
    kpis: None
    model_sha256: str
    model_format: str
    read_by: str
    upload_id: str | None = None
    filename: str | None = None
    bound_source: str | None = None
    evidence: str | None = None
    solution: dict[str, float] | None
    given_way: list[GivenWay] | None = None
    objectives: list[ModelGoal] | None = None
    midpoint: ModelPart | None = None
    warnings: list[str]
    answer: dict[str, Any] | None = Field(default=None, description="as clients of javascript-lp-solver read it")
    proof: ModelProof | ProofFile | None


class BatchRow(Part):
    """One number of facilities on the frontier."""

    job_id: str
    nodes: int
    job_status: str
    status: str
    best: bool
    efficient: bool | None
    certified: bool
    partial: bool
    cost: Dollars | None
    bound: Dollars | None
    gap: float | None
    cost_per_unit: Dollars | None
    service_level: Share | None
    weighted_distance_miles: float | None


class BatchResult(Result):
    """A sweep over numbers of facilities: the best run, and the frontier. Each member has a result of its own."""

    type: Literal["batch"]
    status: Status | None  # type: ignore[assignment]  # none while no member has ended with a plan
    certificate: None
    kpis: dict[str, Any] | None
    criterion: str
    proven: bool
    note: str
    still_open: list[dict[str, Any]]
    best: dict[str, Any] | None
    service_measure: str | None
    frontier: list[BatchRow]
    scenarios: list[dict[str, Any]]
    batch_summary: dict[str, Any]
    ignored: list[dict[str, str]]


AnyResult = Annotated[
    TransportResult | CapacityResult | WarehouseResult | InventoryResult | IntegratedResult | ModelResult | BatchResult,
    Field(discriminator="type"),
]


@cache
def result_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of a result object."""
    made = TypeAdapter(AnyResult).json_schema(by_alias=True)
    about = (__doc__ or "").replace("\n", " ").strip()
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "$id": SCHEMA, "title": TITLE, "description": about, **made}


def schema_bytes() -> bytes:
    """The same as it is published."""
    return orjson.dumps(result_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
