"""Whether an answer speaks of places, modes and years that there are, before anything is looked up by them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from networx.domain.capacity_answer import FACILITY, INBOUND, LANE, SUPPLIER, Multipliers, Place, YearAnswer
from networx.domain.network import NetworkTables
from networx.verify.capacity.network import Network

_PARTS = {
    FACILITY: ("facility",),
    SUPPLIER: ("supplier",),
    LANE: ("facility", "destination"),
    INBOUND: ("supplier", "facility"),
}


def misshapen(tables: NetworkTables, years: int, network: Network, answer: YearAnswer) -> bool:
    """Whether an answer is not of this dataset's years, places and modes: then nothing else of it can be checked."""
    modes, inbound_modes = len(network.own_mode) - 1, len(network.own_inbound_mode) - 1
    sites, places = len(tables.facilities), len(tables.destinations)
    stated = (answer.least_short, answer.least_cost, answer.least_missed)
    proofs = [proof for proof in stated if proof is not None]
    sizes = {"facility": sites, "destination": places, "supplier": len(tables.suppliers)}
    flows = (answer.facility, answer.destination, answer.mode)
    inbound = (answer.inbound_supplier, answer.inbound_facility, answer.inbound_mode)
    return not (
        0 <= answer.year < years
        and answer.opened.shape == (sites,)
        and answer.tiers.shape == answer.missed.shape == (sites,)
        and answer.unserved.shape == (places,)
        and all(_within(column, answer.units) for column in (*flows, answer.units))
        and all(_within(column, answer.inbound_units) for column in (*inbound, answer.inbound_units))
        and _coded(answer.facility, 0, sites)
        and _coded(answer.destination, 0, places)
        and _coded(answer.mode, -1, modes)
        and _coded(answer.inbound_supplier, 0, len(tables.suppliers))
        and _coded(answer.inbound_facility, 0, sites)
        and _coded(answer.inbound_mode, -1, inbound_modes)
        and all(_shaped(proof, sites, len(tables.suppliers), modes, inbound_modes) for proof in proofs)
        and (answer.larger is None) == (answer.enlarged is None)
        and (answer.larger is None or known_place(answer.larger, sizes, modes, inbound_modes))
    )


def known_place(place: Place, sizes: Mapping[str, int], modes: int, inbound_modes: int) -> bool:
    """Whether a place is one of this many facilities, destinations, suppliers and modes at all."""
    parts = _PARTS.get(place.kind)
    if parts is None or not -1 <= place.mode < (inbound_modes if place.kind == INBOUND else modes):
        return False
    return all(0 <= getattr(place, part) < sizes[part] for part in parts)


def _shaped(proof: Multipliers, sites: int, suppliers: int, modes: int, inbound_modes: int) -> bool:
    return (
        proof.capacity.shape == (sites,)
        and proof.supply.shape in {(suppliers,), (0,)}
        and proof.least.shape in {(sites,), (0,)}
        and proof.lane.shape == (len(proof.lane_price), 3)
        and _coded(proof.lane[:, 2], -1, modes)
        and proof.inbound.shape == (len(proof.inbound_price), 3)
        and _coded(proof.inbound[:, 2], -1, inbound_modes)
    )


def _within(column: np.ndarray, units: np.ndarray) -> bool:
    return column.shape == units.shape and column.ndim == 1


def _coded(codes: np.ndarray, least: int, size: int) -> bool:
    return bool(((codes >= least) & (codes < size)).all())
