"""Greenfield: where to stand at all, from destinations and demand alone, the proven best for each number of places."""

from networx.models.greenfield.candidates import candidates_of
from networx.models.greenfield.instance import GreenfieldInstance, asked_of, prepare
from networx.models.greenfield.sweep import best_places

__all__ = ["GreenfieldInstance", "asked_of", "best_places", "candidates_of", "prepare"]
