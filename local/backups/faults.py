"""Why a backup is not put back, and why one could not be made."""

from __future__ import annotations

from networx.errors import PermanentError


class BackupRefused(PermanentError):
    """A backup that is incomplete, was changed, or comes from a later version."""

    code = "BACKUP_REFUSED"
    message = "The backup in {what} cannot be put back, and nothing was touched: {how}."


class BackupFailed(PermanentError):
    """A backup that could not be taken, or one that did not come back as it was."""

    code = "BACKUP_FAILED"
    message = "The backup failed: {what}."
