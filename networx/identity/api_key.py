"""What an API key looks like: `nwx_`, its id, a secret of 256 bits and a checksum, all in hexadecimal.

The checksum tells a typo from a key before anybody asks the record, and is no secret. The record has an HMAC-SHA256 of
the secret's digest, under a pepper that stands elsewhere: who reads the record learns no key and can make none.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass, field
from uuid import UUID, uuid4

PREFIX = "nwx_"
_SECRET_BYTES = 32
_SHAPE = re.compile(r"nwx_(?P<id>[0-9a-f]{32})_(?P<secret>[0-9a-f]{64})(?P<checksum>[0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its holder has it. Its secret shows in no representation."""

    id: UUID
    secret: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """What the holder sends. Shown once, when the key is made."""
        body = f"{PREFIX}{self.id.hex}_{self.secret.hex()}"
        return body + _checksum(body)

    @property
    def digest(self) -> bytes:
        """SHA-256 of id and secret: who has it alone can neither send the key nor find it."""
        return hashlib.sha256(self.id.bytes + self.secret).digest()


def make_key() -> ApiKey:
    """A new key, from the system's randomness."""
    return ApiKey(uuid4(), secrets.token_bytes(_SECRET_BYTES))


def read_key(text: str) -> ApiKey | None:
    """The key that a text is, or None where it is none: a character is missing, too many or wrong."""
    found = _SHAPE.fullmatch(text)
    if found is None or not hmac.compare_digest(found["checksum"], _checksum(text[: found.start("checksum")])):
        return None
    return ApiKey(UUID(found["id"]), bytes.fromhex(found["secret"]))


def stored(digest: bytes, pepper: bytes) -> bytes:
    """What the record has of a key, 32 bytes."""
    return hmac.digest(pepper, digest, "sha256")


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
