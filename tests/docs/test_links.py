"""The documents point to what is there: files, folders, make targets, commands, log words and picture sizes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").glob("*.md")),
]
PACKAGES = ("networx", "stacks", "lambdas", "local", "cli", "examples", "tests", "docs", "web", "bin", "requirements")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(rf"`((?:{'|'.join(PACKAGES)})/[\w./-]*)`")
_TARGET = re.compile(r"(?:`|^    |=\S+ )make ([a-z-]+)", re.MULTILINE)
_COMMAND = re.compile(r"\.venv/bin/networx ([a-z]+)")
_LOG_WORD = re.compile(r'\.message == "([a-z_.]+)"')
# The prefix of secrets' names, which looks like a folder.
NO_PATHS = {"networx/database/"}
LARGEST_PICTURE_BYTES = 250_000

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@every_document
def test_relative_links_lead_somewhere(document: Path) -> None:
    links = [link for link in _LINK.findall(document.read_text()) if not re.match(r"[a-z]+:|#", link)]
    missing = [link for link in links if not (document.parent / link.partition("#")[0]).exists()]
    assert not missing


@every_document
def test_links_within_a_page_name_a_heading(document: Path) -> None:
    text = document.read_text()
    headings = {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in text.splitlines()}
    assert {link[1:] for link in _LINK.findall(text) if link.startswith("#")} <= headings


@every_document
def test_paths_in_backticks_exist(document: Path) -> None:
    named = set(_PATH.findall(document.read_text())) - NO_PATHS
    assert not {path for path in named if not (ROOT / path).exists()}


@every_document
def test_make_targets_and_commands_exist(document: Path) -> None:
    text = document.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(_TARGET.findall(text)) <= targets
    assert set(_COMMAND.findall(text)) <= set(COMMANDS)


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "runbook").glob("*.md")), ids=lambda path: path.stem)
def test_a_runbook_asks_for_log_words_that_are_logged(page: Path) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "networx").rglob("*.py"))
    assert [word for word in _LOG_WORD.findall(page.read_text()) if f'"{word}"' not in sources] == []


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [command for command in COMMANDS if f"`{command}`" not in readme] == []


def test_the_tour_visits_every_package() -> None:
    tour = (ROOT / "docs" / "tour.md").read_text()
    packages = {path.parent.name for path in (ROOT / "networx").glob("*/*.py")} - {"__pycache__"}
    assert {package for package in packages if f"networx/{package}/" not in tour} <= {"observability"}


def test_pictures_stay_small() -> None:
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE_BYTES] == []
