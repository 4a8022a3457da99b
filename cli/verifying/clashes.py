"""What is said of a contradiction that sums show, made anew."""

from __future__ import annotations

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Infeasibility
from networx.models.transport import clashes, prepare


def said_again(tables: NetworkTables, parameters: TransportParameters, claimed: Infeasibility) -> Infeasibility:
    """What is said today of the clashes that are claimed; of one that is no longer found, what was claimed.

    That each shortage is there was checked by other code; this is about the sentences, which the model's sums make.
    """
    found = clashes(prepare(tables, parameters))
    known = {(clash.requirement, clash.year): clash for clash in (() if found is None else found.clashes)}
    again = tuple(known.get((clash.requirement, clash.year), clash) for clash in claimed.clashes)
    return Infeasibility(claimed.evidence, again)
