"""Progress of an upload and of a solve: bars in a terminal, a line at each new stage elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from cli.terminal import err
from networx.results.wording import gap_words, money_short


class Watching:
    """One bar after another, each with its stage and what is known so far."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=28),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=err,
            disable=not err.is_terminal,
        )
        self._tasks: dict[str, Any] = {}
        self._said: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def show(self, name: str, stage: str, percent: float | None = None, note: str = "") -> None:
        """Where the work `name` stands; `percent` 0-100, None where nobody knows."""
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=None, note="")
        total = None if percent is None else 100.0
        self._bars.update(
            self._tasks[name], description=escape(stage), total=total, completed=percent or 0.0, note=escape(note)
        )
        if not err.is_terminal and (name, stage) not in self._said:
            self._said.add((name, stage))
            err.print(escape(f"{stage} {note}".rstrip()))

    def done(self, name: str, stage: str, note: str = "") -> None:
        self.show(name, stage, 100.0, note)
        self._bars.stop_task(self._tasks[name])

    def upload(self, upload: dict[str, Any]) -> None:
        """An upload as the API shows it."""
        rows = sum(count for count in upload["counts"].values() if isinstance(count, int))
        self.show("loading", f"{upload['status']}", note=f"{rows:,} rows" if rows else "")

    def job(self, job: dict[str, Any]) -> None:
        """A job as the API shows it: best found, bound and gap as soon as there are any."""
        progress = job["progress"] or {}
        found, bound, gap = (progress.get(name) for name in ("incumbent", "bound", "gap"))
        known = []
        if found is not None:
            known.append(f"best found {money_short(found)}")
        if bound is not None:
            known.append(f"cannot be cheaper than {money_short(bound)}")
        if gap is not None:
            known.append(f"{gap_words(gap)} still open")
        stage = progress.get("stage") or job["status"]
        self.show("solving", stage, progress.get("percent"), ", ".join(known))
