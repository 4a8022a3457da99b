"""A part of the search: which sites are open or closed in all of it, and which customers are given or barred."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from networx.domain.arrays import Flags, Floats, Indices
from networx.solver.location.single.instance import Instance
from networx.solver.location.single.proof import Question, Step


@dataclass(slots=True)
class Node:
    """`opened` and `closed` (I,); `barred` (I, J) pairs that may not be; `given` (J,) the site of a customer or -1.

    `bound` is shown by `pays` (J,). `average` (I,) is how open each site was on the way, `usage` (I, J) how often it
    would have served the customer. `steps` prove what was settled, at `settled_at` at least, and at its end the bound;
    `case` is its number in the proof once it stands there.
    """

    opened: Flags
    closed: Flags
    barred: Flags
    given: Indices
    bound: float
    pays: Floats
    size_price: float
    average: Floats
    usage: Floats
    steps: list[Step] = field(default_factory=list)
    settled_at: float = np.inf
    case: int = -1
    impossible: bool = False

    @property
    def free(self) -> Flags:
        undecided: Flags = ~self.opened & ~self.closed
        return undecided

    def allowed(self, instance: Instance) -> Flags:
        """Pairs (I, J) that are still a question."""
        pairs: Flags = np.isfinite(instance.cost) & ~self.barred & ~self.closed[:, None] & (self.given < 0)
        return pairs

    def child(self, question: Question, *, chosen: bool) -> Node:
        """The part of it with that answer; its bound is not known yet."""
        node = replace(
            self,
            opened=self.opened.copy(),
            closed=self.closed.copy(),
            barred=self.barred.copy(),
            given=self.given.copy(),
            bound=-np.inf,
            average=self.average.copy(),
            usage=self.usage.copy(),
            steps=[],
            settled_at=np.inf,
            case=-1,
        )
        node.answer(question.site, question.customer, chosen=chosen)
        return node

    def answer(self, site: int, customer: int, *, chosen: bool) -> None:
        """Decide a question: of the site alone where `customer` is -1."""
        if customer < 0:
            (self.opened if chosen else self.closed)[site] = True
        elif chosen:
            self.given[customer] = site
            self.opened[site] = True
        else:
            self.barred[site, customer] = True

    def conclude(self) -> None:
        """Write down what proves the bound."""
        if self.bound > -np.inf and not self.impossible:
            self.steps.append(Step(self.pays, self.size_price, ()))
