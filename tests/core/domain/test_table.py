"""What every table of a dataset does with its columns."""

from __future__ import annotations

import pickle

import numpy as np

from networx.domain.network import Assignments, Lanes, Rates, ServiceYears


def test_columns_that_are_left_out_are_empty_in_every_row():
    codes = np.zeros(2, dtype=np.int32)
    lanes = Lanes(codes, codes, np.ones(2), np.ones(2), zone=("2", None))
    assert (len(lanes), lanes.mode, lanes.zone) == (2, (None, None), ("2", None))
    assert np.isnan([lanes.transit_days, lanes.capacity_units, lanes.year]).all()
    rates = Rates(mode=("ltl",), basis=("per_mile",), rate=np.ones(1))
    assert (rates.zone, rates.rate.tolist(), len(rates.minimum)) == ((None,), [1.0], 1)
    assert len(ServiceYears(np.array([2026])).service_level) == 1


def test_a_table_without_rows_has_columns_of_the_right_kind():
    none = Assignments()
    assert (len(none), none.facility.dtype, none.rule) == (0, np.int32, ())
    assert ServiceYears().year.dtype == np.int64
    assert Rates().rate.dtype == np.float64


def test_a_table_travels_between_processes_whole():
    codes = np.arange(3, dtype=np.int32)
    sent = pickle.loads(pickle.dumps(Lanes(codes, codes, np.ones(3), np.ones(3))))
    assert sent.facility.tolist() == [0, 1, 2]
    assert sent.mode == (None,) * 3
