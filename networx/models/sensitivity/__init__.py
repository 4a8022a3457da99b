"""Sensitivity of a transport plan: `questions` says what is asked, `changes` makes the problems, `asking` solves them.

Each is solved by `networx.models.transport` as any scenario is; a shadow price is never told as a delta.
"""

from networx.models.sensitivity.asking import Base, ask, checked
from networx.models.sensitivity.questions import MOST_SITES, require_names

__all__ = ["MOST_SITES", "Base", "ask", "checked", "require_names"]
