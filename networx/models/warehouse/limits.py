"""Where a warehouse cannot be made to suffice: more doors or more space than there may be, shown by the sum itself."""

from __future__ import annotations

from networx.domain.plan import CLOSED_FORM, Clash, Infeasibility
from networx.domain.warehouse import SpaceNeed
from networx.domain.warehouse_parameters import WarehouseParameters
from networx.models.warehouse.needs import ROUNDING, whole_above


def exceeded(
    parameters: WarehouseParameters, needs: tuple[SpaceNeed, ...], facility: str | None
) -> Infeasibility | None:
    """What is exceeded, each in the year that exceeds it most; None where nothing is."""
    found = [
        _doors("outbound", parameters.max_outbound_doors, max(needs, key=lambda need: need.outbound_doors), facility),
        _doors("inbound", parameters.max_inbound_doors, max(needs, key=lambda need: need.inbound_doors), facility),
        _space(parameters, max(needs, key=lambda need: need.gross_area), facility),
    ]
    clashes = tuple(clash for clash in found if clash is not None)
    return Infeasibility(CLOSED_FORM, clashes) if clashes else None


def _doors(way: str, most: int | None, need: SpaceNeed, facility: str | None) -> Clash | None:
    doors = int(getattr(need, f"{way}_doors"))
    if most is None or doors <= most:
        return None
    return Clash(
        requirement=f"max_{way}_doors",
        message=f"{_whose(facility)} needs {doors:,} {way} doors, and there may be {most:,}.",
        short_by=float(doors - most),
        unit="doors",
        year=need.year,
        cure=f"Allow max_{way}_doors {doors}, or have a door handle more pallets a day.",
    )


def _space(parameters: WarehouseParameters, need: SpaceNeed, facility: str | None) -> Clash | None:
    if parameters.thirdparty_cost_per_sqft is not None:
        return None
    design, most = parameters.facility_design_area, parameters.max_facilities
    if design is not None and most is None:
        return None
    largest = parameters.initial_facility_area + (design or 0.0) * (most or 0)
    short = need.gross_area - largest
    if short <= ROUNDING * need.gross_area:
        return None
    if design is None:
        cure = "State facility_design_area, so that buildings can be added"
    else:
        enough = whole_above((need.gross_area - parameters.initial_facility_area) / design)
        cure = f"Allow max_facilities {enough}"
    return Clash(
        requirement="initial_facility_area" if design is None else "max_facilities",
        message=(
            f"{_whose(facility)} needs {need.gross_area:,.0f} square feet, and with every building that may be added "
            f"it has {largest:,.0f}."
        ),
        short_by=short,
        unit="square feet",
        year=need.year,
        cure=f"{cure}, or state thirdparty_cost_per_sqft, so that space can be hired.",
    )


def _whose(facility: str | None) -> str:
    return "The warehouse" if facility is None else f"The warehouse of {facility}"
