"""What a check of a result found: each line of it, what was recomputed, and what stays somebody's word."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from networx.domain.plan import Check


@dataclass(frozen=True, slots=True)
class Rechecked:
    """`recomputed` and `believed` are sentences; `differs` are parameters of which the dataset's sheet says else."""

    status: str
    sha256: str
    checks: tuple[Check, ...]
    recomputed: tuple[str, ...]
    believed: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    exact_seconds: float | None = None

    @property
    def holds(self) -> bool:
        return all(check.passed for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        return {"holds": self.holds, **asdict(self)}
