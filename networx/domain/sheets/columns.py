"""What a sheet and a column are, what a cell may hold, and the columns that several sheets have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from networx.domain.phrases import listed


class Kind(StrEnum):
    """What a cell holds; each kind has one parser in `networx.ingest.cells`."""

    NAME = "name"  # identifies a row of its sheet, unique
    REFERENCE = "reference"  # the name of a row of another sheet
    TEXT = "text"
    ZIP = "zip"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    AMOUNT = "amount"  # a finite number, 0 or more
    SHARE = "share"
    MONEY = "money"  # a finite number; a credit is negative
    CAPACITY = "capacity"  # an amount, or the word `unlimited`
    ORDINAL = "ordinal"  # 1, 2, 3 and so on
    YEAR = "year"
    MODE = "mode"  # a word of the client's own, read without regard to case
    CHOICE = "choice"
    VALUE = "value"  # a parameter's value, read by the parameter's own rule
    DATE = "date"
    DOLLARS = "dollars"  # as an export writes them; a credit is negative
    QUANTITY = "quantity"  # 0 or more, as an export writes it
    ZIP_OF_EXPORT = "zip of export"  # without the zeros that a spreadsheet took from its front, too


RULES: dict[Kind, str] = {
    Kind.NAME: "text that no other row of the sheet has",
    Kind.REFERENCE: "a name from the sheet it refers to, written the same way",
    Kind.TEXT: "text",
    Kind.ZIP: "five digits as text, or ZIP+4 (60601 or 60601-1234)",
    Kind.LATITUDE: "degrees from -90 to 90",
    Kind.LONGITUDE: "degrees from -180 to 180",
    Kind.AMOUNT: "a number, 0 or more",
    Kind.SHARE: "a share from 0 to 1",
    Kind.MONEY: "a number; a credit is negative",
    Kind.CAPACITY: "a number, 0 or more, or the word unlimited",
    Kind.ORDINAL: "a whole number from 1 to 100",
    Kind.YEAR: "a whole year from 1900 to 2200",
    Kind.MODE: "text; ltl and LTL are the same",
    Kind.CHOICE: "one of the words listed",
    Kind.VALUE: "as the parameter says",
    Kind.DATE: "a date: a date cell, 2026-01-31, 20260131 or 1/31/2026 (month first)",
    Kind.DOLLARS: "dollars, such as 1234.56, $1,234.56, or -12.00 or (12.00) for a credit",
    Kind.QUANTITY: "a number, 0 or more; 1,234.5 counts as 1234.5",
    Kind.ZIP_OF_EXPORT: "a ZIP code of five digits or ZIP+4; zeros that a spreadsheet took from its front are put back",
}

UNLIMITED = "unlimited"
FIRST_YEAR, LAST_YEAR = 1900, 2200
LAST_ORDINAL = 100


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `synonyms` are headers that mean the same beyond doubt; `refers_to` and `or_to` name sheets."""

    name: str
    kind: Kind
    note: str
    required: bool = False
    unit: str = ""
    synonyms: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    refers_to: str | None = None
    or_to: str | None = None
    supported: bool = True

    @property
    def rule(self) -> str:
        """What a cell of the column must be, in words that follow `must be`."""
        if self.choices:
            return listed(self.choices)
        if self.refers_to and self.or_to:
            return f"a name from the sheet {self.refers_to} or {self.or_to}"
        return f"a name from the sheet {self.refers_to}" if self.refers_to else RULES[self.kind]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of the workbook. `table` is its name in a dataset."""

    name: str
    note: str
    columns: tuple[Column, ...]
    table: str
    required: bool = False
    continues: bool = False

    @property
    def supported_columns(self) -> tuple[Column, ...]:
        """The columns a model reads, in the order of the dataset's table."""
        return tuple(column for column in self.columns if column.supported)


def not_supported_yet(*names: str) -> tuple[Column, ...]:
    """Columns that no model reads: a file that fills one in is refused by its name."""
    return tuple(Column(name, Kind.TEXT, "Not supported yet: leave it empty.", supported=False) for name in names)


def place(kind_of_place: str, synonyms: tuple[str, ...]) -> tuple[Column, ...]:
    """What a place is called, and where it is; `synonyms` are of its name."""
    return (
        place_name(kind_of_place, synonyms),
        Column("city", Kind.TEXT, "Shown on maps and in reports."),
        Column("state", Kind.TEXT, "Shown on maps and in reports.", synonyms=("province",)),
        *location(),
    )


def place_name(kind_of_place: str, synonyms: tuple[str, ...]) -> Column:
    """What a place is called."""
    return Column("name", Kind.NAME, f"What the {kind_of_place} is called.", required=True, synonyms=synonyms)


def location() -> tuple[Column, ...]:
    """Where a place is on the map."""
    return (
        Column(
            "zip",
            Kind.ZIP,
            "Gives the coordinates, from public Census data, where latitude and longitude are empty.",
            synonyms=("zip_code", "postal_code", "zip5"),
        ),
        Column("latitude", Kind.LATITUDE, "Together with longitude, or neither.", unit="degrees", synonyms=("lat",)),
        Column(
            "longitude",
            Kind.LONGITUDE,
            "Together with latitude, or neither; west is negative.",
            unit="degrees",
            synonyms=("lon", "lng", "long"),
        ),
    )
