import numpy as np

from networx.solver.linear import Assembly


def test_rows_and_columns_land_where_their_families_say():
    assembly = Assembly()
    first = assembly.add_columns("first", [1.0, 2.0], 0.0, [3.0, 4.0], integer=True)
    second = assembly.add_columns("second", [5.0], -1.0, np.inf)
    assembly.add_rows("sum", 1.0, 2.0, 1, ([0, 0], first, [10.0, 20.0]))
    assembly.add_rows("link", -np.inf, 0.0, 2, ([0, 1], first, 1.0), ([0, 1], [second[0]] * 2, -1.0))

    model = assembly.model()

    assert model.matrix.toarray().tolist() == [[10, 20, 0], [1, 0, -1], [0, 1, -1]]
    assert model.cost.tolist() == [1, 2, 5]
    assert model.upper.tolist() == [3, 4, np.inf]
    assert model.row_upper.tolist() == [2, 0, 0]
    assert model.integer.tolist() == [True, True, False]
    assert model.rows == {"sum": slice(0, 1), "link": slice(1, 3)}
    assert model.columns == {"first": slice(0, 2), "second": slice(2, 3)}


def test_entries_of_one_place_add_up():
    assembly = Assembly()
    column = assembly.add_columns("x", [0.0], 0.0, 1.0)
    assembly.add_rows("row", 0.0, 1.0, 1, ([0], column, 2.0), ([0], column, 3.0))

    assert assembly.model().matrix.toarray().tolist() == [[5.0]]


def test_a_relaxed_model_has_no_integers_and_is_otherwise_the_same():
    assembly = Assembly()
    assembly.add_columns("x", [1.0], 0.0, 1.0, integer=True)
    model = assembly.model()

    relaxed = model.relaxed()

    assert not relaxed.integer.any()
    assert relaxed.cost is model.cost
