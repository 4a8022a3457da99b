"""A part of all plans: some sites held open, some held closed, and how many may be open in all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from networx.domain.arrays import Flags


@dataclass(frozen=True, slots=True)
class Box:
    """`opened` and `closed` (I,) share no site. At least `at_least` and at most `at_most` sites are open."""

    opened: Flags
    closed: Flags
    at_least: int
    at_most: int

    def holding(self, opened: Flags, closed: Flags) -> Box:
        """The same with more sites held."""
        return replace(self, opened=self.opened | opened, closed=self.closed | closed)

    def with_site(self, site: int, *, opened: bool) -> Box:
        """The same with one more site held open or closed."""
        one = np.zeros_like(self.opened)
        one[site] = True
        none = np.zeros_like(one)
        return self.holding(one, none) if opened else self.holding(none, one)

    @property
    def free(self) -> Flags:
        return ~(self.opened | self.closed)

    @property
    def empty(self) -> bool:
        """Whether no plan is in it, by counting alone."""
        return int(self.opened.sum()) > self.at_most or int((~self.closed).sum()) < self.at_least
