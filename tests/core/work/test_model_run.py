"""What a model's JSON says before anything is solved: each fault of it told by what and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from networx.errors import RefusedInput
from networx.work.model_run import ModelRun

MODEL = '{"optimize": "c", "opType": "min", "constraints": {"r": {"min": 1}}, "variables": {"x": {"c": 1, "r": 1}}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MODEL.replace('"c": 1', '"c": NaN'), r"NaN \(line 1, column \d+\) is no number that JSON or a model knows"),
        (MODEL.replace('"c": 1', '"c": -Infinity'), r"Infinity \(line 1, column \d+\) is no number"),
        (MODEL.replace('"c": 1', '"c": 1, "c": 2'), '"c" is stated twice in one object of the model; keep one'),
        (MODEL.replace('"c": 1', '"c": "x"'), "variables.x.c must be a number; a name stands for no value here"),
        (MODEL.replace('"c": 1', '"c": "1"'), "variables.x.c must be a number; send it without quotes"),
        (MODEL.replace('"c": 1', '"c": {"x": 1}'), r'variables.x.c must be a number \(found "an object"\)'),
        (MODEL.replace('"c": 1', '"c": 1e999'), "A number is larger than any"),
        ('{"a": ' * 1010 + "1" + "}" * 1010, "nested too deep"),
        ("[" * 5000, "This is no JSON: depth limit exceeded"),
    ],
    ids=["NaN", "minus infinity", "twice", "a cycle", "quotes", "an object", "too large", "deep", "endless"],
)
def test_what_a_models_json_says_wrong_is_told(tmp_path: Path, text: str, said: str):
    path = tmp_path / "model.json"
    path.write_text(text)
    run = ModelRun(path, tmp_path, lambda _: None, lambda: False)
    with pytest.raises(RefusedInput, match=said):
        run.result(None)  # type: ignore[arg-type]  # it is refused before any child is asked
