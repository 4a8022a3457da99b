"""What was proven where: the branching that ended all plans, with the multipliers that whoever checks it needs."""

from __future__ import annotations

import numpy as np

from networx.solver.location.benders.dual import Dual, evaluate
from networx.solver.location.benders.part import Part
from networx.solver.location.problem import Floats, LocationProof

MOST_BYTES = 64 * 1024**2  # of multipliers; a longer proof is not kept


class Record:
    """A branching as it grows. Nodes go by the number that `branch` and `chain` return; sites are the problem's.

    `alone` are those multipliers of the root that prove most by themselves, of all plans and with no site held.
    """

    def __init__(self, whole: Part) -> None:
        self._whole = whole
        self.alone: Dual | None = None
        self._parent: list[int] = []
        self._site: list[int] = []
        self._opened: list[bool] = []
        self._use: list[int] = []
        self._multipliers: list[Floats] = []
        self._bytes = 0
        self.last = -1

    def chain(self, part: Part, dual: Dual) -> int:
        """The next multipliers at the root, before anything is branched on."""
        self.last = self._node(self.last, -1, opened=False)
        self.prove(self.last, part, dual)
        # Where sites are gone, multipliers may rise beyond what they prove with those sites.
        alone = evaluate(self._whole.nearness, self._whole.fixed, self._whole.box, dual.multipliers)
        if self.alone is None or alone.bound > self.alone.bound:
            self.alone = alone
        return self.last

    def branch(self, parent: int, part: Part, site: int, *, opened: bool) -> int:
        """A child of a node, in which one more site of the part is held. It inherits its parent's multipliers."""
        return self._node(parent, int(part.nearness.sites[site]), opened=opened)

    def prove(self, node: int, part: Part, dual: Dual) -> None:
        """The multipliers that hold at a node; sites are held by them before its children begin."""
        self._bytes += dual.multipliers.nbytes
        if self._bytes > MOST_BYTES:
            self._multipliers = []
            return
        self._use[node] = len(self._multipliers)
        self._multipliers.append(dual.multipliers * part.unit)

    def finished(self) -> LocationProof | None:
        """The whole of it, or None where it became too long."""
        if self._bytes > MOST_BYTES or not self._multipliers:
            return None
        return LocationProof(
            multipliers=np.array(self._multipliers),
            parent=np.array(self._parent),
            site=np.array(self._site),
            opened=np.array(self._opened),
            use=np.array(self._use),
        )

    def _node(self, parent: int, site: int, *, opened: bool) -> int:
        self._parent.append(parent)
        self._site.append(site)
        self._opened.append(opened)
        self._use.append(-1)
        return len(self._parent) - 1
