"""What a parameter's value must be, and what is said of one that cannot be read."""

from __future__ import annotations

from uuid import UUID

import pytest

from networx.domain.parameters import (
    CapacityParameters,
    SitesAsked,
    TransportParameters,
    capacity_parameters,
    parse_parameter,
    require_complete_capacity,
    transport_parameters,
)
from networx.errors import RefusedInput


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("95", "must be a share between 0 and 1; write 0.95 for 95 %"),
        ("95%", "must be a share between 0 and 1; write 0.95 for 95 %"),
        ("0.5 %", "must be a share between 0 and 1; write 0.005 for 0.5 %"),
        ("-2", "must be a share between 0 and 1"),
        ("950", "must be a share between 0 and 1"),
        ("most", "must be a number"),
    ],
)
def test_a_percentage_is_answered_with_the_share_it_means(stated: str, said: str):
    with pytest.raises(ValueError, match=f"^{said}$"):
        parse_parameter("service_level", stated)


def test_a_share_is_read_as_it_stands():
    assert [parse_parameter("service_level", text) for text in ("0", "0.95", " 1 ")] == [0.0, 0.95, 1.0]


def test_a_refusal_of_an_override_says_its_value():
    with pytest.raises(RefusedInput) as refused:
        transport_parameters({}, {"single_sourcing": 95, "currency": "EUR"})
    assert [str(problem) for problem in refused.value.problems] == [
        'scenario parameters, column single_sourcing: single_sourcing must be yes or no (found "95").',
        'scenario parameters, column currency: currency must be USD (found "EUR").',
    ]


JOB = UUID("0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11")


@pytest.mark.parametrize(
    ("stated", "asked"),
    [
        ("mandatory", SitesAsked()),
        (f" job {JOB} ", SitesAsked(job=JOB)),
        ("Reno, NV; Erie, PA", SitesAsked(names=("Reno, NV", "Erie, PA"))),
        ("Reno", SitesAsked(names=("Reno",))),
        ("job site 3;", SitesAsked(names=("job site 3",))),
    ],
)
def test_sites_are_the_mandatory_ones_those_of_a_plan_or_named(stated: str, asked: SitesAsked):
    assert parse_parameter("sites", stated) == asked


@pytest.mark.parametrize(
    ("stated", "said"),
    [("job 12", "must name a job by its id"), (" ; ", "must be mandatory, job and its id"), ("A;B;A", "twice")],
)
def test_sites_that_name_nothing_are_refused(stated: str, said: str):
    with pytest.raises(ValueError, match=said):
        parse_parameter("sites", stated)


@pytest.mark.parametrize("stated", ["mandatory", f"job {JOB}", "Reno, NV; Erie, PA"])
def test_sites_are_told_as_they_are_stated(stated: str):
    assert str(parse_parameter("sites", stated)) == stated


def test_a_transport_scenario_passes_over_the_sheets_sites_and_refuses_its_own():
    assert transport_parameters({"sites": "mandatory", "max_facilities": "3"}).max_facilities == 3
    with pytest.raises(RefusedInput, match="sites belongs to a capacity analysis"):
        transport_parameters({}, {"sites": "mandatory"})


def test_a_capacity_analysis_reads_what_it_shares_and_what_is_its_own():
    shared, own = capacity_parameters({"sites": "mandatory", "circuity": "1.2"}, {"sites": "Reno", "gap": 0.01})
    assert (shared.circuity, shared.gap, own.sites) == (1.2, 0.01, SitesAsked(names=("Reno",)))
    with pytest.raises(RefusedInput, match="speed is not a parameter"):
        capacity_parameters({}, {"speed": 3})


def test_a_capacity_analysis_needs_its_sites_and_no_lease():
    shared = TransportParameters(single_sourcing=False)
    require_complete_capacity(shared, CapacityParameters(SitesAsked()))
    with pytest.raises(RefusedInput) as refused:
        require_complete_capacity(TransportParameters(), CapacityParameters())
    assert [problem.column for problem in refused.value.problems] == ["sites", "single_sourcing"]
