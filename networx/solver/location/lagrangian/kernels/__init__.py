"""What the engine's loops are compiled to by numba: the same as its modules in numpy, with which tests compare it.

Importing these imports numba, and the first call of a kernel compiles it or loads it from a cache:
`networx.solver.location.compiling` sees to both. Nothing is reordered (no fastmath) and nothing runs in parallel, so
that the same numbers come out each time. Loops are written out, since an expression on arrays makes new ones.
"""

import numba

# Only where `compiling` has named a folder. Beside the sources numba would keep files of its own for each of them, and
# not see that a kernel in another one, which it has taken in, has changed.
CACHED = bool(numba.config.CACHE_DIR)  # type: ignore[attr-defined]
