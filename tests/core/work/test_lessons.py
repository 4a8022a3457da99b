"""Members of a sweep that teach one another: through the store, and never at the price of an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from networx import settings
from networx.db import pool
from networx.domain.sweep import exactly
from networx.jobs import store
from networx.jobs.context import JobContext
from networx.jobs.job import BATCH_KIND, Job, JobStatus
from networx.work import lessons
from networx.work.solve_child import read_lesson
from networx.work.solve_transport import TransportSolve
from tests.core.jobs.steps import another_tenant
from tests.core.models.small_networks import network
from tests.core.work.steps import ended, load, result_of, submit

SOLVING = ("optimization", {"transport": TransportSolve()})
ENGINE = {"engine": "lagrangian"}


def three_sites():
    """One year. North alone costs 100 + 40 x 1 + 30 x 4 = 260; North and South 150 + 40 x 1 + 30 x 1 = 220 in all."""
    return network(
        [("North", 90, 100), ("South", 40, 50), ("West", 60, 80)],
        [("Elm", 40), ("Oak", 30)],
        [(0, 0, 1), (0, 1, 4), (1, 0, 3), (1, 1, 1), (2, 0, 2), (2, 1, 2)],
    )


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """What each member was given to begin with."""
    given: list[Path | None] = []
    real = lessons.bring_nearest

    def bring(context: JobContext, target: Path) -> Path | None:
        given.append(real(context, target))
        return given[-1]

    monkeypatch.setattr(lessons, "bring_nearest", bring)
    return given


@pytest.fixture
def member(quick) -> Callable[[int], Job]:
    """A member of one sweep with so many facilities, submitted."""
    dataset = load(quick.tenant_id, three_sites())
    with pool.tenant(quick.tenant_id) as connection:
        parent = store.submit(connection, tenant_id=quick.tenant_id, kind=BATCH_KIND, params={})
    return lambda nodes: submit(quick, dataset, exactly(nodes), parent_id=parent.id, **ENGINE)


def key(job: Job, nodes: int) -> str:
    return f"tmp/checkpoints/{job.tenant_id}/{job.parent_id}/lesson-{nodes}.npz"


def test_a_member_begins_with_what_the_nearest_one_taught(quick, working, aws, member, taken, tmp_path):
    with working(*SOLVING):
        first = ended(member(1))
        second = ended(member(2))
    assert (first.status, second.status) == (JobStatus.SUCCEEDED, JobStatus.SUCCEEDED)
    assert [one is not None for one in taken] == [False, True]
    result = result_of(second)
    assert result is not None
    assert result["objective"] == pytest.approx(220, rel=1e-9)
    assert result["certificate"]["valid"] is True
    bucket = settings.current().buckets["results"]
    aws.s3.download_file(bucket, key(second, 2), str(tmp_path / "lesson"))
    lesson = read_lesson(tmp_path / "lesson")
    assert lesson is not None
    assert lesson.opened.sum() == 2


def test_a_lesson_that_is_damaged_or_lost_changes_no_answer(quick, working, aws, member, taken):
    bucket = settings.current().buckets["results"]
    with working(*SOLVING):
        first = ended(member(1))
        aws.s3.put_object(Bucket=bucket, Key=key(first, 1), Body=b"PK\x03\x04 no lesson")
        second = ended(member(2))
        for nodes in (1, 2):
            aws.s3.delete_object(Bucket=bucket, Key=key(first, nodes))
        third = ended(member(3))
    assert [one is not None for one in taken] == [False, True, False]
    for job in (second, third):
        result = result_of(job)
        assert job.status is JobStatus.SUCCEEDED
        assert result is not None
        assert (result["status"], result["certificate"]["valid"]) == ("optimal", True)


def test_a_file_that_is_none_is_no_lesson(tmp_path):
    (tmp_path / "empty").touch()
    (tmp_path / "noise").write_bytes(b"\x93NUMPY" + bytes(range(64)))
    assert [read_lesson(tmp_path / name) for name in ("empty", "noise", "absent")] == [None, None, None]


@pytest.mark.parametrize(
    ("parameters", "nodes"),
    [
        ({"min_facilities": 3, "max_facilities": 3}, 3),
        ({"min_facilities": 2, "max_facilities": 3}, None),
        ({"max_facilities": 3}, None),
        ({}, None),
    ],
)
def test_only_a_member_with_one_number_of_facilities_teaches(parameters, nodes):
    assert lessons.nodes_of(parameters) == nodes


def test_a_lesson_stays_with_its_tenant(quick, working, member, tmp_path):
    """Whoever names another tenant's sweep as the parent of a job is taught nothing by it."""
    with working(*SOLVING):
        first = ended(member(1))
    assert first.status is JobStatus.SUCCEEDED
    own = replace(first, params={"parameters": exactly(2)})
    others = replace(own, tenant_id=another_tenant())

    assert lessons.bring_nearest(cast(JobContext, SimpleNamespace(job=own)), tmp_path / "own") is not None
    assert lessons.bring_nearest(cast(JobContext, SimpleNamespace(job=others)), tmp_path / "others") is None
    assert not (tmp_path / "others").exists()
