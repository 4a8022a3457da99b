"""Which limit holds for which request: the presets, and the one table that chooses among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from networx.resilience.limits import Limit

_MINUTE = timedelta(minutes=1)

STRICT = Limit("strict", 10, _MINUTE)
STANDARD = Limit("standard", 100, _MINUTE)
RELAXED = Limit("relaxed", 1000, _MINUTE)
# Of a key or a person, whatever is asked for. All of it may be used at once: a hundred runs in a second are honest.
API_KEY = Limit("key", 10_000, timedelta(hours=1))
# Of whole lists, which are many pages each; beside the limit above, of which each is one request.
EXPORTS = Limit("exports", 30, _MINUTE)


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds below a path: `stranger` for an address without a valid key, `known` for a key. None is no limit."""

    path: str
    stranger: Limit | None
    known: Limit | None = API_KEY
    methods: frozenset[str] | None = None

    def holds_for(self, method: str, path: str) -> bool:
        if self.methods is not None and method not in self.methods:
            return False
        return path == self.path or path.startswith(self.path if self.path == "/" else f"{self.path}/")


# The first that holds counts.
RULES = (
    # The load balancer's own look, and files that cost nothing.
    Rule("/api/health/live", stranger=None, known=None),
    Rule("/static", stranger=None, known=None),
    Rule("/sign-in", stranger=STRICT, methods=frozenset({"POST"})),
    Rule("/api", stranger=STANDARD),
    Rule("/openapi.json", stranger=STANDARD),
    # Pages: a person without a session is led to the sign-in, and an office shares an address.
    Rule("/", stranger=RELAXED),
)


def rule_for(method: str, path: str) -> Rule:
    """The rule that holds for a request."""
    return next(rule for rule in RULES if rule.holds_for(method, path))
