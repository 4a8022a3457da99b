"""A load balancer that signs people in, as far as the web sees it: a key server on loopback, and tokens it signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ISSUER = "https://login.example.com"
CLIENT = "networx-web"
SIGNER = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/networx/0123456789abcdef"


class KeyServer:
    """Serves public keys by id, as the balancer's region does. `asked` counts, `status` answers for every id."""

    def __init__(self) -> None:
        self.pems: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()
        self.status: int | None = None
        self.delay = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                key_id = self.path.removeprefix("/")
                outer.asked[key_id] += 1
                time.sleep(outer.delay)
                pem = outer.pems.get(key_id)
                status = outer.status or (200 if pem is not None else 404)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
                self.send_header("Content-Length", str(len(pem or b"")))
                self.end_headers()
                self.wfile.write(pem or b"")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator[KeyServer]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self.stop()
            thread.join()

    def stop(self) -> None:
        """Be gone: connections are refused from now on."""
        self._server.shutdown()
        self._server.server_close()


class Balancer:
    """Signs claims with a key that the server tells."""

    def __init__(self, server: KeyServer) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.key_id = str(uuid4())
        server.pems[self.key_id] = pem_of(self.private.public_key())

    @property
    def pem(self) -> bytes:
        return pem_of(self.private.public_key())

    def header(self, **other: Any) -> dict[str, Any]:
        stated = {"typ": "JWT", "kid": self.key_id, "alg": "ES256", "iss": ISSUER, "client": CLIENT, "signer": SIGNER}
        return {**stated, "exp": int(time.time()) + 120, **other}

    def token(self, claims: Mapping[str, Any] | None = None, *, by: Any = None, **header: Any) -> str:
        """What the balancer sends on: its parts keep their padding, unlike other tokens of this kind."""
        payload = {"exp": int(time.time()) + 120, "iss": ISSUER, **(claims or person())}
        return signed(self.header(**header), payload, by or self.private)


def person(subject: str = "subject-1", email: str | None = "ann@example.com", verified: Any = True) -> dict[str, Any]:
    """What an issuer tells of a person."""
    return {"sub": subject, "email": email, "email_verified": verified, "name": "Ann"}


def signed(header: Mapping[str, Any], payload: Mapping[str, Any], private: ec.EllipticCurvePrivateKey) -> str:
    signing = f"{_part(header)}.{_part(payload)}"
    r, s = decode_dss_signature(private.sign(signing.encode(), ec.ECDSA(SHA256())))
    size = (private.curve.key_size + 7) // 8
    return f"{signing}.{base64.urlsafe_b64encode(r.to_bytes(size, 'big') + s.to_bytes(size, 'big')).decode()}"


def signed_with_text(header: Mapping[str, Any], payload: Mapping[str, Any], text: bytes) -> str:
    """A token whose signature is an HMAC under a text that everybody knows: the public key."""
    signing = f"{_part(header)}.{_part(payload)}"
    return f"{signing}.{base64.urlsafe_b64encode(hmac.digest(text, signing.encode(), hashlib.sha256)).decode()}"


def unsigned(header: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    return f"{_part(header)}.{_part(payload)}."


def pem_of(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _part(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
