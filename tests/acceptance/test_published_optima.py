"""Published optima: each instance as a workbook in the bucket, all through the whole way side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.client import Client
from tests.acceptance.store import Store
from tests.acceptance.workbooks import published, workbook

INSTANCES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "orlib_cap"
NAMES = (
    *("cap41", "cap42", "cap43", "cap44", "cap51", "cap61", "cap62"),
    *("cap63", "cap64", "cap71", "cap72", "cap73", "cap74"),
)

pytestmark = [
    pytest.mark.platform,
    pytest.mark.skipif(not INSTANCES.exists(), reason="the OR-Library instances are not at ../shared/data/orlib_cap"),
]


@pytest.fixture(scope="module")
def jobs(client: Client, store: Store) -> dict[str, dict[str, Any]]:
    """Every instance, uploaded and solved at once; the ended job by instance."""

    def whole_way(name: str) -> dict[str, Any]:
        store.put(f"{name}.xlsx", workbook(published(INSTANCES / f"{name}.txt")))
        upload = client.upload_named(f"{name}.xlsx", seconds=60)
        assert upload["status"] == "loaded", upload
        return client.solved(upload["dataset_id"], seconds=120)

    with ThreadPoolExecutor(len(NAMES)) as threads:
        return dict(zip(NAMES, threads.map(whole_way, NAMES), strict=True))


@pytest.fixture(scope="module")
def optima() -> dict[str, float]:
    lines = [line.split() for line in (INSTANCES / "capopt.txt").read_text().splitlines() if line.startswith("cap")]
    return {words[0]: float(words[1]) for words in lines}


@pytest.mark.parametrize("name", NAMES)
def test_a_published_optimum_is_met_and_certified(name: str, jobs: dict[str, Any], optima: dict[str, float]):
    result = jobs[name]["result"]
    assert (jobs[name]["status"], result["status"]) == ("succeeded", "optimal")
    assert result["objective"] == pytest.approx(optima[name], rel=1e-6)
    assert result["bound"] == pytest.approx(optima[name], rel=1e-6)
    assert result["certificate"]["valid"] is True
