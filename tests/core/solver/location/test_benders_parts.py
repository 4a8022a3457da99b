"""What the Benders engine is made of: cuts for groups of customers, and the choice of a site to branch on."""

from __future__ import annotations

import numpy as np
import pytest

from networx.solver.location.benders.box import Box
from networx.solver.location.benders.branching import Branch, Rises
from networx.solver.location.benders.cuts import Groups, rows, strongest
from networx.solver.location.benders.dual import evaluate
from networx.solver.location.benders.master import Master
from networx.solver.location.benders.part import Part
from tests.core.solver.location.problems import on_a_map


@pytest.fixture
def part() -> Part:
    return Part.whole(on_a_map(12, 60, seed=3, count=4))


def test_the_cuts_of_all_groups_ask_no_more_than_any_set_of_sites_costs(part: Part):
    nearness, groups = part.nearness, Groups.around_sites(part.nearness)
    draw = np.random.default_rng(2)
    for _ in range(50):
        opened = np.zeros(12, dtype=bool)
        opened[draw.permutation(12)[: draw.integers(1, 12)]] = True
        levels = nearness.cost[np.arange(60), draw.integers(0, 12, 60)] * draw.uniform(0.5, 1.5, 60)
        cuts = rows(nearness, groups, levels)
        paid = np.where(opened[nearness.site], nearness.cost, np.inf).min(axis=1)

        assert (cuts.level - cuts.saving @ opened <= groups.total(paid) + 1e-9).all()
        here = rows(nearness, groups, strongest(nearness, opened.astype(float)))
        assert here.level - here.saving @ opened == pytest.approx(groups.total(paid))


def test_the_masters_duals_prove_its_optimum(part: Part):
    master = Master(part, lambda: False)
    for opening in np.random.default_rng(1).dirichlet(np.ones(12), 20) * 4:
        master.add(strongest(part.nearness, np.minimum(opening, 1.0)))

    relaxed = master.solve()

    optimum = part.fixed @ relaxed.opening + relaxed.price.sum()
    assert evaluate(part.nearness, part.fixed, part.box, relaxed.multipliers).bound >= optimum * (1 - 1e-9)


def test_cuts_that_hold_nothing_up_leave_and_the_optimum_stays(part: Part):
    master = Master(part, lambda: False)
    for opening in np.random.default_rng(1).dirichlet(np.ones(12), 20) * 4:
        master.add(strongest(part.nearness, np.minimum(opening, 1.0)))
    before, cuts = master.solve(), master.cuts

    master.tidy()
    after = master.solve()

    assert master.cuts < cuts
    assert after.price.sum() == pytest.approx(before.price.sum())
    assert after.multipliers.sum() == pytest.approx(before.multipliers.sum())


def test_the_site_whose_states_raised_the_bound_most_is_branched_on():
    box = Box(np.zeros(4, dtype=bool), np.array([False, False, False, True]), 1, 3)
    rises, opening = Rises(4), np.array([0.5, 0.5, 1.0, 0.5])
    for site, rise in ((0, 1.0), (1, 10.0)):
        for opened in (False, True):
            rises.learn(Branch(site, opened, 0.5), rise)

    assert rises.best(opening, box) == 1
    assert rises.best(np.array([0.5, 1.0, 0.0, 0.5]), box) == 0
    assert rises.best(np.array([1.0, 1.0, 0.0, 0.5]), box) is None
