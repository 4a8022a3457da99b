"""`networx explain JOB`: the story of one job in plain words."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.attached import running_platform
from cli.terminal import out, print_json, print_point


def explain(
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Tell a job's story: its file, how long it waited, every attempt, the verdict, and what to do next."""
    story = running_platform().client.get(f"/api/jobs/{job_id}/story")
    if as_json:
        print_json(story)
        return
    first, *others = story["told"]
    out.print(f"[bold]{first}[/bold]", soft_wrap=True)
    for sentence in others:
        print_point(sentence)
