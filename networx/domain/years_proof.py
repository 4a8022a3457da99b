"""The proof of a lower bound where facilities open and close over years that differ, as plain arrays.

An engine writes it and `networx.verify` checks it; neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from networx.domain.arrays import Arrays, Flags, Floats, Indices
from networx.domain.years_apart import YearsApart

APART = "apart"


@dataclass(frozen=True, slots=True)
class YearsProof(Arrays):
    """N cases, M steps, K settled states, T years, E pairs of a year and a customer with demand in it, year by year.

    Case 0 is the whole problem. `parent`, `year`, `site`, `count` and `opened` (N,): a case is its parent with
    one more site open or closed in one year, or, where `site` is -1, with at least `count` sites open in it or fewer;
    the two come in pairs. All are -1 for case 0. Steps belong to a case (`step_case` (M,), in
    order) and give multipliers: what each customer pays for its demand of a year, `pays` (M, E); what holding all
    demand of a year is worth, `size_price` (M, T); one more open site, `count_price` (M, T), below 0 where fewer are
    wanted; one change, `change_price` (M, T); service, `service_price` (M, T), of all demand near by. The Lagrangian
    function there bounds the case. A step may settle states: `settled_step`, `settled_year`, `settled_site` and
    `settled_opened` (K,) say that with the site in the other state in that year that bound holds. A case without
    children ends with a step that bounds it, or has none and is `impossible` (N,): what is left cannot be a plan.
    Some steps rest on bounds of years `apart` in place of `pays` and the prices of size, counts and service.
    """

    parent: Indices
    year: Indices
    site: Indices
    count: Indices
    opened: Flags
    impossible: Flags
    step_case: Indices
    pays: Floats
    size_price: Floats
    count_price: Floats
    change_price: Floats
    service_price: Floats
    settled_step: Indices
    settled_year: Indices
    settled_site: Indices
    settled_opened: Flags
    apart: YearsApart = field(default_factory=YearsApart.none)

    def arrays(self) -> dict[str, Any]:
        """The arrays by name, those of years apart beside the others."""
        own = {name: array for name, array in Arrays.arrays(self).items() if name != APART}
        return own | self.apart.arrays()

    @classmethod
    def from_arrays(cls, arrays: Any) -> Self:
        """Raises KeyError where a part is missing. Proofs from before there were bounds of years apart have none."""
        own = {part: arrays[part] for part in cls.__dataclass_fields__ if part != APART}
        return cls(**own, apart=YearsApart.from_arrays(arrays) if "apart_year" in arrays else YearsApart.none())
