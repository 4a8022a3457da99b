"""The page of what works while a part is away, from the declaration that tests play."""

from __future__ import annotations

from docs.degradation import RETURNS, TABLE, Doing, Part
from docs.markdown import span, table
from networx.api.faults import RETRY_AFTER_SECONDS
from networx.resilience.breaker import CIRCUIT_OPEN

_INTRODUCTION = f"""# What works while a part is away

Generated from `docs/degradation.py`; `make docs` writes this page anew. `tests/chaos/test_degradation.py` plays every
cell on real servers: the part is killed (S3 is cut off), everything below is done, the part comes back, and what was
refused or waited is done again; what ended meanwhile must have ended once.

A 503 has the usual envelope and a `Retry-After`: {RETRY_AFTER_SECONDS} s, or what is left of the pause of the part's
[circuit](topology.md#circuits); once that is open the answer comes at once, with the code `{CIRCUIT_OPEN}`. *Waits*
means accepted and not lost: it is done when the part is back."""

_END = """Secrets Manager is asked for the passwords of new connections; while it does not answer, what it
told last is used. Where solving processes are lost one after another, [their worker waits
too](../decisions/0019-solver-and-cache-circuits.md). While the replica is away or behind, [what is read
there is read in the database](../decisions/0017-reading-on-the-replica.md), and health says `degraded`
once its circuit is open (`tests/core/db/test_replica.py` plays it on a real standby).
"""


def render_degradation() -> str:
    """The text of operations/degradation.md."""
    rows = ((doing.value, *(TABLE[part][doing].shown() for part in Part)) for doing in Doing)
    returns = ((part.value, span(back.within), back.what) for part, back in RETURNS.items())
    return "\n\n".join(
        [
            _INTRODUCTION,
            table("While a part is away", ("to", *(part.value for part in Part)), rows),
            table("When it is back", ("part", "all works again within", "what is made up for"), returns),
            _END,
        ]
    )
