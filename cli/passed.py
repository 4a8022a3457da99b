"""What every command that solves here does before it shows an answer: check it, and say of which file it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.terminal import CommandFailed
from networx.domain.plan import Certificate


def passed(certificate: Certificate, what: str = "The answer") -> Certificate:
    """The certificate itself. Raises CommandFailed if it is not valid: such an answer is never shown."""
    if not certificate.valid:
        failed = "; ".join(check.name for check in certificate.checks if not check.passed)
        raise CommandFailed(f"{what} failed its independent check and is not shown: {failed}.")
    return certificate


def identity_of(file: Path, sha256: str) -> dict[str, Any]:
    """Of which data a result is, and when it was found."""
    return {
        "dataset_file": file.name,
        "dataset_sha256": sha256,
        "solved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
