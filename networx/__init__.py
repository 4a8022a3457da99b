"""NetWORX: supply-chain network optimisation with proven answers."""

__version__ = "0.1.0"
