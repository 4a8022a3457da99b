"""What is generated is what the code says today, and the lists it is made from leave nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.environment_page import (
    MIGRATION_VARIABLES,
    PLATFORM_VARIABLES,
    REQUIRED,
    WEB_VARIABLES,
    settings_variables,
)
from docs.generate import DOCS, pages
from networx.topology import TOPOLOGY

ROOT = Path(__file__).parents[2]
_READ = re.compile(r"""environ(?:ment)?(?:\.get\(|\[)\s*["']([A-Z][A-Z0-9_]+)["']""")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_generated_page_is_fresh(page: Path) -> None:
    assert page.read_text() == pages()[page](), f"{page.relative_to(ROOT)} is stale: run `make docs`"


def test_every_variable_that_the_code_reads_is_described() -> None:
    sources = [path for folder in ("networx", "lambdas", "local", "cli") for path in (ROOT / folder).rglob("*.py")]
    read = {name for path in sources for name in _READ.findall(path.read_text())}
    assert read
    assert read <= {*settings_variables(), *PLATFORM_VARIABLES, *WEB_VARIABLES, *MIGRATION_VARIABLES}


def test_the_variables_of_queues_and_buckets_are_required() -> None:
    variables = settings_variables()
    for part in (*TOPOLOGY.queues, *TOPOLOGY.buckets):
        assert variables[part.environment_name] == REQUIRED


def test_every_alarm_has_its_page_and_every_page_its_alarm() -> None:
    alarms = (*TOPOLOGY.alarms, *TOPOLOGY.part_alarms)
    named = {ROOT / alarm.runbook for alarm in alarms}
    # What on-call does whatever the alarm has pages without one.
    without = {DOCS / "runbook" / name for name in ("README.md", "redrive.md")}
    written = set((DOCS / "runbook").glob("*.md")) - without
    assert written == named
    for alarm in alarms:
        assert (ROOT / alarm.runbook).read_text().startswith(f"# {alarm.name}\n")
