"""The envelope as the document shows it, what all shapes share, and the words that stand for ids and instants."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Data = TypeVar("Data")

SOME_ID = "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11"
Id = Annotated[UUID, Field(examples=[SOME_ID])]
At = Annotated[datetime, Field(examples=["2026-11-22T06:00:00.000000Z"])]
Sha256 = Annotated[
    str,
    Field(
        pattern="^[0-9a-f]{64}$",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0, examples=[12.3])]
Facts = dict[str, Any]


class Shape(BaseModel):
    """A JSON object with exactly these fields, all of them always there."""

    model_config = ConfigDict(extra="forbid")


class Success(Shape, Generic[Data]):
    """What every JSON answer is when all went well."""

    success: Literal[True]
    data: Data
    request_id: str = Field(examples=["f4a75728-c293-488f-bb9b-3149a352ef79"])


class Paged(Success[Data], Generic[Data]):
    """A page of a list."""

    next: str | None = Field(description="The cursor of the next page; null on the last.", examples=[None])


class Problem(Shape):
    """One thing wrong with the input: what it is, and where it stands."""

    message: str = Field(examples=["name: Field required."])
    rule: str = Field(examples=["missing"])
    sheet: str | None = Field(examples=[None])
    row: int | None = Field(examples=[None])
    column: str | None = Field(examples=["name"])
    value: str | None = Field(examples=[None])
