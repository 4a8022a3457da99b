"""The sensitivity of a plan as plain JSON values, the largest saving first, and its deltas in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from networx.domain.network import NetworkTables
from networx.domain.plan import Outcome, TransportPlan
from networx.domain.sensitivity import Answer, Direction, NotAsked, Question
from networx.results.kpis import known, plain
from networx.results.wording import NOT_KNOWN, money

NO_PLAN = "no plan"
SAME = 1e-9  # relative; costs this near are rounding
AS_GOOD_AS_KNOWN = 0.01  # of a delta; where the gaps leave more open than this, the range is told with it


def sensitivity_of(
    answers: Iterable[Mapping[str, Any]],
    not_asked: Sequence[Mapping[str, Any]],
    *,
    time_limit_seconds: float,
    seconds: float,
) -> dict[str, Any]:
    """The member `sensitivity` of a result, the largest saving first. Dollars are unrounded; not known is None."""
    return {
        "time_limit_seconds": time_limit_seconds,
        "seconds": seconds,
        "answers": sorted((dict(answer) for answer in answers), key=_order),
        "not_asked": [dict(one) for one in not_asked],
    }


def not_asked_figures(tables: NetworkTables, one: NotAsked) -> dict[str, Any]:
    """A question without an answer, and why."""
    return {"kind": one.kind.value, "label": one.label, "site": _name(tables, one), "why": one.why}


def delta_words(answer: Mapping[str, Any]) -> str:
    """By how much the best cost changes: `+$1,200`, `-$300 to +$50`, `at least $0`, `no plan`, `not known`.

    A figure whose gaps leave much open reads `+$1,200 (+$900 to +$1,300)`.
    """
    if answer["status"] == "infeasible":
        return NO_PLAN
    delta, lowest, highest = answer["delta"], answer["lowest"], answer["highest"]
    if lowest is not None and highest is not None:
        within = f"{_signed(lowest)} to {_signed(highest)}"
        if delta is None:
            return within
        wide = round(highest) - round(lowest) > max(AS_GOOD_AS_KNOWN * abs(delta), 1.0)
        return f"{_signed(delta)} ({within})" if wide else _signed(delta)
    if lowest is not None:
        return f"at least {_signed(lowest)}"
    return NOT_KNOWN if highest is None else f"at most {_signed(highest)}"


def _signed(amount: float) -> str:
    whole = round(amount)
    return f"{'+' if whole > 0 else '-' if whole < 0 else ''}{money(abs(whole), 0)}"


def _order(answer: Mapping[str, Any]) -> tuple[float, str]:
    figures = (answer["delta"], answer["lowest"], answer["highest"])
    return next((figure for figure in figures if figure is not None), math.inf), answer["label"]


def answer_figures(tables: NetworkTables, base: Outcome, answer: Answer) -> dict[str, Any]:
    """One answer as plain JSON values."""
    question, outcome, delta = answer.question, answer.outcome, answer.delta
    plan = None if outcome is None else outcome.plan
    opened, closed = ([], []) if plan is None or base.plan is None else _moved(tables, base.plan, plan)
    infeasibility = None if outcome is None else outcome.infeasibility
    return {
        "kind": question.kind.value,
        "label": question.label,
        "site": _name(tables, question),
        "change": question.change,
        "status": None if outcome is None else outcome.status.value,
        "objective": None if outcome is None else known(outcome.objective),
        "bound": None if outcome is None else known(outcome.bound),
        "gap": None if outcome is None else known(outcome.gap),
        "delta": delta.value,
        "lowest": delta.lowest,
        "highest": delta.highest,
        "opened": opened,
        "closed": closed,
        "cheaper_plan": _cheaper(base, answer),
        "why": list(answer.why),
        "failed": answer.failed,
        "bound_source": None if outcome is None else outcome.bound_source,
        "engine": None if outcome is None else outcome.engine,
        "seconds": None if outcome is None else outcome.seconds,
        "certificate": None if answer.certificate is None else plain(answer.certificate.as_dict()),
        "infeasibility": None if infeasibility is None else plain(infeasibility.as_dict()),
    }


def _cheaper(base: Outcome, answer: Answer) -> bool:
    """Whether a plan was found that is one of the base problem too, and costs less than the one that was found there.

    It can be only where the base plan is not proven, or within its gap.
    """
    if answer.direction is not Direction.NOT_BELOW_0 or answer.outcome is None:
        return False
    cost, least = answer.outcome.objective, base.objective
    return cost is not None and least is not None and cost < least * (1 - SAME)


def _moved(tables: NetworkTables, base: TransportPlan, plan: TransportPlan) -> tuple[list[str], list[str]]:
    """Facilities open in some year of one plan and in no year of the other, by name."""
    pairs = list(zip(tables.facilities.name, base.open, plan.open, strict=True))
    return (
        [name for name, before, now in pairs if now and not before],
        [name for name, before, now in pairs if before and not now],
    )


def _name(tables: NetworkTables, of: Question | NotAsked) -> str | None:
    return None if of.site is None else tables.facilities.name[of.site]
