"""Capacity analysis: how full a given set of facilities is, where it falls short, and what would help most.

A year is solved at a time (`year`), facilities that are full are solved again with more (`bottlenecks`), and where
demand stays unserved the cheapest openings are sought (`relief`); `analyse` puts them together.
"""

from networx.models.capacity.analyse import analyse_capacity, prepare_analysis
from networx.models.capacity.sites import chosen_sites, require_complete_analysis, serving_years
from networx.solver.highs import ENGINE

__all__ = [
    "ENGINE",
    "analyse_capacity",
    "chosen_sites",
    "prepare_analysis",
    "require_complete_analysis",
    "serving_years",
]
