"""What a load test is judged by: requests, success, latency, throughput, and errors by their code."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

SUCCESS = "success"
LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Sample:
    """One request. `outcome` is `success`, `limited` (429), or the code of the error."""

    operation: str
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of some requests. Latencies are of those that succeeded, in milliseconds; None where none did.

    A refusal by a limit (429) is no error and no success: it is counted by itself.
    """

    requests: int
    succeeded: int
    limited: int
    errors: dict[str, int]
    success_share: float | None
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    longest_ms: float | None
    per_second: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def figures(samples: Sequence[Sample], seconds: float) -> Figures:
    """The figures of these requests, made within `seconds`. `per_second` counts what succeeded."""
    took = sorted(sample.seconds * 1000 for sample in samples if sample.outcome == SUCCESS)
    limited = sum(sample.outcome == LIMITED for sample in samples)
    errors = Counter(sample.outcome for sample in samples if sample.outcome not in (SUCCESS, LIMITED))
    return Figures(
        requests=len(samples),
        succeeded=len(took),
        limited=limited,
        errors=dict(sorted(errors.items())),
        success_share=len(took) / len(samples) if samples else None,
        mean_ms=round(math.fsum(took) / len(took), 3) if took else None,
        p50_ms=percentile(took, 50),
        p95_ms=percentile(took, 95),
        p99_ms=percentile(took, 99),
        longest_ms=round(took[-1], 3) if took else None,
        per_second=round(len(took) / seconds, 3) if seconds > 0 else 0.0,
    )


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least so many percent do not exceed (nearest rank); None of nothing."""
    if not ordered:
        return None
    return round(ordered[max(1, math.ceil(len(ordered) * percent / 100)) - 1], 3)
