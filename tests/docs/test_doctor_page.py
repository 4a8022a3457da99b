"""The page of the readiness check lists what is checked: no more, no less, in the same words and order."""

from __future__ import annotations

import re
from pathlib import Path

from networx.readiness.catalogue import CHECKS
from networx.readiness.stage import REASONS
from networx.weekly.measures import MEASURES

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations"


def rows(page: str, table: int = 0) -> list[list[str]]:
    """The cells of a page's table, without its heading."""
    tables = re.findall(r"(?:^\|.*\n)+", (OPERATIONS / page).read_text(), re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in tables[table].splitlines()[2:]]


def test_every_check_stands_on_its_page_in_its_own_words():
    assert [row[:2] for row in rows("doctor.md")] == [[check.name, check.exercises] for check in CHECKS]


def test_what_becomes_of_every_check_on_a_stage_stands_there_too():
    told = {name: said for names, said in rows("doctor.md", table=1) for name in names.split(", ")}
    assert set(told) == {check.name for check in CHECKS}
    assert {name for name, said in told.items() if said.startswith("skipped: ")} == set(REASONS)


def test_every_check_says_where_to_read_on():
    for (*_, link), check in zip(rows("doctor.md"), CHECKS, strict=True):
        assert (ROOT / check.page).is_file(), check.page
        linked = re.search(r"\]\((\S+)\)", link)
        if linked:
            assert (OPERATIONS / linked[1]).resolve() == (ROOT / check.page).resolve(), check.name
        else:
            assert check.page == "docs/operations/doctor.md"


def test_every_measure_stands_on_the_reports_page_with_its_target():
    told = {row[0]: (row[1], row[2]) for row in rows("report.md")}
    assert set(told) == {measure.name for measure in MEASURES}
    for measure in MEASURES:
        said, alert = told[measure.name]
        if measure.least is not None:
            assert said == f"{100 * measure.least:g} %"
        else:
            assert said == ("" if measure.most is None else f"up to {measure.most}" if measure.most else "0")
        assert alert == ("" if measure.alert is None else f"over {measure.alert}")
