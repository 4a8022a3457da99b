"""All routes behind one door: which of them an address can mean is looked up by how it begins.

The framework asks route after route, and a router that was included twice, which for the last of ours takes longer than
most requests do otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from networx.api.provisional import settled_before


class Directory(BaseRoute):
    """The routes, each found as the router would have found it: the first in their order that matches."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes: Sequence[Route] = tuple(routes)
        self._below: dict[str, list[Route]] = defaultdict(list)
        for route in self.routes:
            begins = _beginning(route.path)
            assert "{" not in begins, f"{route.path} begins with what differs"
            self._below[begins].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Of the first route that takes the request, else of the first that is at its address."""
        at_address: tuple[Match, Scope] = (Match.NONE, {})
        for route in self._below.get(_beginning(scope["path"]), ()) if scope["type"] == "http" else ():
            found = route.matches(scope)
            if found[0] is Match.FULL:
                return found
            if at_address[0] is Match.NONE:
                at_address = found
        return at_address

    def at(self, scope: Scope) -> list[Route]:
        """Every route at the request's address, whatever its method."""
        return [
            route
            for route in self._below.get(_beginning(scope["path"]), ())
            if route.matches(scope)[0] is not Match.NONE
        ]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """By the route that was found; every route of ours states itself in the scope."""
        await settled_before(scope["endpoint"], scope)
        await scope["route"].handle(scope, receive, send)


def _beginning(path: str) -> str:
    """`/api/jobs/...` lies below `api/jobs`, any other address below its first word."""
    _, first, *more = path.split("/", 3) if path.startswith("/") else ("", "")
    return f"{first}/{more[0]}" if first == "api" and more else first
