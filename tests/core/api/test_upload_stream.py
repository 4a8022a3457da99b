"""A form is read the same however the network cuts it up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networx.api import object_store
from networx.api.upload_stream import Received, receive
from networx.errors import RefusedInput
from networx.topology import TOPOLOGY

BOUNDARY = "cut-here"
KIND = f"multipart/form-data; boundary={BOUNDARY}"


class Parts:
    """What would have gone to storage."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[bytes] = []
        self.aborted = False
        monkeypatch.setattr(object_store, "begin_upload", lambda _key: "multipart")
        monkeypatch.setattr(object_store, "send_part", self._take)
        monkeypatch.setattr(object_store, "abort_upload", self._abort)

    def _take(self, _key: str, _multipart: str, number: int, content: bytes) -> str:
        self.sent.append(content)
        return str(number)

    def _abort(self, _key: str, _multipart: str) -> None:
        self.aborted = True


def form(content: bytes) -> bytes:
    return (
        (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\nnot the file\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="n.xlsx"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        + content
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )


def received(body: bytes, piece: int) -> Received:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), piece):
            yield body[start : start + piece]

    return asyncio.run(receive(KIND, pieces(), "folder"))


@given(content=st.binary(max_size=300) | st.just(b"\r\n--cut-her"), piece=st.integers(1, 400))
def test_the_file_is_the_same_however_it_is_cut(content, piece):
    with pytest.MonkeyPatch.context() as monkeypatch:
        parts = Parts(monkeypatch)
        made = received(form(content), piece)
    assert b"".join(parts.sent) == content
    assert (made.key, made.size_bytes, len(made.etags)) == ("folder/n.xlsx", len(content), len(parts.sent))


def test_every_part_but_the_last_has_the_full_size(monkeypatch):
    parts = Parts(monkeypatch)
    size = TOPOLOGY.limits.upload_part_bytes
    received(form(b"x" * (2 * size + 5)), 1024 * 1024)
    assert [len(part) for part in parts.sent] == [size, size, 5]


def test_a_form_that_breaks_off_or_makes_no_sense_is_refused(monkeypatch):
    parts = Parts(monkeypatch)
    with pytest.raises(RefusedInput):
        received(b"--other\r\nnonsense", 10)
    with pytest.raises(RefusedInput, match="ends before"):
        received(form(b"abc")[:-20], 10)
    assert parts.aborted
