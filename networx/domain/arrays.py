"""The arrays that the tables, models and checks are made of, by what their numbers are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]  # rows of a table
Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
