"""Reading an answer's body: bounded as it arrives and again as it unfolds, so that no answer fills the memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
_WRAPPED = 32 + zlib.MAX_WBITS  # gzip or zlib, told apart by the first bytes


class TooLong(Exception):
    """The body is longer than it may be."""


class Damaged(Exception):
    """The body is not compressed as its header says, or ends too early."""


def read_body(pieces: Iterable[bytes], encoding: str, largest_bytes: int) -> bytes:
    """The whole body, unfolded. At most `largest_bytes` are read, and at most as many are unfolded of them."""
    coded = encoding.strip().lower()
    if coded not in ENCODINGS:
        raise Damaged(f"it is encoded as {coded[:40]}, which was not asked for")
    bounded = _bounded(pieces, largest_bytes)
    return b"".join(bounded if coded in {"", "identity"} else _unfolded(bounded, largest_bytes))


def _bounded(pieces: Iterable[bytes], largest_bytes: int) -> Iterable[bytes]:
    seen = 0
    for piece in pieces:
        seen += len(piece)
        if seen > largest_bytes:
            raise TooLong
        yield piece


def _unfolded(pieces: Iterable[bytes], largest_bytes: int) -> Iterable[bytes]:
    stream = zlib.decompressobj(_WRAPPED)
    begun, made = False, 0
    try:
        for piece in pieces:
            waiting = piece
            while waiting:
                if stream.eof:  # a further member follows
                    stream = zlib.decompressobj(_WRAPPED)
                begun = True
                plain = stream.decompress(waiting, largest_bytes - made + 1)
                made += len(plain)
                if made > largest_bytes:
                    raise TooLong
                yield plain
                waiting = stream.unconsumed_tail or stream.unused_data
    except zlib.error as fault:
        raise Damaged("it cannot be decompressed") from fault
    if begun and not stream.eof:
        raise Damaged("its compressed body ends too early")
