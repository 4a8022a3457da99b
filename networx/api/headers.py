"""The headers that keep a browser safe: content policy, no framing, no sniffing, no referrer."""

from __future__ import annotations

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'{upload_origin}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# What answers JSON or a file loads nothing at all.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
# A report is a document of its own: it may show itself, run nothing and reach nothing.
REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"

ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    # For browsers that know no frame-ancestors.
    (b"x-frame-options", b"DENY"),
    # Browsers heed it over TLS alone, so that a laptop is not locked out of its own plain HTTP.
    (b"strict-transport-security", b"max-age=31536000"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
POLICY = b"content-security-policy"
# What an answer gets that says nothing of it itself.
UNLESS_STATED = (*ALWAYS, (POLICY, DATA_POLICY.encode()))


def page_policy(upload_origin: str | None) -> str:
    """The policy of a page that uploads to `upload_origin`."""
    return PAGE_POLICY.format(upload_origin=f" {upload_origin}" if upload_origin else "")
