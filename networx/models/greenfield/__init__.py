"""Greenfield: where to stand at all, from destinations and demand alone, the proven best for each number of places."""

from networx.models.greenfield.candidates import candidates_of
from networx.models.greenfield.instance import GreenfieldInstance, prepare
from networx.models.greenfield.sweep import best_places

__all__ = ["GreenfieldInstance", "best_places", "candidates_of", "prepare"]
