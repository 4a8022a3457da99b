"""What a key or a person may do, and who may give it to others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

from networx.errors import Forbidden, Problem, RefusedInput


class Scope(StrEnum):
    """One right. None includes another: a key that reads and writes has both."""

    READ = "read"  # see what is the tenant's
    WRITE = "write"  # change it: upload, run, cancel
    ADMIN = "admin"  # keys and people of the tenant, and its audit
    OPERATOR = "operator"  # what reaches beyond a tenant: tenants, pauses, the standing of the engine


EVERY_SCOPE = tuple(scope.value for scope in Scope)


def known_scopes(scopes: Sequence[str]) -> list[str]:
    """The scopes in their order, each once. Raises RefusedInput for an unknown one, or for none."""
    unknown = sorted(set(scopes) - set(EVERY_SCOPE))
    if unknown or not scopes:
        wrong = unknown or [""]
        raise RefusedInput(
            [
                Problem(f"Scopes are one or more of {', '.join(EVERY_SCOPE)}.", "choice", column="scopes", value=word)
                for word in wrong
            ]
        )
    return [scope for scope in EVERY_SCOPE if scope in scopes]


def require_may_give(own: Collection[str], given: Collection[str]) -> None:
    """Raises Forbidden where somebody would hand out `operator` without holding it."""
    if Scope.OPERATOR in given and Scope.OPERATOR not in own:
        raise Forbidden(what="Only who holds the scope `operator` may give it, or renew a key that has it.")
