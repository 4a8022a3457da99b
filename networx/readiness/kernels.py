"""The compiled kernels: complete for this installation, and usable. Without them every search goes on, only slower."""

from __future__ import annotations

from networx.readiness.check import NotExercised, Place, Unprotected
from networx.solver.location.compiling import State, kernels_at_hand, standing, without_kernels

_NOT_YET = (State.ABSENT, State.COMPILING)


def compiled_kernels(_: Place) -> str:
    """They are complete, and each can be loaded and used."""
    stands = standing()
    if stands.state in _NOT_YET:
        raise NotExercised(f"They are {stands.state} ({stands.folder}). {stands.do}")
    if stands.state is not State.COMPLETE:
        raise Unprotected(f"They {stands.state}: {stands.why}", stands.do)
    if not kernels_at_hand():
        message = f"They are complete in {stands.folder} and cannot be used: {without_kernels()}"
        raise Unprotected(message, f"Remove {stands.folder}; the next long search compiles them anew.")
    return f"complete in {stands.folder}, and each was used"
