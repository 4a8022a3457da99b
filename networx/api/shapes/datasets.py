"""Datasets, projects and scenarios as the API shows them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from networx.api.shapes.envelope import At, Count, Id, Sha256, Shape


class RowsAndDollars(Shape):
    """So many rows, and what their charges come to."""

    rows: Count
    usd: float = Field(examples=[1256.08])


class TabAccount(Shape):
    """What became of one tab of a freight file; rows that are charges of one shipment are one of `shipments`."""

    tab: str = Field(examples=["CSV"])
    shipments: Count
    read: RowsAndDollars
    kept: RowsAndDollars
    left_out: dict[str, RowsAndDollars] = Field(description="By reason: `total`, `repeated`.")


class Dataset(Shape):
    """What an upload was loaded into; `sha256` is of its content, `source_sha256` of the file."""

    dataset_id: Id
    domain: Literal["network", "transport"]
    upload_id: Id
    filename: str = Field(examples=["network.xlsx"])
    source_sha256: Sha256
    sha256: Sha256
    counts: dict[str, int] = Field(description="Rows by table.", examples=[{"facilities": 12, "lanes": 4800}])
    warnings: list[str] = Field(examples=[[]])
    account: list[TabAccount] | None = Field(
        description="Of shipments: what became of every row and dollar, tab by tab. Read is kept and left out.",
        examples=[None],
    )
    created_at: At


class DatasetInFull(Dataset):
    """A dataset with what its workbook states: the parameters as written there, and how many years it plans for."""

    parameters: dict[str, str] = Field(examples=[{"single_sourcing": "no"}])
    years: int | None = Field(description="null for shipments, which plan nothing.", ge=1, examples=[2])


class Project(Shape):
    """A folder of scenarios."""

    project_id: Id
    name: str = Field(examples=["North America 2027"])
    created_at: At


class ScenarioDatasets(Shape):
    """The datasets a scenario reads."""

    network: Id | None
    transport: Id | None = Field(default=None, description="Shipments; of the types baseline and rates.")


class Scenario(Shape):
    """One version of a scenario."""

    scenario_id: Id
    version: int = Field(ge=1, examples=[1])
    project_id: Id
    name: str = Field(examples=["At most six sites"])
    type: str = Field(examples=["transport"])
    datasets: ScenarioDatasets
    parameters: dict[str, str | int | float | bool | None] = Field(examples=[{"max_facilities": 6}])
    created_at: At
