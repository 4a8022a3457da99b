"""What is kept in files: buckets, and the folders in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

# Folders of buckets: what clients upload; what is worked with for a day; models and networks from requests; jobs that
# left the record.
UPLOADS, TEMPORARY, MODELS, INLINE, ARCHIVE = "uploads/", "tmp/", "models/", "inline/", "archive/"
REFUSED = "refused/"


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket. `environment_name` carries its physical name.

    `expiring` says by prefix how long storage itself keeps what lies there, counted from its making.
    """

    name: str
    purpose: str
    expiring: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def environment_name(self) -> str:
        return f"NETWORX_{self.name.upper()}_BUCKET"
