"""Which answers a client may get while parts of a platform are away: the right one, or word that it is to come again.

Besides, a connection that the web does not take, or breaks, since it was killed. A request that was begun and is never
answered is neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cli.load.figures import LIMITED, SUCCESS, Sample
from networx.errors import TransientError
from networx.resilience.breaker import CIRCUIT_OPEN

_WEB_GONE = frozenset({"ConnectError", "ReadError", "WriteError", "CloseError", "RemoteProtocolError"})


def wrong_answers(samples: Sequence[Sample]) -> dict[str, int]:
    """What else was answered, by its code: how often."""
    right = {SUCCESS, LIMITED, *_WEB_GONE, *(f"503 {code}" for code in _codes())}
    wrong = [sample.outcome for sample in samples if sample.outcome not in right]
    return {outcome: wrong.count(outcome) for outcome in sorted(set(wrong))}


def _codes() -> Iterator[str]:
    yield CIRCUIT_OPEN
    kinds: list[type[TransientError]] = [TransientError]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind is not TransientError:
            yield kind.code
