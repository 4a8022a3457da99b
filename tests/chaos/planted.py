"""Bugs that the suite must find: each is a small change of a module's text, made as the module is imported.

`plant` comes before the first import of `networx.jobs` in a process of the product's. A bug whose text is no longer
there exactly once is refused, so that none of them ends up testing nothing.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, NamedTuple


class Change(NamedTuple):
    """`before`, which stands once in the module's text, becomes `after`."""

    module: str
    before: str
    after: str


PLANTED: dict[str, tuple[Change, ...]] = {
    # Whoever runs the job publishes, also a worker that lost it long ago.
    "completion-without-fence": (
        Change(
            "networx.jobs.endings",
            "complete_jobs(%(ids)s::uuid[], %(fences)s::bigint[], ",
            "complete_jobs(%(ids)s::uuid[], ARRAY(SELECT jobs.fence FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY "
            "AS done (id, place) JOIN jobs USING (id) ORDER BY place), ",
        ),
    ),
    # What was stale when it was looked for is put back, whatever became of it since. The lock of the look-up guards the
    # same moment, so it goes too.
    "stale-update-without-predicate": (
        Change("networx.jobs.recovery", "ORDER BY heartbeat_at LIMIT 200 FOR UPDATE SKIP LOCKED", "LIMIT 200"),
        Change(
            "networx.jobs.recovery",
            "WHERE jobs.id = stale.id AND status = 'running' AND heartbeat_at < clock_timestamp() - %(stale_after)s",
            "WHERE jobs.id = stale.id",
        ),
    ),
    # The message goes when a worker takes it, not when its job is settled.
    "message-deleted-before-the-commit": (
        Change(
            "networx.jobs.worker",
            "        spent = unsettled = False\n",
            "        spent = unsettled = False\n        self._queue.delete(message)\n",
        ),
    ),
    # What is sent about one job counts as one message, for five minutes.
    "content-based-deduplication": (
        Change("networx.jobs.queue", 'return f"{self.job_id}.{self.fence}"', "return str(self.job_id)"),
    ),
}


class _Changed(SourceFileLoader):
    """Compiles a module's changed text, and neither reads nor writes a cache of it."""

    def __init__(self, fullname: str, path: str, changes: Sequence[Change]) -> None:
        super().__init__(fullname, path)
        self._changes = changes

    def get_code(self, fullname: str) -> CodeType:
        text = self.get_data(self.path).decode()
        return compile(changed(text, self._changes), self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, changes: Sequence[Change]) -> None:
        self._changes = changes

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        changes = [change for change in self._changes if change.module == fullname]
        if not changes:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        return importlib.util.spec_from_file_location(fullname, loader=_Changed(fullname, spec.origin, changes))


def changed(text: str, changes: Sequence[Change]) -> str:
    """The text with the changes made. Raises LookupError where one does not fit."""
    for change in changes:
        if text.count(change.before) != 1:
            raise LookupError(f"{change.module} has {change.before!r} {text.count(change.before)} times, not once")
        text = text.replace(change.before, change.after)
    return text


def plant(name: str) -> None:
    """From now on this process imports the changed modules."""
    changes = PLANTED[name]
    already = {change.module for change in changes} & set(sys.modules)
    assert not already, f"{already} are imported already: nothing would change"
    sys.meta_path.insert(0, _Finder(changes))
