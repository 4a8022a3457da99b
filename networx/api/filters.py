"""Filters that several lists take, each described once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

Contains = Annotated[str | None, Query(max_length=200, description="A part of the name, in whatever case.")]
CreatedAfter = Annotated[datetime | None, Query(description="Made at this instant or later; UTC unless it says.")]
CreatedBefore = Annotated[datetime | None, Query(description="Made before this instant; UTC unless it says.")]
Before = Annotated[datetime | None, Query(description="The older name of `created_before`.")]
Active = Annotated[bool | None, Query(description="Only what opens something today, or only what no longer does.")]
