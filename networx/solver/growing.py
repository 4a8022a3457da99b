"""A linear program that grows: rows come and go, bounds move, and each run goes on from the last one's basis.

What is asked inside a run is asked at every iteration of the simplex, so that a run can be stopped within milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from networx.domain.arrays import Floats, Indices
from networx.errors import SolverFault

_STOPPED = frozenset({"kInterrupt", "kHighsInterrupt"})


@dataclass(frozen=True, slots=True)
class Vertex:
    """An optimum: `values` one a column, `activity` (what the row adds up to) and `duals` one a row."""

    values: Floats
    activity: Floats
    duals: Floats


class GrowingProgram:
    """Minimise cost @ x with lower <= x <= upper and row_lower <= rows @ x <= row_upper; it has an optimum at any time.

    Raises SolverFault when HiGHS fails twice at the same program; what `stop` raises comes through.
    """

    def __init__(self, cost: Floats, lower: Floats, upper: Floats, stop: Callable[[], bool]) -> None:
        self._stop = stop
        self._raised: BaseException | None = None
        self._highs = highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self._done(highs.setOptionValue(name, value))
        count = len(cost)
        self._done(highs.addVars(count, lower, upper))
        self._done(highs.changeColsCost(count, np.arange(count, dtype=np.int32), cost))
        highs.cbSimplexInterrupt.subscribe(self._look)
        highs.cbIpmInterrupt.subscribe(self._look)

    def add_rows(self, lower: Floats, upper: Floats, starts: Indices, columns: Indices, values: Floats) -> None:
        """Rows one after another: row r has `columns` and `values` from starts[r] on."""
        status = self._highs.addRows(
            len(lower), lower, upper, len(values), starts.astype(np.int32), columns.astype(np.int32), values
        )
        self._done(status)

    def delete_rows(self, rows: Indices) -> None:
        self._done(self._highs.deleteRows(len(rows), rows.astype(np.int32)))

    def set_bounds(self, lower: Floats, upper: Floats) -> None:
        """New bounds of the first columns, as many as given."""
        self._done(self._highs.changeColsBounds(len(lower), np.arange(len(lower), dtype=np.int32), lower, upper))

    def set_row_bounds(self, row: int, lower: float, upper: float) -> None:
        self._done(self._highs.changeRowBounds(row, lower, upper))

    def run(self, *, from_inside: bool = False) -> Vertex | None:
        """The optimum, or None when told to stop. `from_inside` begins with the interior point method.

        It is the faster one where there is no basis to go on from and the program is large.
        """
        self._done(self._highs.setOptionValue("solver", "ipx" if from_inside else "simplex"))
        for _ in range(2):
            self._highs.run()
            if self._raised is not None:
                raise self._raised
            status = self._highs.getModelStatus()
            if status.name in _STOPPED:
                return None
            if status == highspy.HighsModelStatus.kOptimal:
                return self._vertex()
            # Once more from nothing: a basis that went bad takes the run with it.
            self._done(self._highs.clearSolver())
            self._done(self._highs.setOptionValue("solver", "simplex"))
        raise SolverFault(what=f"HiGHS ended a bounded linear program with {self._highs.modelStatusToString(status)}")

    def _vertex(self) -> Vertex:
        solution = self._highs.getSolution()
        return Vertex(
            np.asarray(solution.col_value, dtype=np.float64),
            np.asarray(solution.row_value, dtype=np.float64),
            np.asarray(solution.row_dual, dtype=np.float64),
        )

    def _look(self, event: Any) -> None:
        try:
            if self._raised is not None or self._stop():
                event.interrupt()
        except BaseException as error:  # must not unwind through the solver's C++ frames
            self._raised = error
            event.interrupt()

    @staticmethod
    def _done(status: highspy.HighsStatus) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverFault(what="HiGHS refused a step of a growing program")
