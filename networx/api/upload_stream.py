"""One multipart form on its way into S3: the file leaves for the bucket part by part while the form still arrives."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from networx.api import object_store
from networx.errors import Problem, RefusedInput, TooLarge
from networx.topology import TOPOLOGY

FIELD = "file"


def file_name(stated: str) -> str:
    """The last part of a stated file name, as it may stand in a key. Raises RefusedInput when nothing is left."""
    last = PurePosixPath(PureWindowsPath(stated).name).name
    cleaned = "".join(letter for letter in last if letter.isprintable()).strip()[-200:]
    if cleaned in {"", ".", ".."}:
        raise RefusedInput([Problem("The file needs a name, such as network.xlsx.", "required", column="filename")])
    return cleaned


@dataclass
class _Form:
    """What the parser has met so far: the file's name, whether inside its part or past the end, bytes not sent yet."""

    filename: str | None = None
    inside: bool = False
    ended: bool = False
    pending: bytearray = field(default_factory=bytearray)
    header_name: bytearray = field(default_factory=bytearray)
    header_value: bytearray = field(default_factory=bytearray)

    def parser(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_header_field": lambda data, start, end: self.header_name.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self.header_value.extend(data[start:end]),
                "on_header_end": self._header_end,
                "on_part_data": self._part_data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    def _header_end(self) -> None:
        if bytes(self.header_name).lower() == b"content-disposition" and self.filename is None:
            _, options = parse_options_header(bytes(self.header_value))
            if options.get(b"name") == FIELD.encode() and b"filename" in options:
                self.filename = file_name(options[b"filename"].decode("utf-8", "replace"))
                self.inside = True
        self.header_name.clear()
        self.header_value.clear()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self.inside:
            self.pending += data[start:end]

    def _part_end(self) -> None:
        self.inside = False

    def _end(self) -> None:
        self.ended = True


@dataclass(frozen=True, slots=True)
class Received:
    """A file whose parts are all at S3 and not yet one object. `sha256` is of its content."""

    key: str
    filename: str
    multipart_id: str
    etags: tuple[str, ...]
    size_bytes: int
    sha256: str


async def receive(content_type: str, body: AsyncIterator[bytes], folder: str) -> Received:
    """Send the form's file to `folder` in the input bucket, at most one part in memory.

    Raises RefusedInput for a form without a file, TooLarge above the limit; nothing is left behind then.
    """
    form = _Form()
    parser = form.parser(_boundary(content_type))
    sending = _Sending(folder)
    try:
        async for chunk in body:
            _feed(parser, chunk)
            await sending.take(form, last=False)
        if not form.ended:
            raise RefusedInput([Problem("The form ends before its file does.", "form")], code="BAD_REQUEST")
        await sending.take(form, last=True)
    except BaseException:
        await sending.abort()
        raise
    return sending.received(form)


class _Sending:
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._multipart_id: str | None = None
        self._key = ""
        self._etags: list[str] = []
        self._bytes = 0
        self._digest = hashlib.sha256()

    async def take(self, form: _Form, *, last: bool) -> None:
        """Send what has gathered, if it makes a part or is the rest."""
        if form.filename is None:
            if last:
                raise RefusedInput([Problem(f"The form has no file in its field `{FIELD}`.", "required", column=FIELD)])
            return
        part_bytes = TOPOLOGY.limits.upload_part_bytes
        if self._multipart_id is None:
            self._key = f"{self._folder}/{form.filename}"
            self._multipart_id = await run_in_threadpool(object_store.begin_upload, self._key)
        while len(form.pending) >= part_bytes or (last and (form.pending or not self._etags)):
            content = bytes(form.pending[:part_bytes])
            del form.pending[:part_bytes]
            self._bytes += len(content)
            if self._bytes > TOPOLOGY.limits.api_upload_bytes:
                raise TooLarge(what=f"The file is larger than {TOPOLOGY.limits.api_upload_bytes // 1024**2} MB.")
            self._etags.append(await run_in_threadpool(self._send, content))

    def _send(self, content: bytes) -> str:
        assert self._multipart_id is not None
        self._digest.update(content)
        return object_store.send_part(self._key, self._multipart_id, len(self._etags) + 1, content)

    async def abort(self) -> None:
        if self._multipart_id is not None:
            await run_in_threadpool(object_store.abort_upload, self._key, self._multipart_id)

    def received(self, form: _Form) -> Received:
        assert form.filename is not None
        assert self._multipart_id is not None
        return Received(
            self._key, form.filename, self._multipart_id, tuple(self._etags), self._bytes, self._digest.hexdigest()
        )


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise RefusedInput(
            [Problem(f"Send the file as multipart/form-data in the field `{FIELD}`.", "required", column=FIELD)]
        )
    return options[b"boundary"]


def _feed(parser: MultipartParser, chunk: bytes) -> None:
    try:
        parser.write(chunk)
    except FormParserError as fault:
        raise RefusedInput([Problem("The multipart form cannot be read.", "form")], code="BAD_REQUEST") from fault
