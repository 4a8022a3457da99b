import itertools
import time
from dataclasses import replace
from types import SimpleNamespace

import highspy
import numpy as np
import pytest
import scipy.sparse as sparse

from networx.domain.plan import Progress
from networx.errors import SolverFault
from networx.solver import highs
from networx.solver.highs import ENDINGS, SECONDS_BETWEEN_PROGRESS, solve, solve_linear
from networx.solver.linear import Assembly, LinearModel
from networx.solver.outcome import Ending, Limits, relative_gap

LIMITS = Limits(time_seconds=30, gap=1e-6)


def knapsack(items: int = 3, *, seed: int = 0, constraints: int = 1) -> LinearModel:
    """Take the items of most worth; with many items and constraints it keeps a solver busy."""
    rng = np.random.default_rng(seed)
    worth = np.array([10.0, 13.0, 7.0]) if items == 3 else rng.integers(500, 1000, items).astype(float)
    weights = np.array([[3.0, 4.0, 2.0]]) if items == 3 else rng.integers(500, 1000, (constraints, items)).astype(float)
    assembly = Assembly()
    taken = assembly.add_columns("taken", -worth, 0.0, 1.0, integer=True)
    rows, columns = np.indices(weights.shape)
    limit = 6.0 if items == 3 else weights.sum(axis=1) / 2
    assembly.add_rows("room", -np.inf, limit, len(weights), (rows.ravel(), taken[columns.ravel()], weights.ravel()))
    return assembly.model()


def one_column(cost: float, lower: float, upper: float, at_least: float) -> LinearModel:
    assembly = Assembly()
    column = assembly.add_columns("x", [cost], lower, upper)
    assembly.add_rows("least", at_least, np.inf, 1, ([0], column, 1.0))
    return assembly.model()


def test_every_status_that_highs_knows_has_an_ending():
    assert set(ENDINGS) == set(highspy.HighsModelStatus.__members__)


def test_a_mixed_integer_optimum_comes_with_its_bound():
    # Room 6: items 2 and 3 weigh 6 and are worth 20; items 1 and 3 weigh 5 and are worth 17; 1 and 2 weigh 7.
    solution = solve(knapsack(), LIMITS)

    assert solution.ending is Ending.OPTIMAL
    assert solution.values == pytest.approx([0, 1, 1])
    assert solution.objective == pytest.approx(-20)
    assert solution.bound == pytest.approx(-20)


def test_a_linear_optimum_is_its_own_bound():
    solution = solve(one_column(cost=3, lower=0, upper=10, at_least=4), LIMITS)

    assert (solution.ending, solution.objective, solution.bound) == (Ending.OPTIMAL, 12.0, 12.0)


@pytest.mark.parametrize(
    ("model", "ending"),
    [
        (one_column(cost=1, lower=0, upper=1, at_least=2), {Ending.INFEASIBLE}),
        (
            one_column(cost=-1, lower=0, upper=np.inf, at_least=0),
            {Ending.UNBOUNDED, Ending.UNBOUNDED_OR_INFEASIBLE},
        ),
    ],
)
def test_without_an_optimum_there_are_no_values(model, ending):
    solution = solve(model, LIMITS)

    assert solution.ending in ending
    assert solution.values is None
    assert solution.objective is None


def test_a_model_without_rows_or_columns_costs_nothing():
    solution = solve(Assembly().model(), LIMITS)

    assert (solution.ending, solution.objective) == (Ending.OPTIMAL, 0.0)


@pytest.mark.parametrize("field", ["cost", "lower", "row_upper"])
def test_a_model_with_a_number_that_is_none_is_a_fault(field):
    model = one_column(cost=1, lower=0, upper=1, at_least=0)

    with pytest.raises(SolverFault, match="not a number"):
        solve(replace(model, **{field: np.array([np.nan])}), LIMITS)


def test_a_model_that_highs_refuses_is_a_fault():
    model = one_column(cost=1, lower=0, upper=1, at_least=0)

    with pytest.raises(SolverFault, match="refused the model"):
        solve(replace(model, matrix=model.matrix * 1e16), LIMITS)


def ruled_out() -> LinearModel:
    """Of four things one each is taken, out of eighteen; presolve takes all of it away and answers, against a row."""
    rows = [
        (1, 1, range(6)),
        (1, 1, (8, 10, 14, 15)),
        (1, 1, (6, 7, 9, 11, 12, 13, 16)),
        (1, 1, (17,)),
        (3, 3, (2, 3, 4, 5, *range(8, 18))),
        (2, 3, (*range(6), 14, 15, 16, 17)),
        (2, 3, (4, 5, 7, 12, 13, 15, 16, 17)),
        (2, 3, (1, 3, 5, 7, 10, 11, 13, 16)),
        (-np.inf, 1, range(2, 8)),
        (-np.inf, 1, (0, 1, *range(8, 14))),
    ]
    assembly = Assembly()
    taken = assembly.add_columns("taken", np.zeros(18), 0.0, 1.0, integer=True)
    for number, (least, most, of_row) in enumerate(rows):
        columns = taken[list(of_row)]
        assembly.add_rows(f"row {number}", least, most, 1, (np.zeros(len(columns)), columns, 1.0))
    return assembly.model()


@pytest.mark.parametrize("start", [None, np.zeros(18)], ids=["from nothing", "from a start"])
def test_an_answer_of_presolve_that_highs_itself_refuses_is_looked_for_without_it(start):
    solution = solve(ruled_out(), LIMITS, start=start)

    assert (solution.ending, solution.values) == (Ending.INFEASIBLE, None)


def test_stop_before_the_start_solves_nothing():
    solution = solve(knapsack(), LIMITS, stop=lambda: True)

    assert (solution.ending, solution.values) == (Ending.INTERRUPTED, None)


def test_stop_at_the_first_incumbent_keeps_it():
    seen: list[float] = []

    solution = solve(
        knapsack(60, constraints=30), LIMITS, incumbent=lambda _, cost: seen.append(cost), stop=lambda: bool(seen)
    )

    assert solution.ending is Ending.INTERRUPTED
    assert solution.objective is not None
    assert solution.objective <= seen[0]


def test_the_time_limit_holds_and_leaves_a_bound():
    started = time.monotonic()

    # A gap that hours do not close.
    solution = solve(knapsack(300, constraints=40), Limits(time_seconds=1.0, gap=0.0))

    assert solution.ending is Ending.LIMIT
    assert time.monotonic() - started < 20
    assert solution.bound is not None
    assert solution.objective is not None
    assert solution.bound <= solution.objective


def test_incumbents_improve_and_end_at_the_optimum():
    seen: list[tuple[float, float]] = []
    model = knapsack(25, constraints=3)

    solution = solve(model, LIMITS, incumbent=lambda x, cost: seen.append((float(model.cost @ x), cost)))

    costs = [cost for _, cost in seen]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == pytest.approx(solution.objective)
    assert all(recomputed == pytest.approx(cost) for recomputed, cost in seen)


def test_progress_comes_at_most_five_times_a_second(monkeypatch: pytest.MonkeyPatch):
    seen: list[tuple[float, Progress]] = []
    now = 0.0
    looks = itertools.count(1)

    def clock() -> float:
        nonlocal now
        now = next(looks) / 64
        return now

    monkeypatch.setattr(highs, "time", SimpleNamespace(monotonic=clock))
    solution = solve(
        knapsack(300, constraints=40),
        Limits(600, 0.0),
        progress=lambda step: seen.append((now, step)),
        stop=lambda: len(seen) == 5,
        stage="looking",
    )

    assert solution.ending is Ending.INTERRUPTED
    between = np.diff([moment for moment, _ in seen])
    assert len(between) == 4
    assert between.min() >= SECONDS_BETWEEN_PROGRESS
    assert between.max() < 2 * SECONDS_BETWEEN_PROGRESS
    assert {step.stage for _, step in seen} == {"looking"}
    last = seen[-1][1]
    assert last.gap == relative_gap(last.incumbent, last.bound)


def test_an_error_in_a_callback_comes_through():
    class TornDown(Exception):
        pass

    def fail(_: Progress) -> None:
        raise TornDown

    with pytest.raises(TornDown):
        solve(knapsack(60, constraints=30), LIMITS, progress=fail)


def test_the_gap_is_relative_to_the_objective():
    assert relative_gap(200.0, 150.0) == 0.25
    assert relative_gap(-200.0, -250.0) == 0.25
    assert relative_gap(0.0, 0.0) == 0.0
    assert relative_gap(None, 1.0) is None
    assert relative_gap(1.0, None) is None


def best_of_long(model: LinearModel) -> tuple[np.ndarray, float]:
    found = solve(model, Limits(1.0, 0.0))
    assert found.values is not None
    assert found.objective is not None
    return found.values, found.objective


def test_a_solution_to_start_from_is_the_best_known_from_the_first_moment():
    model = knapsack(80, constraints=40)
    start, cost = best_of_long(model)
    seen: list[float] = []
    told: list[Progress] = []

    solution = solve(
        model, Limits(0.3, 0.0), told.append, incumbent=lambda _, objective: seen.append(objective), start=start
    )

    assert seen[0] == pytest.approx(cost, rel=1e-9)
    assert told
    assert all(step.incumbent is not None and step.incumbent <= cost + 1e-6 for step in told)
    assert solution.objective is not None
    assert solution.objective <= cost + 1e-6


def test_a_solution_to_start_from_is_the_answer_where_there_is_no_time_for_another():
    model = knapsack(80, constraints=40)
    start, cost = best_of_long(model)

    solution = solve(model, Limits(1e-6, 0.0), start=start)

    assert solution.ending is Ending.LIMIT
    assert solution.objective == pytest.approx(cost, rel=1e-9)


def test_a_solution_that_just_misses_a_row_is_mended_with_its_whole_numbers_kept():
    base = knapsack(80, constraints=40)
    taken, cost = best_of_long(base)
    # One more column at 10 a piece, of which half is needed; the start has less of it.
    model = replace(
        base,
        cost=np.append(base.cost, 10.0),
        lower=np.append(base.lower, 0.0),
        upper=np.append(base.upper, 1.0),
        integer=np.append(base.integer, False),
        matrix=sparse.block_diag([base.matrix, np.ones((1, 1))], format="csc"),
        row_lower=np.append(base.row_lower, 0.5),
        row_upper=np.append(base.row_upper, np.inf),
    )
    seen: list[np.ndarray] = []

    solve(model, Limits(0.3, 0.0), incumbent=lambda x, _: seen.append(x), start=np.append(taken, 0.4))

    assert model.cost @ seen[0] == pytest.approx(cost + 5)
    assert seen[0][:-1].round() == pytest.approx(taken.round())


def test_a_solution_that_no_rest_can_mend_is_passed_over():
    solution = solve(knapsack(), LIMITS, start=np.ones(3))

    assert (solution.ending, solution.objective) == (Ending.OPTIMAL, pytest.approx(-20))


def test_a_solution_of_another_model_is_a_fault():
    with pytest.raises(SolverFault, match="refused the solution"):
        solve(knapsack(), LIMITS, start=np.ones(2))


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
def test_costs_of_any_size_give_the_same_solution_and_their_own_objective(size: float):
    # HiGHS's tolerances are absolute: without a unit of its own, tiny costs are all nothing and vast ones make it fail.
    model = knapsack()
    found: list[float] = []
    solution = solve(
        replace(model, cost=model.cost * size, offset=5 * size),
        LIMITS,
        incumbent=lambda _, objective: found.append(objective),
    )
    assert solution.values == pytest.approx([0, 1, 1])
    assert solution.objective == pytest.approx(-15 * size)
    assert solution.bound == pytest.approx(-15 * size)
    assert found[-1] == pytest.approx(-15 * size)


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
def test_a_linear_optimum_tells_what_its_rows_are_worth(size: float):
    solution = solve(one_column(cost=3 * size, lower=0, upper=10, at_least=4), LIMITS)
    assert solution.row_duals == pytest.approx([3 * size])
    assert solve(knapsack(), LIMITS).row_duals is None


def test_a_linear_program_is_solved_to_its_end_with_duals_and_pauses():
    pauses: list[None] = []

    solution = solve_linear(one_column(3.0, 0.0, 10.0, 2.0), lambda: pauses.append(None))

    assert (solution.ending, solution.objective) == (Ending.OPTIMAL, 6.0)
    assert solution.row_duals is not None
    assert solution.row_duals.tolist() == [3.0]
    assert pauses


def test_what_a_pause_raises_ends_a_linear_program():
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve_linear(knapsack(2_000, constraints=200).relaxed(), stop)


def test_an_infeasible_linear_program_says_so():
    assert solve_linear(one_column(1.0, 0.0, 1.0, 2.0), lambda: None).ending is Ending.INFEASIBLE


@pytest.mark.parametrize("part", ["cost", "lower", "upper", "integer", "row_lower", "row_upper"])
def test_arrays_of_differing_lengths_are_refused_before_highs_reads_beyond_them(part: str) -> None:
    model = knapsack()
    with pytest.raises(SolverFault, match="differ in length"):
        solve(replace(model, **{part: getattr(model, part)[:-1]}), LIMITS)
