"""The workbook of demand and lanes of a dataset of shipments, over the real record."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest

from networx import settings
from networx.api import demand
from networx.api.limit_rules import EXPORTS
from tests.core.models.small_freight import shipment
from tests.core.work.freight_steps import load_shipments

ROWS = [
    *(shipment(f"2025-0{month}-01", units=10.0, charge=1_001, origin="North") for month in (1, 2, 3)),
    shipment("2025-03-02", units=4.0, direction="inbound"),
]


@pytest.fixture
def shipments(record) -> UUID:
    return load_shipments(record.tenant_id, ROWS)


def asked(client: Any, dataset_id: UUID, **query: Any) -> Any:
    return client.get(f"/api/datasets/{dataset_id}/demand.xlsx", params=query)


def rows_of(answer: Any, sheet: str) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return list(openpyxl.load_workbook(io.BytesIO(answer.content))[sheet].values)


def test_demand_and_lanes_are_sent_as_a_workbook_and_nothing_stays(client, shipments):
    left = set(Path(settings.current().scratch).iterdir())
    answer = asked(client, shipments)
    assert rows_of(answer, "Destinations") == [("name", "zip", "demand_units"), ("100", None, 30)]
    assert rows_of(answer, "Lanes")[1] == ("North", "100", 1.001, "tl")
    assert ("Left out, inbound: no delivery to a customer", 1, 4, 100) in rows_of(answer, "Notes")
    assert "A warning of the file." in [row[0] for row in rows_of(answer, "Notes")]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="demand-{shipments}.xlsx"'
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    of_a_year = asked(client, shipments, by="zip5", year=2025, months=3)
    assert rows_of(of_a_year, "Destinations")[1] == ("10001", "10001", 120)
    assert set(Path(settings.current().scratch).iterdir()) <= left


def test_what_cannot_be_made_says_why(client, foreigner, shipments, make_dataset, monkeypatch):
    def refused(dataset_id: UUID = shipments, **query: Any) -> str:
        answer = asked(client, dataset_id, **query)
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
        return str(answer.json()["error"])

    assert "None of the shipments is demand. 1 shipment: inbound" in refused(year=2024)
    assert "more than 1 month have" in refused(months=1)
    assert "by" in refused(by="state")
    assert "months" in refused(months=0)
    assert "The dataset is a network" in refused(make_dataset())
    monkeypatch.setattr(demand, "MOST_SHIPMENTS", 3)
    assert "4 shipments, more than 3. In the terminal networx demand" in refused()
    monkeypatch.setattr(demand, "MOST_SHIPMENTS", 4)
    monkeypatch.setattr(demand, "LONGEST", timedelta(0))
    assert "The shipments could not be added up within 0 s of running time. In the terminal" in refused()
    for reader, dataset_id in ((client, uuid4()), (foreigner, shipments)):
        answer = asked(reader, dataset_id)
        assert (answer.status_code, answer.json()["code"]) == (404, "DATASET_NOT_FOUND")


def test_more_than_whole_lists_are_not_asked_for(client, record, shipments):
    path = f"/api/datasets/{uuid4()}/demand.xlsx"
    assert {client.get(path).status_code for _ in range(EXPORTS.most)} == {404}
    assert client.get(path).status_code == 429
