"""The answer to a model of one's own in a terminal: the verdict, the variables that are not 0, and the proof."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from cli.answer import print_clashes
from cli.terminal import out, plain_table
from networx.results.wording import NOT_KNOWN

_SHOWN = 40
_VERDICTS = {
    "optimal": "Proven optimal",
    "feasible": "Best found so far; not proven",
    "infeasible": "No answer can meet every requirement",
    "unbounded": "The objective has no limit",
    "no_solution": "No answer found in time; nothing is proven",
}
_BOUND_SOURCES = {"recomputed": "recomputed exactly", "solver": "the solver's word"}
_EVIDENCE = {
    "farkas": "Proven: multiples of these requirements add up to a contradiction, checked in exact fractions.",
    "elastic_model": "Shown by a solved model in which every requirement may give way; its optimum is the solver's.",
    "ray": "Proven: a checked answer, and a direction from it that nothing ends, checked in exact fractions.",
    "solver": "This is the solver's word; it was not checked.",
}


def print_model_answer(result: dict[str, Any]) -> None:
    """The whole result object of a model, for a person."""
    out.print()
    out.print(f"[bold]{_VERDICTS[result['status']]}[/bold]")
    for warning in result["warnings"]:
        out.print(f"  {escape(warning)}", soft_wrap=True)
    if result["infeasibility"] is not None:
        _print_clashes(result["infeasibility"])
    elif result.get("evidence"):
        out.print(f"  {_EVIDENCE[result['evidence']]}", soft_wrap=True)
    for goal in result.get("objectives", ()):
        out.print(f"{escape(goal['attribute'])} ({goal['direction']}): {goal['status']}, {goal['objective']}")
    if result["solution"]:
        table = plain_table("Variable", "Value", title="Variables that are not 0", numbers=True)
        for name, value in list(result["solution"].items())[:_SHOWN]:
            table.add_row(escape(name), f"{value:.10g}")
        out.print(table)
        if len(result["solution"]) > _SHOWN:
            out.print(f"... and {len(result['solution']) - _SHOWN:,} more; --json prints all.")
    lines = [(word, result[word]) for word in ("status", "objective", "bound", "gap")]
    lines.append(("engine", f"{result['engine']} in {result['seconds']:.2f} s"))
    checks = result["certificate"]["checks"] if result["certificate"] else []
    lines.append(("certificate", f"{len(checks)} checks, all passed" if checks else NOT_KNOWN))
    source = _BOUND_SOURCES.get(result["certificate"]["bound_source"]) if result["certificate"] else None
    lines = [(word, f"{value} ({source})" if word == "bound" and source else value) for word, value in lines]
    for word, value in lines:
        out.print(f"{word:<11}  {NOT_KNOWN if value is None else value}", soft_wrap=True)


def _print_clashes(infeasibility: dict[str, Any]) -> None:
    print_clashes({**infeasibility, "evidence": _EVIDENCE[infeasibility["evidence"]]})
