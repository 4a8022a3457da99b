"""Progress of an upload and of a solve: bars in a terminal, a line at each new stage elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, ProgressColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Column

from cli.terminal import err
from networx.domain.phrases import counted
from networx.domain.plan import Progress
from networx.results.wording import gap_words, money_short

_LONGEST_STAGE = 34
_WIDTH_FOR_BARS = 90
_WIDTH_FOR_WIDE_BARS = 120


def _columns(width: int) -> list[ProgressColumn]:
    """Stage, bar, share and time keep their width; what is known so far takes the rest and breaks into lines."""
    stage = TextColumn("{task.description}", table_column=Column(no_wrap=True, min_width=22, max_width=_LONGEST_STAGE))
    bars = [BarColumn(bar_width=28 if width >= _WIDTH_FOR_WIDE_BARS else 12)] if width >= _WIDTH_FOR_BARS else []
    share = TaskProgressColumn(table_column=Column(no_wrap=True, min_width=4))
    elapsed = TimeElapsedColumn(table_column=Column(no_wrap=True, min_width=7))
    return [stage, *bars, share, elapsed, TextColumn("{task.fields[note]}", table_column=Column(ratio=1))]


class Watching:
    """One bar after another, each with its stage and what is known so far."""

    def __init__(self, console: Console = err) -> None:
        self._console = console
        self._bars = Bars(*_columns(console.width), console=console, expand=True, disable=not console.is_terminal)
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
        if not self._console.is_terminal and (name, stage) not in self._said:
            self._said.add((name, stage))
            self._console.print(escape(f"{stage} {note}".rstrip()))

    def done(self, name: str, stage: str, note: str = "") -> None:
        self.show(name, stage, 100.0, note)
        self._bars.stop_task(self._tasks[name])

    def upload(self, upload: dict[str, Any]) -> None:
        """An upload as the API shows it."""
        counts = {} if upload.get("kind") == "model" else upload["counts"]
        rows = sum(count for count in counts.values() if isinstance(count, int))
        self.show("loading", f"{upload['status']}", note=counted(rows, "row") if rows else "")

    def job(self, job: dict[str, Any]) -> None:
        """A job as the API shows it: best found, bound and gap as soon as there are any."""
        progress = job["progress"] or {}
        stage = progress.get("stage") or job["status"]
        self.show("solving", stage, progress.get("percent"), _known(progress))

    def number(self, nodes: int, now: Progress, share: float) -> None:
        """One number of open facilities of a sweep, of which this share is answered."""
        self.show("solving", f"{nodes} open: {now.stage}", 100.0 * share, _known(now.as_dict()))


def _known(progress: dict[str, Any]) -> str:
    found, bound, gap = (progress.get(name) for name in ("incumbent", "bound", "gap"))
    known = []
    if found is not None:
        known.append(f"best found {money_short(found)}")
    if bound is not None:
        known.append(f"cannot be cheaper than {money_short(bound)}")
    if gap is not None:
        known.append(f"{gap_words(gap)} still open")
    return ", ".join(known)
