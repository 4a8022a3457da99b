"""docs/workbook.md says what the schema says."""

from __future__ import annotations

from pathlib import Path

from networx.ingest.workbook_page import render_workbook_page

PAGE = Path(__file__).parents[3] / "docs" / "workbook.md"


def test_the_page_is_the_one_the_schema_writes() -> None:
    command = (
        "from pathlib import Path; from networx.ingest.workbook_page import render_workbook_page; "
        "Path('docs/workbook.md').write_text(render_workbook_page())"
    )
    assert PAGE.read_text() == render_workbook_page(), f'write it anew: .venv/bin/python -c "{command}"'
