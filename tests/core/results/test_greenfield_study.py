"""What a greenfield study says that came to nothing."""

from __future__ import annotations

from networx.domain.greenfield_parameters import greenfield_parameters
from networx.results.greenfield import Study, greenfield_result
from tests.core.models.small_networks import two_sites


def test_a_study_without_an_answer_claims_no_bound():
    asked = greenfield_parameters({}, {"min_sites": 1, "max_sites": 3, "candidates": "own"})
    result = greenfield_result(two_sites(), Study(asked, "an engine", 4, 10.0), [], seconds=1.0, identity={}, notes=[])
    assert (result["status"], result["bound"], result["bound_source"]) == ("no_solution", None, "solver")
    assert (result["certificate"], result["kpis"]["numbers_answered"]) == (None, 0)
