"""Frames between a worker and its confined child: a length and a JSON object, over a pipe.

JSON and not pickle: what a child says may have been shaped by a hostile file, and must never run in its parent.
"""

from __future__ import annotations

import os
import struct
from typing import Any, BinaryIO

import orjson

_LENGTH = struct.Struct("<I")
LONGEST = 64 * 1024**2


def write_frame(pipe: BinaryIO, message: dict[str, Any]) -> None:
    """Write one message and flush. Raises BrokenPipeError when the reader is gone."""
    body = orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY)
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def read_frame(pipe: BinaryIO) -> dict[str, Any] | None:
    """The next message, or None at the end of the stream."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = pipe.read(length)
    return decoded(body) if len(body) == length else None


def decoded(body: bytes) -> dict[str, Any]:
    message = orjson.loads(body)
    if not isinstance(message, dict):
        raise ValueError("a frame must be a JSON object")
    return message


class FrameBuffer:
    """Frames out of a pipe that is read piece by piece, so that its reader can look up between pieces."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pending = bytearray()
        self.ended = False

    def read_available(self) -> list[dict[str, Any]]:
        """Read once (the descriptor must be readable); the messages that are complete by now."""
        piece = os.read(self._descriptor, 1024 * 1024)
        if not piece:
            self.ended = True
        self._pending += piece
        messages: list[dict[str, Any]] = []
        start = 0
        while len(self._pending) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._pending, start)
            if length > LONGEST:
                raise ValueError("a frame is longer than any message can be")
            end = start + _LENGTH.size + length
            if len(self._pending) < end:
                break
            messages.append(decoded(bytes(self._pending[start + _LENGTH.size : end])))
            start = end
        del self._pending[:start]
        return messages
