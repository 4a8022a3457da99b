"""Plain words for results: verdicts, labels and the way figures are written, shared by every presentation.

Only here are figures rounded. A technical term never stands alone: `TERMS` gives each its plain label and the
term that goes into a tooltip. What the figures are is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from networx.domain.phrases import counted
from networx.domain.plan import ResultStatus

NOT_KNOWN = "not known"
_DIGITS = Context(prec=400)


@dataclass(frozen=True, slots=True)
class Term:
    """A plain label and the field's own term for it, with one sentence of meaning."""

    label: str
    technical: str


TERMS: dict[str, Term] = {
    "total_cost": Term(
        "Total cost",
        "Transport, inbound, facilities and missed service level over all years, recomputed from the data",
    ),
    "transport_cost": Term("Transport", "Sum over all assignments of units times the lane's cost per unit"),
    "inbound_cost": Term("Inbound", "Units from suppliers times what the supplier and the lane from it cost"),
    "facility_cost": Term("Facilities", "Fixed cost, handling, opening, closing and expansions of the facilities"),
    "fixed_cost": Term("Fixed cost", "Fixed cost of the open facilities, each year"),
    "handling_cost": Term("Handling", "Units times what the facility that ships them adds to each"),
    "one_time_cost": Term("Opening and closing", "Once, in the year in which a facility opens or closes"),
    "expansion_cost": Term(
        "Expansions", "Tiers of the facilities: each year in which one is in use, and once when taken"
    ),
    "tiers": Term("Tiers", "Expansion tiers in use"),
    "service_penalty_cost": Term("Missed service", "Units short of the service level times service_penalty_per_unit"),
    "cost_per_unit": Term("Cost per unit", "Total cost divided by all units delivered"),
    "total_units": Term("Units delivered", "Sum of all assignments over all years"),
    "facilities_open": Term("Facilities open", "Facilities that are open in at least one year"),
    "service_level": Term(
        "Served within reach", "Service level: lowest year's share of units within the distance or days"
    ),
    "weighted_distance_miles": Term("Average distance", "Distance weighted by units, in miles"),
    "priced_by_own_price": Term("Lanes with a price of their own", "Rows of Lanes with cost_per_unit"),
    "priced_by_rates": Term("Lanes priced by Rates", "Rows of Lanes without a price, of a mode that Rates has"),
    "priced_by_fitted_rates": Term(
        "Lanes priced by a fit",
        "By a function fitted to your shipments, which a person accepted: the sheet Fitted rates",
    ),
    "priced_by_cost_per_unit_mile": Term("Lanes priced by the mile", "By cost_per_unit_mile, listed or not"),
    "inbound_priced_by_own_price": Term(
        "Suppliers' lanes with a price of their own", "Rows of Lanes with cost_per_unit"
    ),
    "inbound_priced_by_rates": Term(
        "Suppliers' lanes priced by Rates", "Rows of Lanes without a price, of a mode that Rates has"
    ),
    "inbound_priced_by_fitted_rates": Term(
        "Suppliers' lanes priced by a fit", "By a function fitted to your shipments, which a person accepted"
    ),
    "inbound_priced_by_cost_per_unit_mile": Term(
        "Suppliers' lanes priced by the mile", "By cost_per_unit_mile, listed or not"
    ),
    "objective": Term("This plan costs", "Objective value of the incumbent"),
    "bound": Term("Cannot be cheaper than", "Best proven lower bound on the objective"),
    "gap": Term("Still open", "Relative gap: (objective - bound) / objective"),
    "certificate": Term(
        "Checked independently", "Certificate: feasibility and cost recomputed from the data by separate code"
    ),
    "utilization": Term("Use of capacity", "Utilisation: units handled divided by capacity in that year"),
    "engine": Term("Solved by", "Optimisation engine and version"),
    "dataset_sha256": Term("Data fingerprint", "SHA-256 of the dataset's content"),
}

STATUS_TERMS: dict[str, Term] = {
    ResultStatus.OPTIMAL: Term("Proven optimal", "optimal: the gap to the bound is within the requested gap"),
    ResultStatus.FEASIBLE: Term("Best found so far", "feasible: an incumbent with a gap still open to the bound"),
    ResultStatus.INFEASIBLE: Term("No plan can meet every requirement", "infeasible: proven, with evidence"),
    ResultStatus.UNBOUNDED: Term("The cost has no lower limit", "unbounded: the data lets the cost fall without end"),
    ResultStatus.NO_SOLUTION: Term("No plan found in time", "no_solution: the limit came first; nothing is proven"),
}

PARAMETER_LABELS = {
    "baseline_flows": "Today's flows",
    "control_totals": "What the books say",
    "calibration_tolerance": "Baseline may be from what was paid by",
    "discount_rate": "Discount rate",
    "single_sourcing": "One facility per destination",
    "lease_years": "Lease",
    "max_changes_per_year": "Openings and closings a year, at most",
    "min_facilities": "Fewest facilities open",
    "max_facilities": "Most facilities open",
    "service_level": "Share to serve within reach",
    "demand_basis": "Measure of demand",
    "pounds_per_unit": "Pounds in a unit",
    "units_per_package": "Units in a package",
    "units_per_shipment": "Units in a shipment",
    "units_per_pallet": "Units on a pallet",
    "cubic_feet_per_unit": "Cubic feet of a unit",
    "max_distance_miles": "Reach",
    "max_transit_days": "Reach in days",
    "service_penalty_per_unit": "Price of a unit short of it",
    "cost_per_unit_mile": "Cost per unit and mile",
    "circuity": "Road miles per straight mile",
    "time_limit_seconds": "Time limit",
    "gap": "Gap that counts as proven",
    "engine": "Engine",
    "sites": "Facilities analysed",
}

BOUND_SOURCES = {
    "solver": "the solver's own word; it was not recomputed",
    "earlier_attempt": "the solver's own word in an earlier attempt at this job; it was not recomputed",
    "closed_form": "a sum that anyone can redo from the data",
    "recomputed": "recomputed from the data and the engine's proof, case by case, by separate code",
    "multipliers": "recomputed from prices on the capacities that go with the answer, by weak duality",
}

EVIDENCE_WORDS = {
    "closed_form": "Shown by a sum that anyone can redo from the data.",
    "elastic_model": "Shown by a solved model in which every requirement may give way at a price.",
    "multipliers": "Recomputed from prices on the capacities that go with the answer, by weak duality.",
}


def tiers_words(years: Iterable[Mapping[str, Any]]) -> str:
    """When which number of a facility's tiers is in use, from its years: `1 from 2027, 2 from 2028`, or nothing."""
    said, before = [], 0
    for year in years:
        if year["tiers"] != before:
            said.append(f"{year['tiers'] or 'none'} from {year['year']}")
        before = year["tiers"]
    return ", ".join(said)


def money(amount: float | None, decimals: int = 2) -> str:
    """Dollars in full: `$1,040,444.38`."""
    if amount is None:
        return NOT_KNOWN
    return f"{'-' if amount < 0 else ''}${_rounded(abs(amount), decimals)}"


def money_short(amount: float | None) -> str:
    """Dollars at a glance, three figures: `$1.23 M`, `$456 k`, `$789`."""
    if amount is None:
        return NOT_KNOWN
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    for limit, word in ((1e9, " B"), (1e6, " M"), (1e3, " k")):
        # 999,999 reads $1.00 M, not $1000 k: what rounds up to the next word is written with it.
        if size >= limit * 0.9995:
            return f"{sign}${_three_figures(size / limit)}{word}"
    return f"{sign}${_rounded(size, 0)}"


def money_tick(amount: float) -> str:
    """A round amount on an axis, without idle zeros: `$75 M`, `$2.5 M`."""
    figure, _, word = money_short(amount).partition(" ")
    if word and "." in figure:
        figure = figure.rstrip("0").rstrip(".")
    return f"{figure} {word}".rstrip()


def count(number: float | None, decimals: int = 0) -> str:
    """A number with thousands separators: `1,234`."""
    return NOT_KNOWN if number is None else _rounded(number, decimals)


def percent(share: float | None, decimals: int = 1) -> str:
    """A share 0-1 as a percentage: `81.4 %`."""
    return NOT_KNOWN if share is None else f"{_rounded(share * 100, decimals)} %"


def gap_words(gap: float | None) -> str:
    """A relative gap, never rounded down to nothing: `0 %`, `0.0031 %`, `2.4 %`, `less than 0.0001 %`."""
    if gap is None:
        return NOT_KNOWN
    shown = gap * 100
    if shown <= 0:
        return "0 %"
    if shown < 1e-4:
        return "less than 0.0001 %"
    return f"{shown:.2g} %" if shown < 10 else f"{shown:,.0f} %"


def miles(distance: float | None) -> str:
    """A distance in whole miles: `312 miles`."""
    return NOT_KNOWN if distance is None else f"{_rounded(distance, 0)} miles"


def file_size(number: int) -> str:
    """Bytes at a glance, in decimal units: `512 bytes`, `14 KB`, `3.2 MB`, `1.6 GB`."""
    for limit, word, decimals in ((1e9, "GB", 1), (1e6, "MB", 1), (1e3, "KB", 0)):
        # What rounds up to the next word is written with it, as in money_short.
        if number >= limit * (1 - 0.0005):
            return f"{number / limit:,.{decimals}f} {word}"
    return counted(number, "byte")


def verdict(result: Mapping[str, Any]) -> str:
    """What the result says, in one or two sentences."""
    status, objective, bound = result["status"], result["objective"], result["bound"]
    words = STATUS_TERMS[status].label
    if status == ResultStatus.OPTIMAL:
        sentence = f"{words}: this plan costs {money_short(objective)}, and none can be cheaper than "
        sentence += f"{money_short(bound)} ({gap_words(result['gap'])} between them)."
    elif status == ResultStatus.FEASIBLE:
        sentence = f"{words}: {money_short(objective)}."
        if bound is not None:
            sentence += f" It cannot be cheaper than {money_short(bound)}; {gap_words(result['gap'])} is still open."
    elif status == ResultStatus.INFEASIBLE:
        sentence = f"{words}. The clash is explained with the nearest values that would work."
    elif status == ResultStatus.NO_SOLUTION:
        sentence = f"{words}, and nothing is proven: give it more time or ask for less."
    else:
        sentence = f"{words}. A cost in the data is likely negative; check the data."
    return f"Stopped early. {sentence}" if result["partial"] else sentence


def certificate_verdict(result: Mapping[str, Any]) -> str:
    """One sentence on the independent check."""
    certificate = result["certificate"]
    if certificate is None or not certificate["checks"]:
        return "There is no plan to check."
    checks = certificate["checks"]
    failed = [words(check["name"]) for check in checks if not check["passed"]]
    if failed or not certificate["valid"]:
        return f"The independent check failed: {', '.join(failed) or 'the certificate is not valid'}."
    noun = "check" if len(checks) == 1 else "checks"
    return f"Checked independently: {len(checks)} {noun} recomputed from the data, all passed."


def saving_sentence(savings: Mapping[str, Any]) -> str:
    """What a plan saves against today's network, and how far that can be trusted; or why it is not known."""
    if not savings["known"]:
        return f"Savings are not known: {savings['why']}"
    change = "saves" if savings["total"] >= 0 else "costs"
    more = "" if savings["total"] >= 0 else " more"
    share = "" if savings["share"] is None else f" ({percent(abs(savings['share']))})"
    return (
        f"Against today's network the plan {change} {money(abs(savings['total']), 0)}{more}{share}. {savings['note']}"
    )


def years_long(years: float | None) -> str:
    """A length in years: `2.1 years`, `never`."""
    return "never" if years is None else f"{years:.1f} years"


def words(name: str) -> str:
    """A machine name as words: `demand_met` reads `Demand met`."""
    spaced = name.replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


def parameter_label(name: str) -> str:
    """The plain label of a parameter."""
    return PARAMETER_LABELS.get(name, words(name))


def parameter_value(value: Any) -> str:
    """A parameter's value as a person would write it: `no`, `500`, `0.0869`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _three_figures(size: float) -> str:
    if size < 9.995:
        return _rounded(size, 2)
    return _rounded(size, 1) if size < 99.95 else _rounded(size, 0)


def _rounded(number: float, decimals: int) -> str:
    """With thousands separators; a half goes up, as in a browser and a spreadsheet: 118.5 is 119 everywhere."""
    exact = Decimal(repr(float(number)))
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _DIGITS):,f}"
