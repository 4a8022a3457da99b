"""What a solver's process says about one case, as one line of JSON on its standard output."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass

LINE = "answer: "


@dataclass(frozen=True, slots=True)
class Answer:
    """`cost` and `bound` are None where there is none; `cpu` are the seconds from data in memory to the answer.

    `says` is the solver's own word for how it ended.
    """

    says: str
    cost: float | None
    bound: float | None
    cpu: float
    nodes: int | None = None

    def tell(self) -> None:
        print(LINE + json.dumps(asdict(self)), flush=True)

    @classmethod
    def heard(cls, output: str) -> Answer | None:
        """The answer in what a process printed; None where it printed none."""
        lines = [line for line in output.splitlines() if line.startswith(LINE)]
        return cls(**json.loads(lines[-1].removeprefix(LINE))) if lines else None


def known(value: float) -> float | None:
    """A solver's figure, or None where it is its infinity."""
    return float(value) if math.isfinite(value) and abs(value) < 1e19 else None
