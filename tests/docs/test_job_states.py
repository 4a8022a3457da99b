"""The picture of a job's states has an arrow for every lawful move, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from networx.jobs.job import LEGAL_MOVES, JobStatus

PICTURE = (Path(__file__).parents[2] / "docs" / "images" / "job-states.svg").read_text()


def test_the_picture_shows_every_state_and_every_move():
    moves = {f"{before}-{after}" for before, targets in LEGAL_MOVES.items() for after in targets}
    assert set(re.findall(r'<path id="([a-z]+-[a-z]+)"', PICTURE)) == moves
    assert set(re.findall(r'class="strong"[^>]*>([a-z]+)<', PICTURE)) == {status.value for status in JobStatus}
