"""The HTML report: it stands alone, escapes what comes from the data, and says what there is to say."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.plan import TransportPlan
from networx.results.assignments import largest_assignments, write_assignments
from networx.results.report import render_report, write_report


class _Reader(HTMLParser):
    """Collects tags, attributes and visible text, and checks that what opens also closes."""

    EMPTY = frozenset({"meta", "link", "br", "wbr", "hr", "img", "path", "circle", "rect", "line"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.fixture
def flows(
    tmp_path: Path, tables: NetworkTables, parameters: TransportParameters, plan: TransportPlan
) -> list[dict[str, Any]]:
    write_assignments(tmp_path / "a.parquet", tables, parameters, plan)
    return largest_assignments(tmp_path / "a.parquet", 10)


def test_the_report_asks_for_nothing_from_anywhere(result: dict[str, Any], flows: list[dict[str, Any]]) -> None:
    page = render_report(result, flows)
    read = _Reader(page)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(read.tags)
    assert not {"src", "href", "xlink:href", "srcset", "style"} & {name for name, _ in read.attributes}
    assert not re.search(r"url\(|@import|https?://", page)


def test_names_from_the_data_are_escaped(result: dict[str, Any], flows: list[dict[str, Any]]) -> None:
    page = render_report(result, flows)
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3


def test_a_name_of_one_long_word_may_break_on_paper(result: dict[str, Any], flows: list[dict[str, Any]]) -> None:
    long = "<x>" + "a" * 40
    html = render_report(result, [{**flows[0], "destination": long}])
    assert f"&lt;x&gt;{'a' * 21}<wbr>{'a' * 19}</td>" in html


def test_the_answer_stands_first_in_plain_words(result: dict[str, Any], flows: list[dict[str, Any]]) -> None:
    words = _Reader(render_report(result, flows)).words
    assert "Open 2 facilities for $4.46 k over 2 years" in words
    assert "Checked independently: 2 checks recomputed from the data, all passed." in words
    assert words.index("Proven optimal") < words.index("Who serves whom") < words.index("The years in figures")


def test_pictures_have_words_for_those_who_cannot_see_them(result: dict[str, Any], flows: list[dict[str, Any]]) -> None:
    page = render_report(result, flows)
    pictures = re.findall(r"<svg[^>]*>", page)
    assert len(pictures) == 3
    assert all('role="img"' in tag and ("aria-label" in tag) for tag in pictures)
    for target in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert all(page.count(f'id="{name}"') == 1 for name in target.split())


def test_flows_to_places_without_coordinates_are_not_drawn(result: dict[str, Any], flows: list[dict[str, Any]]) -> None:
    page = render_report(result, flows)
    # 2026 has four flows; the one to Gamma, whose place is not known, is left out of the map only.
    assert page.count('class="flow ') == 3
    assert "Gamma" in page


def test_an_infeasible_result_explains_its_clash(infeasible_result: dict[str, Any]) -> None:
    read = _Reader(render_report(infeasible_result, []))
    assert "No plan can meet every requirement" in read.words
    assert "Capacity in 2027 Demand of 300 units is above 220. Add 80 units of capacity." in read.words
    assert "Shown by a sum that anyone can redo from the data." in read.words
    assert "svg" not in read.tags


def test_a_report_stopped_early_says_so(result: dict[str, Any], tmp_path: Path) -> None:
    stopped = {**result, "status": "feasible", "bound": 4000.0, "gap": 0.10375, "partial": True}
    write_report(tmp_path / "report.html", stopped, [])
    words = _Reader((tmp_path / "report.html").read_text(encoding="utf-8")).words
    assert "Stopped early. Best found so far: $4.46 k. It cannot be cheaper than $4.00 k; 10 % is still open." in words
