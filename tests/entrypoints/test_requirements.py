"""What is installed: every slice of the requirements agrees with what the tests run on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.home import CHECKOUT

FOLDER = CHECKOUT / "requirements"
SLICES = ("lambda", "web", "worker", "runtime", "cdk")


def pins(path: Path) -> Iterator[tuple[str, str]]:
    """(package and marker, version) of every pin."""
    for line in path.read_text().splitlines():
        found = re.match(r"([A-Za-z0-9._-]+(?:\[[a-z,]+\])?)==([^ ;\\]+)\s*(;[^\\]*)?", line)
        if found:
            yield found[1].split("[")[0] + (found[3] or "").rstrip(), found[2]


@pytest.mark.parametrize("name", SLICES)
def test_a_slice_pins_what_the_tests_ran_on(name: str) -> None:
    tested = dict(pins(FOLDER / "dev.txt"))
    wanted = dict(pins(FOLDER / f"{name}.txt"))
    assert wanted
    assert {package: version for package, version in wanted.items() if tested.get(package) != version} == {}


@pytest.mark.parametrize("name", [*SLICES, "dev", "checkov", "bench", "security"])
def test_every_pin_has_its_hashes(name: str) -> None:
    for entry in re.split(r"\n(?=\S)", (FOLDER / f"{name}.txt").read_text().strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
