"""The transport model: which facilities to open, who serves whom in each year, at least cost.

Prepare (tables to instance), look for clashes, formulate, solve, extract: one module each, put together in `solve`.
"""

from networx.models.transport.clashes import clashes
from networx.models.transport.formulation import formulate
from networx.models.transport.instance import TransportInstance, prepare
from networx.models.transport.solve import solve_transport
from networx.models.transport.start import Start
from networx.solver.highs import ENGINE

__all__ = ["ENGINE", "Start", "TransportInstance", "clashes", "formulate", "prepare", "solve_transport"]
