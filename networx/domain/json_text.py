"""The text of a model in JSON: strictly what JSON is, and every name of an object once."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import orjson

from networx.domain.json_model import INVALID_MODEL
from networx.errors import Problem, RefusedInput

_CONSTANT = re.compile(r"-?(NaN|Infinity)")
_MOST_SHOWN = 60  # characters of a stranger's name


def parsed_json(content: bytes) -> Any:
    """Raises RefusedInput for what is no JSON, and for a name that one object has twice: one of the two would count."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        if "infinity" in fault.msg:
            message = f"A number is larger than any that can be counted with ({where}); a model's are at most 1e15."
            raise RefusedInput([Problem(message, "number")], code=INVALID_MODEL) from None
        constant = _CONSTANT.match(content.decode(errors="replace"), fault.pos)
        if constant is not None:
            message = f"{constant[0]} ({where}) is no number that JSON or a model knows; state one, or leave it out."
            raise RefusedInput([Problem(message, "number")], code=INVALID_MODEL) from None
        raise RefusedInput([Problem(f"This is no JSON: {fault.msg} ({where}).", "json")], code=INVALID_MODEL) from None
    try:
        json.loads(content, object_pairs_hook=_refuse_twice)
    except RecursionError:
        raise RefusedInput([Problem("The model is nested too deeply to be one.", "json")], code=INVALID_MODEL) from None
    return found


def _refuse_twice(pairs: list[tuple[str, Any]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) == len(pairs):
        return
    twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
    message = f'"{twice[:_MOST_SHOWN]}" is stated twice in one object of the model; keep one of them.'
    raise RefusedInput([Problem(message, "repeated")], code=INVALID_MODEL)
