"""Whether what a stage says of a part can be read at all: the keys that it knows, and those that it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping


def faults_in_keys(where: str, said: object, known: Collection[str], required: Iterable[str] = ()) -> Iterator[str]:
    """One sentence for each fault, with its cure. What is no object at all has no keys to speak of."""
    if not isinstance(said, Mapping):
        yield f"{where} is an object with the keys {', '.join(known)}"
        return
    for key in sorted(set(said) - set(known)):
        yield f'{where} does not know "{key}": it knows {", ".join(known)}'
    for key in required:
        if not said.get(key):
            yield f'{where} lacks "{key}"'
