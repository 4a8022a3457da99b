"""Any linear or mixed-integer model that a client brings: as JSON, or read from an MPS or LP file."""

from networx.models.generic.solve import solve_data, solve_json
from networx.solver.highs import ENGINE

__all__ = ["ENGINE", "solve_data", "solve_json"]
