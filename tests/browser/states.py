"""The states in which a page may be, as recorded answers, and what is looked for in each."""

from __future__ import annotations

from typing import Any

from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep
from networx.results.frontier import Member
from networx.results.sweep_result import sweep_result
from tests.browser.canned import AT, DATASET, INFEASIBLE, JOB, SCENARIO, UPLOAD, analysed, job
from tests.browser.conftest import Shown

RESULT = f"/jobs/{JOB}"
FILE = f"/uploads/{UPLOAD}"
MEMBER = "0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a19"
MARKUP = "<img src=x onerror=alert(1)>"
# Each visible text against the background it stands on, by the formula of WCAG 2.
FAINT = """() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = (text.startsWith('color(srgb')
      ? text.match(/[\\d.]+/g).map((part, i) => i < 3 ? part * 255 : +part) : text.match(/[\\d.]+/g).map(Number));
    return { r, g, b, a };
  };
  const light = ({ r, g, b }) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const text = parse(element instanceof SVGElement ? style.fill : style.color);
    const [one, other] = [light(text), light(ground(element))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < needed) faint.push(`${element.textContent.trim()}: ${ratio}`);
  }
  return faint;
}"""


def show_bad_cells(shown: Shown) -> None:
    shown.canned.upload |= {"status": "rejected", "reason": "One cell is wrong.", "problem_count": 1}
    place: dict[str, Any] = {"sheet": "Lanes", "row": 20114, "column": "destination", "value": MARKUP}
    shown.canned.problems = [{**place, "rule": "reference", "message": "There is no such destination."}]


def show_infeasible(shown: Shown) -> None:
    shown.canned.job = job("succeeded", {"status": "infeasible"})
    shown.canned.result = INFEASIBLE


def show_capacity(shown: Shown) -> None:
    shown.canned.job = job("succeeded", {"status": "optimal"}) | {"type": "capacity"}
    shown.canned.result = analysed(names=("Elm", MARKUP))


def show_running(shown: Shown) -> None:
    figures = [(None, 20.1e6), (24.9e6, 21.5e6), (22.95e6, 22.8e6)]
    shown.canned.course = [
        job(
            "running",
            None,
            {"stage": "searching", "percent": 30.0 * step, "incumbent": best, "bound": bound, "gap": 0.1},
        )
        for step, (best, bound) in enumerate(figures, start=1)
    ]
    shown.canned.job = shown.canned.course[0]


def show_dead(shown: Shown) -> None:
    error = {"code": "WORKER_LOST", "message": "The worker was lost."}
    shown.canned.job = job("dead") | {"attempt": 2, "error": error}


def show_batch(shown: Shown) -> None:
    shown.canned.job = job("failed", None, {"stage": "3 of 3 done", "percent": 100.0}) | {
        "type": "batch", "scenario_id": None, "members": [MEMBER], "member_counts": {"failed": 1, "succeeded": 2},
        "failed_members": [MEMBER],
    }  # fmt: skip


def show_sweep(shown: Shown) -> None:
    kpis = {"total_cost": 100.0, "service_level": 0.9, "weighted_distance_miles": 310.0}
    members = [
        Member(MEMBER, 3, "succeeded", True, ResultStatus.FEASIBLE, 26.1e6, 22.0e6, 0.157, kpis, certified=True),
        Member(str(SCENARIO), 4, "succeeded", True, ResultStatus.OPTIMAL, 22.9e6, 22.9e6, 0.0, kpis, certified=True),
        Member(str(DATASET), 5, "failed", True),
        Member(str(UPLOAD), 6, "running", False),
        Member(str(JOB), 2, "succeeded", True, ResultStatus.INFEASIBLE),
    ]
    sweep = Sweep(2, 6)
    shown.canned.job = job("running", sweep_result(sweep, members), {"stage": "4 of 5 done", "percent": 80.0}) | {
        "type": "batch", "members": [member.job_id for member in members], "sweep": sweep.as_dict(),
        "member_counts": {"failed": 1, "succeeded": 3, "running": 1}, "failed_members": [str(DATASET)],
    }  # fmt: skip


def show_paused(shown: Shown) -> None:
    held = {"scope": "queue", "name": "optimization.fifo", "reason": "The disk is being replaced.", "since": AT}
    shown.canned.job = job("queued") | {"paused": held}


def show_model(shown: Shown) -> None:
    shown.canned.upload |= {
        "filename": "blending.mps.gz",
        "kind": "model",
        "dataset_id": None,
        "counts": {"rows": 1200},
    }
    shown.canned.upload["model"] = {"format": "mps", "packed": True, "name": "BLEND"}


def show_solved_model(shown: Shown) -> None:
    checks = [{"name": "requirements hold", "passed": True}]
    figures = {"status": "optimal", "objective": 19_200.5, "bound": 19_200.5, "bound_source": "recomputed"}
    result = {**figures, "certificate": {"checks": checks}, "infeasibility": None}
    shown.canned.job = job("succeeded", result) | {"type": "model", "scenario_id": None}


def allow_the_assistant(shown: Shown) -> None:
    allowed = {"mapping": True, "summaries": True, "changed_at": AT, "changed_by": MARKUP}
    shown.canned.assistant |= {
        "configured": True, "host": "api.example.com", "model": "large-model", "cheaper_model": "small-model",
        "may_see_budget": True, "consent": allowed,
    }  # fmt: skip
    call = {
        "id": str(JOB), "purpose": "summary", "subject_id": str(JOB), "model": "large-model", "asked_by": MARKUP,
        "request_id": MEMBER, "status": "in_full", "outcome": "timeout", "reserved_tokens": 4_100,
        "reserved_dollars": 0.0103, "input_tokens": None, "output_tokens": None, "tokens": 4_100, "dollars": 0.0103,
        "created_at": AT, "settled_at": AT,
    }  # fmt: skip
    under_way = {"status": "reserved", "tokens": None, "dollars": None, "settled_at": None}
    shown.canned.calls = [call, call | under_way]
    shown.canned.summary = {
        "job_id": str(JOB), "text": f"It opens 6 facilities, {MARKUP} among them.", "written_by": "model",
        "figures": [{"text": "6", "facts": ["open facilities"]}], "model": "large-model", "written_at": AT,
        "note": "Written by the model large-model. Every figure was checked against the result; the wording was not.",
    }  # fmt: skip


def show_unknown_columns(shown: Shown) -> None:
    show_bad_cells(shown)
    allow_the_assistant(shown)
    shown.canned.columns = [
        {"position": 0, "sheet": "Facilities", "header": MARKUP, "patterns": ["Aaaa", "99999"], "fields": ["city"],
         "suggestion": None},
    ]  # fmt: skip


STATES = {
    "home": ("/", "Recent solves", lambda _: None),
    "sign-in": ("/sign-in", "Welcome", lambda _: None),
    "result": (RESULT, "Cost by year", lambda _: None),
    "loaded": (FILE, "The data is ready", lambda _: None),
    "bad cells": (FILE, "What to mend: 1 problem", show_bad_cells),
    "model": (FILE, "The model is ready", show_model),
    "solved model": (RESULT, "Proven optimal", show_solved_model),
    "infeasible": (RESULT, "Why no plan works", show_infeasible),
    "capacity": (RESULT, "Capacity runs out in 2027: 10 units cannot be served", show_capacity),
    "running": (RESULT, "Six sites, five years", show_running),
    "dead": (RESULT, "Six sites, five years", show_dead),
    "batch": (RESULT, "Batch", show_batch),
    "sweep": (RESULT, "Best: 4 facilities open", show_sweep),
    "paused": (RESULT, "Six sites, five years", show_paused),
    "no assistant": ("/assistant", "What it may see, and what it used", lambda _: None),
    "assistant": ("/assistant", "The budget of the installation", allow_the_assistant),
    "summary": (RESULT, "In plain words", allow_the_assistant),
    "unknown columns": (FILE, "Columns that are not known", show_unknown_columns),
}
