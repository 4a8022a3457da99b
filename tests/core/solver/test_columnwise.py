import numpy as np
import pytest
import scipy.sparse as sparse

from networx.solver.columnwise import Block, by_columns

COLUMNS = {
    "all columns in order": np.arange(6),
    "some columns next to each other": np.arange(2, 5),
    "some columns in order": np.array([0, 2, 5]),
    "columns that come again at once": np.array([1, 1, 2, 4, 4, 4]),
    "columns in no order": np.array([4, 0, 4, 1, 0, 5]),
    "one column": np.array([3]),
    "none": np.array([], dtype=np.intp),
}


@pytest.mark.parametrize("second", COLUMNS)
@pytest.mark.parametrize("first", COLUMNS)
def test_entries_stand_where_their_row_and_column_say_whatever_their_order(first: str, second: str):
    """Beside scipy, which sorts them all at once; between the two, a family with every column once."""
    chosen = (COLUMNS[first], np.arange(6), COLUMNS[second])
    blocks = [
        Block(10 * place, np.arange(len(column))[::-1], column, 1.0 + np.arange(len(column)))
        for place, column in enumerate(chosen)
    ]

    matrix = by_columns(blocks, (30, 6))

    values = np.concatenate([np.asarray(block.value) for block in blocks])
    rows = np.concatenate([block.row + block.first for block in blocks])
    expected = sparse.coo_matrix((values, (rows, np.concatenate(chosen))), shape=(30, 6)).tocsc()
    assert matrix.toarray().tolist() == expected.toarray().tolist()
    assert matrix.indptr.dtype == matrix.indices.dtype == np.int32
    assert matrix.has_canonical_format


def test_columns_of_as_many_entries_that_got_some_of_them_sooner_keep_their_own():
    """The second family's entries are not evenly apart, although all columns end up with two."""
    columns = [np.array([0]), np.array([0, 1, 2]), np.array([1, 2])]
    blocks = [Block(3 * at, np.arange(len(column)), column, 1.0 + at) for at, column in enumerate(columns)]

    assert by_columns(blocks, (8, 3)).toarray().T.tolist() == [
        [1, 0, 0, 2, 0, 0, 0, 0],
        [0, 0, 0, 0, 2, 0, 3, 0],
        [0, 0, 0, 0, 0, 2, 0, 3],
    ]


def test_one_value_stands_in_each_entry_and_entries_of_one_place_add_up():
    blocks = [Block(0, np.array([0, 1, 1]), np.array([0, 1, 1]), 2.0), Block(1, np.array([0]), np.array([1]), 0.5)]

    assert by_columns(blocks, (2, 2)).toarray().tolist() == [[2.0, 0.0], [0.0, 4.5]]


def test_a_matrix_without_entries_has_its_shape():
    assert by_columns([], (2, 3)).toarray().tolist() == [[0.0] * 3] * 2
