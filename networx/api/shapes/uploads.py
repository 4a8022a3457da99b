"""Uploads as the API shows them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from networx.api.shapes.envelope import At, Count, Facts, Id, Problem, Sha256, Shape

UploadStatus = Literal[
    "received", "validating", "needs_mapping", "needs_decision", "loading", "loaded", "rejected", "aborted"
]


class BadRows(Shape):
    """What the rows carry that have a cell that cannot be read, as far as they state it."""

    rows: Count = Field(examples=[3])
    usd: float = Field(examples=[1234.5])
    units: float = Field(examples=[120.0])
    uncharged: Count = Field(description="Of how many the charge cannot be read.", examples=[1])


class Decision(BaseModel):
    """What becomes of a file with bad rows."""

    model_config = ConfigDict(extra="forbid")
    decision: Literal["accept_without_bad_rows", "refuse"] = Field(examples=["accept_without_bad_rows"])


class Upload(Shape):
    """One upload. `reason` says in words why it was refused, `problem_count` how many cells are wrong."""

    upload_id: Id
    filename: str = Field(examples=["network.xlsx"])
    bytes: Count = Field(examples=[1_048_576])
    status: UploadStatus = Field(examples=["loaded"])
    reason_code: str | None = Field(examples=[None])
    reason: str | None = Field(examples=[None])
    kind: Literal["workbook", "shipments", "model", "correction"] | None = Field(examples=["workbook"])
    model: Facts | None = Field(description="Of a model its format and its name.", examples=[None])
    counts: dict[str, int] = Field(description="Rows by table.", examples=[{"facilities": 12, "lanes": 4800}])
    warnings: list[str] = Field(examples=[[]])
    problem_count: Count = Field(examples=[0])
    bad_rows: BadRows | None = Field(description="Of a file that waits for a decision, or waited.", examples=[None])
    corrects: Id | None = Field(description="Of a correction the upload whose bad rows it holds.", examples=[None])
    corrected_rows: Count = Field(
        description="How many rows stand corrected; of a correction, how many of its own could be read.", examples=[0]
    )
    sha256: Sha256 | None
    dataset_id: Id | None
    job_id: Id | None
    created_at: At
    updated_at: At


class Part(Shape):
    """Where one part is PUT, for an hour."""

    number: int = Field(ge=1, le=10_000, examples=[1])
    url: str = Field(examples=["https://bucket.s3.amazonaws.com/uploads/acme/ID/network.xlsx?partNumber=1&..."])


class BegunUpload(Shape):
    """An upload in parts that has begun: how large each part is, how many there are, and the first addresses."""

    upload_id: Id
    part_size: int = Field(ge=1, examples=[16_777_216])
    parts: int = Field(ge=1, examples=[10])
    urls: list[Part]


class Parts(Shape):
    """More addresses."""

    urls: list[Part]


class UploadProblems(Shape):
    """A page of what is wrong with a file; `total` is how many there are in all."""

    problems: list[Problem]
    total: Count = Field(examples=[1])
    offset: Count = Field(examples=[0])
