"""The Excel workbook of a greenfield study: the numbers of places first, then where they are and whom they serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from networx.results.result_book import Column, ResultBook, SummaryLine, identity_lines
from networx.results.wording import STATUS_TERMS, certificate_verdict, words

NUMBER_COLUMNS: tuple[Column, ...] = (
    ("Places", "units", 10),
    ("Where it stands", "text", 24),
    ("Miles a unit", "miles", 16),
    ("Units x miles", "units", 22),
    ("None below", "units", 22),
    ("Still open", "exact", 16),
    ("Transport cost", "money", 20),
    ("ZIP codes", "text", 80),
)
PLACE_COLUMNS: tuple[Column, ...] = (
    ("Of places", "units", 10),
    ("ZIP", "text", 10),
    ("Latitude", "degrees", 12),
    ("Longitude", "degrees", 12),
    ("Destinations served", "units", 20),
)
SERVED_COLUMNS: tuple[Column, ...] = (("Of places", "units", 10), ("ZIP", "text", 10), ("Destination", "text", 40))


def write_greenfield_workbook(path: Path, result: Mapping[str, Any]) -> None:
    """Write it from the result object."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as opened:
        book = ResultBook(opened)
        book.summary(result["headline"], certificate_verdict(result), _summary(result))
        book.table("Numbers of places", NUMBER_COLUMNS, (_number(row) for row in result["frontier"]))
        book.table("Places", PLACE_COLUMNS, _places(result))
        book.table("Who serves whom", SERVED_COLUMNS, _served(result))
        book.proof(dict(result))


def _summary(result: Mapping[str, Any]) -> Iterator[SummaryLine]:
    for name, value in result["kpis"].items():
        yield words(name), value, "units", ""
    yield "Candidates", result["candidates"]["count"], "units", result["candidates"]["meaning"]
    yield "Source of the candidates", result["candidates"]["source"], "text", ""
    yield "Miles", result["distance"], "text", "averaged over the units of all years"
    for note in result["notes"]:
        yield "Note", note, "text", ""
    yield from identity_lines(dict(result))


def _number(row: Mapping[str, Any]) -> list[Any]:
    return [
        row["count"],
        STATUS_TERMS[row["status"]].label,
        row["weighted_distance_miles"],
        row["unit_miles"],
        row["bound"],
        row["gap"],
        row["transport_cost"],
        " ".join(place["zip"] for place in row["places"]),
    ]


def _places(result: Mapping[str, Any]) -> Iterator[list[Any]]:
    for row in result["frontier"]:
        for place in row["places"]:
            yield [row["count"], place["zip"], place["latitude"], place["longitude"], len(place["destinations"])]


def _served(result: Mapping[str, Any]) -> Iterator[list[Any]]:
    for row in result["frontier"]:
        for place in row["places"]:
            for name in place["destinations"]:
                yield [row["count"], place["zip"], name]
