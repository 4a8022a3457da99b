"""Reading a file by ranges: from an object store or a disk, a block at a time, never the whole.

`RangeFile` gives ranges the shape of a file, so that the standard library's archive reader works over them. It
refuses to fetch more than a budget: a small check must stay small however large the file claims its parts to be.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from pathlib import Path
from typing import Protocol

from networx.errors import ObjectStoreUnavailable
from networx.ingest.refusals import Refusal, refuse

BLOCK_BYTES = 64 * 1024
BLOCKS_KEPT = 16
BUDGET_BYTES = 32 * 1024 * 1024


class RangeReader(Protocol):
    """Whatever gives bytes by place: `read(offset, length)` returns them, fewer only at the end."""

    def read(self, offset: int, length: int) -> bytes: ...


class FileRanges:
    """The ranges of a file on this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size

    def read(self, offset: int, length: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(offset)
            return file.read(length)


class RangeFile:
    """A seekable, read-only file over ranges, keeping the latest blocks. Raises RefusedInput beyond its
    budget and ObjectStoreUnavailable where the ranges cannot be read.
    """

    def __init__(self, ranges: RangeReader, size: int) -> None:
        self._ranges = ranges
        self._size = size
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self.fetched_bytes = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("seek before the start of the file")
        self._position = start + offset
        return self._position

    def read(self, length: int | None = -1) -> bytes:
        left = max(self._size - self._position, 0)
        wanted = left if length is None or length < 0 else min(length, left)
        content = bytearray()
        while wanted > len(content):
            number, start = divmod(self._position, BLOCK_BYTES)
            piece = self._block(number)[start : start + wanted - len(content)]
            if not piece:
                break
            content += piece
            self._position += len(piece)
        return bytes(content)

    def close(self) -> None:
        self._blocks.clear()

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        if self.fetched_bytes >= BUDGET_BYTES:
            raise refuse(
                Refusal.SUSPICIOUS_ARCHIVE,
                "The file's directory is larger than that of any real workbook. Save it again in Excel as .xlsx.",
            )
        try:
            block = self._ranges.read(number * BLOCK_BYTES, min(BLOCK_BYTES, self._size - number * BLOCK_BYTES))
        except OSError as error:
            # The archive reader takes an OSError for a broken archive; a store that is away is no fault of the file.
            raise ObjectStoreUnavailable() from error
        self.fetched_bytes += len(block)
        self._blocks[number] = block
        if len(self._blocks) > BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        return block
