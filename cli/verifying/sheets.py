"""Where a result on space or stock was asked something else than the sheets Warehouse and Inventory say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from networx.domain.facility_parameters import parse_value, units_of
from networx.domain.storage import StatedValues


def asked_otherwise(
    kind: type, asked: Mapping[str, Any], stated: StatedValues, prefix: str, facility: str | None, *elsewhere: str
) -> Iterator[str]:
    """A sentence for each parameter. `asked` are the result's by name.

    `elsewhere` may come from another place: of them only what both state is held together.
    """
    sheet = {**stated.of(None), **({} if facility is None else stated.of(facility))}
    for name in units_of(kind):
        value = asked.get(f"{prefix}{name} of {facility}", asked.get(f"{prefix}{name}"))
        if name in elsewhere and (name not in sheet or value is None):
            continue
        if name in sheet and value is None:
            yield f"no {prefix}{name}, which the sheet says is {sheet[name]}"
        elif name in sheet and not _same(kind, name, sheet[name], value):
            yield f"{prefix}{name} {value}, which the sheet says is {sheet[name]}"
        elif name not in sheet and value is not None:
            yield f"{prefix}{name} {value}, which the sheet does not state"


def _same(kind: type, name: str, text: str, value: Any) -> bool:
    try:
        return bool(parse_value(kind, name, text) == parse_value(kind, name, str(value)))
    except ValueError:
        return text == str(value)
