"""Sensitivity: each delta against an enumeration of all sets of sites, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cli.solve_network import certificate_of
from networx.domain.network import NetworkTables, ServiceYears
from networx.domain.parameters import TransportParameters
from networx.domain.plan import Outcome, ResultStatus
from networx.domain.sensitivity import Answer, Direction, Kind, Sensitivity, delta_of
from networx.errors import RefusedInput, SolverFault
from networx.models.sensitivity import MOST_SITES, Base, ask, asking
from networx.models.sensitivity.beginning import beginning
from networx.models.sensitivity.changes import changed
from networx.models.sensitivity.questions import questions
from networx.models.transport import prepare, solve_transport
from networx.solver.location.lesson import Lesson
from tests.core.models.small_networks import network, parameters, random_network, spread_network, two_sites
from tests.core.models.test_transport_plans import enumerated


def based(tables: NetworkTables, given: TransportParameters) -> Base:
    lessons: list[Lesson] = []
    outcome = solve_transport(tables, given, taught=lessons.append)
    return Base(tables, given, outcome, lessons[-1] if lessons else None)


def asked(tables: NetworkTables, given: TransportParameters, names: Sequence[str] | None = None) -> Sensitivity:
    return ask(based(tables, given), certificate_of, names)


def by_label(found: Sensitivity) -> dict[str, Answer]:
    return {answer.question.label: answer for answer in found.answers}


def by_hand(tables: NetworkTables, given: TransportParameters, answer: Answer, opened: int) -> float | None:
    """The least cost of the changed problem over all sets of sites, None where there is no plan."""
    question, sites = answer.question, tables.facilities
    if question.kind in {Kind.ONE_MORE, Kind.ONE_FEWER}:
        number = opened + (1 if question.kind is Kind.ONE_MORE else -1)
        return enumerated(tables, replace(given, min_facilities=number, max_facilities=number))
    if question.kind is Kind.SERVICE:
        assert given.service_level is not None
        level = given.service_level + (0.01 if "+1" in question.label else -0.01)
        return enumerated(tables, replace(given, service_level=level))
    if question.kind is Kind.DEMAND:
        factor = 1.1 if "+10" in question.label else 0.9
        scaled = replace(
            tables,
            destinations=replace(tables.destinations, demand_units=tables.destinations.demand_units * factor),
            demand=replace(tables.demand, units=tables.demand.units * factor),
            forecast=replace(tables.forecast, annual_units=tables.forecast.annual_units * factor),
        )
        return enumerated(scaled, given)
    assert question.site is not None
    status: list[Any] = list(sites.status)
    status[question.site] = "mandatory" if question.kind is Kind.OPENED else "forbidden"
    return enumerated(replace(tables, facilities=replace(sites, status=tuple(status))), given)


def with_a_plan(wanted: int) -> list[int]:
    seeds = (seed for seed in range(100) if solve_transport(drawn(seed)[0], drawn(seed)[1]).plan is not None)
    return [next(seeds) for _ in range(wanted)]


def drawn(seed: int) -> tuple[NetworkTables, TransportParameters]:
    rng = np.random.default_rng(seed)
    tables = random_network(rng, sites=4, places=3, years=1 + seed % 2)
    stated = {"service_level": 0.5, "max_distance_miles": 60.0} if seed % 3 == 0 else {}
    return tables, parameters(gap=0.0, **stated)


@pytest.mark.parametrize("seed", with_a_plan(6))
def test_deltas_are_those_of_an_enumeration(seed: int) -> None:
    tables, given = drawn(seed)
    base = based(tables, given)
    assert base.outcome.plan is not None
    opened = int(base.outcome.plan.opened[0].sum())
    best = enumerated(tables, given)
    assert best is not None

    # A set of sites has to be enumerated where it is one over all years, as it is here.
    found = ask(base, certificate_of, tables.facilities.name)

    assert len(found.answers) >= 2 + len(tables.facilities)
    for answer in found.answers:
        expected = by_hand(tables, given, answer, opened)
        if expected is None:
            assert answer.outcome is None or answer.outcome.status is ResultStatus.INFEASIBLE, answer.question
            assert answer.why
            assert answer.delta.value is None
            continue
        assert answer.delta.value == pytest.approx(expected - best, abs=1e-6 * max(best, 1.0)), answer.question
        assert answer.certificate is not None
        assert answer.certificate.valid


def test_the_network_worked_out_by_hand() -> None:
    """490 with both; North alone 600; South alone is too small; a unit more of demand needs South's room."""
    answers = by_label(asked(two_sites(), parameters()))

    assert answers["South closed"].delta.value == pytest.approx(110)
    assert answers["One facility fewer (1 in each year)"].delta.value == pytest.approx(110)
    # 63 and 94.5 units: fixed 300, 36 + 27 in 2026, 54 + 40 + 0.5 x 4 in 2027.
    assert answers["Demand -10 %"].delta.value == pytest.approx(300 + 63 + 54 + 40 + 0.5 * 4 - 490)
    short = answers["North closed"]
    assert short.outcome is not None
    assert short.outcome.status is ResultStatus.INFEASIBLE
    assert "capacity" in short.why[0].lower() or "units" in short.why[0]
    assert short.certificate is not None
    assert short.certificate.valid
    more = answers["One more facility (3 in each year)"]
    assert more.outcome is not None
    assert more.outcome.status is ResultStatus.INFEASIBLE


def test_a_mandatory_site_may_be_closed_and_a_forbidden_one_opened() -> None:
    """North is forced in 2027 by its own columns; South is forbidden, which costs 600 in place of 490."""
    told = two_sites(facilities=[("North", 110, 100), ("South", 40, 50, "forbidden")])
    forced = replace(told.facilities, forced_from_year=np.array([2027.0, np.nan]))
    forced = replace(forced, forced_to_year=np.array([2027.0, np.nan]))

    answers = by_label(asked(replace(told, facilities=forced), parameters(), ["South", "North"]))

    assert answers["South open, though forbidden"].delta.value == pytest.approx(-110)
    assert answers["South open, though forbidden"].direction is Direction.EITHER
    assert answers["North closed, though mandatory"].outcome is not None


def test_a_level_is_moved_wherever_it_is_stated() -> None:
    rows = ServiceYears(year=np.array([2027]), service_level=np.array([0.95]))
    tables = replace(two_sites(), service_years=rows)
    answers = by_label(asked(tables, parameters(service_level=0.9, max_distance_miles=100.0), []))

    # 100 of 105 units (95.238 %) travel within 100 miles at most in 2027: 96 % cannot be reached.
    higher = answers["Service level +1 point"].outcome
    assert higher is not None
    assert higher.status is ResultStatus.INFEASIBLE
    assert answers["Service level -1 point"].delta.value == pytest.approx(0, abs=1e-6)


def test_no_level_above_all_and_no_count_where_there_is_not_one_number() -> None:
    tables = two_sites(forecast=[(2026, 70), (2027, 35)], facilities=[("North", 110, 100), ("South", 40, 5000)])
    given = parameters(service_level=1.0, max_distance_miles=500.0)
    base = based(tables, given)
    assert base.outcome.plan is not None
    changing = replace(base.outcome.plan, opened=np.array([[True, True], [True, False]]))

    _, not_asked = questions(tables, prepare(tables, given), changing, [])

    assert {one.kind for one in not_asked} == {Kind.ONE_MORE, Kind.ONE_FEWER, Kind.SERVICE}
    assert any("above 100 %" in one.why for one in not_asked)
    assert [answer.question.kind for answer in ask(base, certificate_of, []).answers].count(Kind.SERVICE) == 1


def test_the_sites_most_likely_to_matter_come_first_and_the_rest_is_named() -> None:
    sites = [("Main", 1000.0, 10.0), *((f"S{at}", 1000.0, 11.0 + at) for at in range(30))]
    lanes = [(site, 0, 1.0) for site in range(31)]
    tables = network(sites, [("Elm", 10.0)], lanes)
    found = asked(tables, parameters())

    single = [answer.question.label for answer in found.answers if answer.question.site is not None]
    assert single[:3] == ["Main closed", "S0 open", "S1 open"]
    assert len(single) == MOST_SITES
    left = [one for one in found.not_asked if one.site is not None]
    assert len(left) == 31 - MOST_SITES
    assert all("unless they are named" in one.why for one in left)


def test_names_that_are_no_facility_are_refused_with_what_to_do() -> None:
    with pytest.raises(RefusedInput, match=r"Nowhere is no facility.*North; South"):
        asked(two_sites(), parameters(), ["North", "Nowhere"])


def test_what_a_change_contradicts_is_said_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    base, real = based(two_sites(), parameters()), asking.solve_transport

    def faulty(tables: NetworkTables, given: TransportParameters, *rest: Any, **more: Any) -> Outcome:
        if given.max_facilities == 1:
            raise SolverFault(what="it says two things at once")
        return real(tables, given, *rest, **more)

    monkeypatch.setattr(asking, "solve_transport", faulty)
    found = ask(base, certificate_of)

    failed = [answer for answer in found.answers if answer.failed]
    assert [answer.question.kind for answer in failed] == [Kind.ONE_FEWER]
    assert "two things" in failed[0].why[0]
    assert failed[0].outcome is None
    assert len(found.answers) > 4


def test_an_answer_that_fails_its_check_is_not_shown() -> None:
    def refused(*given: Any) -> Any:
        certificate = certificate_of(*given)
        assert certificate is not None
        return replace(certificate, valid=False)

    found = ask(based(two_sites(), parameters()), refused)

    assert all(answer.failed and answer.outcome is None for answer in found.answers)


def test_the_limit_is_shared_and_what_did_not_come_is_said() -> None:
    base = based(two_sites(), parameters(time_limit_seconds=10.0))
    clock = iter([0.0, 0.0, 4.0, 9.5, *[9.9] * 20])
    found = ask(base, certificate_of, seconds=lambda: next(clock))

    assert len(found.answers) == 2
    assert len(found.not_asked) == 4
    assert all("time was up" in one.why for one in found.not_asked)
    stopped = ask(base, certificate_of, stop=lambda: True)
    assert stopped.answers == ()


LOCATED = spread_network(12, 60, 1, tightness=4.0)
LOCATED_STATED = parameters(cost_per_unit_mile=0.01, circuity=1.2)


def test_a_location_engine_begins_from_the_lesson_of_the_base_plan() -> None:
    base = based(LOCATED, LOCATED_STATED)
    assert base.lesson is not None
    assert base.outcome.plan is not None
    instance = prepare(LOCATED, LOCATED_STATED)
    asked_now, _ = questions(LOCATED, instance, base.outcome.plan, LOCATED.facilities.name[:4])

    for question in asked_now:
        problem = changed(LOCATED, LOCATED_STATED, question, int(base.outcome.plan.opened[0].sum()))
        now = prepare(problem.tables, problem.parameters)
        start, lesson = beginning(question, instance, now, base.outcome.plan, base.lesson)
        assert start is None
        assert lesson is not None
        assert lesson.fits(int(now.allowed.sum()), 60), question
        known = solve_transport(problem.tables, problem.parameters, lesson=lesson)
        alone = solve_transport(problem.tables, problem.parameters)
        assert known.objective == pytest.approx(alone.objective, rel=3e-6)


def test_others_begin_from_the_base_plan_where_it_meets_what_is_asked_now() -> None:
    tables, given = two_sites(), parameters(service_level=0.9, max_distance_miles=100.0)
    base = based(tables, given)
    assert base.outcome.plan is not None
    instance = prepare(tables, given)
    began = {}
    for question in questions(tables, instance, base.outcome.plan, None)[0]:
        problem = changed(tables, given, question, 2)
        now = prepare(problem.tables, problem.parameters)
        began[question.label], _ = beginning(question, instance, now, base.outcome.plan, None)

    lower = began["Service level -1 point"]
    assert lower is not None
    assert lower.cost == pytest.approx(490)
    less = began["Demand -10 %"]
    assert less is not None
    assert less.cost == pytest.approx(300 + 0.9 * 190)  # the same flows, a tenth smaller
    assert began["Demand +10 %"] is None  # South sends 40 units and has no room for 44
    assert began["South closed"] is None


@pytest.mark.parametrize(
    ("base", "then", "direction", "expected"),
    [
        (("optimal", 100.0, 99.0), ("optimal", 120.0, 118.0), Direction.EITHER, (20.0, 18.0, 21.0)),
        (("feasible", 100.0, 80.0), ("optimal", 90.0, 90.0), Direction.EITHER, (None, -10.0, 10.0)),
        (("feasible", 100.0, 80.0), ("optimal", 90.0, 90.0), Direction.NOT_BELOW_0, (None, 0.0, 10.0)),
        (("optimal", 100.0, 99.0), ("feasible", 105.0, 70.0), Direction.NOT_ABOVE_0, (None, -30.0, 0.0)),
        (("optimal", 100.0, 99.0), ("no_solution", None, 97.0), Direction.EITHER, (None, -3.0, None)),
        (("optimal", 100.0, 99.0), ("no_solution", None, None), Direction.NOT_BELOW_0, (None, 0.0, None)),
        (("optimal", 100.0, 99.0), ("infeasible", None, None), Direction.NOT_BELOW_0, (None, None, None)),
    ],
)
def test_a_delta_is_a_figure_only_where_both_are_proven(
    base: tuple[Any, ...], then: tuple[Any, ...], direction: Direction, expected: tuple[Any, ...]
) -> None:
    def outcome(status: str, objective: float | None, bound: float | None) -> Outcome:
        return Outcome(ResultStatus(status), "engine", 0.0, objective, bound)

    delta = delta_of(outcome(*base), outcome(*then), direction)

    assert (delta.value, delta.lowest, delta.highest) == expected
