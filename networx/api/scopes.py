"""Which scope each address asks for: the one table, read by the gate before anything else of a request.

Closed by default: an address of no area here is served to nobody, whatever routes there are.
"""

from __future__ import annotations

from dataclasses import dataclass

from networx.identity.scopes import Scope

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Area:
    """An address and all below it. `reading` is asked for by methods that change nothing, `writing` by all others.

    None: whoever is known may.
    """

    path: str
    reading: Scope | None = Scope.READ
    writing: Scope | None = Scope.WRITE

    def holds(self, path: str) -> bool:
        return path == self.path or path.startswith(f"{self.path}/")


def _only(path: str, scope: Scope | None) -> Area:
    return Area(path, scope, scope)


AREAS = (
    Area("/api/uploads"),
    Area("/api/datasets"),
    Area("/api/templates"),
    Area("/api/schemas"),
    Area("/api/projects"),
    Area("/api/scenarios"),
    Area("/api/optimize"),
    Area("/api/jobs"),
    # Asking the sources costs some of what their hosts allow in a day.
    _only("/api/market/refresh", Scope.ADMIN),
    Area("/api/market"),
    # What leaves the installation is an administrator's to say; the budget is everybody's.
    _only("/api/assistant/consent", Scope.ADMIN),
    _only("/api/assistant/budget", Scope.OPERATOR),
    Area("/api/assistant"),
    _only("/api/keys", Scope.ADMIN),
    _only("/api/users", Scope.ADMIN),
    _only("/api/audit", Scope.ADMIN),
    _only("/api/tenants", Scope.OPERATOR),
    _only("/api/pauses", Scope.OPERATOR),
    _only("/api/status", Scope.OPERATOR),
    Area("/openapi.json"),
    Area("/uploads"),
    Area("/jobs"),
    Area("/assistant"),
    _only("/sign-out", None),
)
# The page where a person begins, and nothing below it.
HOME = Area("/")


def area_of(path: str) -> Area | None:
    """The area that an address lies in, or None."""
    if path == HOME.path:
        return HOME
    return next((area for area in AREAS if area.holds(path)), None)


def asked_of(method: str, area: Area) -> Scope | None:
    """The scope that a request in this area asks for."""
    return area.reading if method in SAFE_METHODS else area.writing
