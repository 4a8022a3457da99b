"""Who is asking: a key or a person, for whom and with which scopes. How they are told: people.py, the gate: gate.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from networx.db import pool
from networx.db.journeys import Found, Message, Statement
from networx.errors import Forbidden, Unauthenticated
from networx.identity import keys
from networx.identity.api_key import read_key
from networx.identity.scopes import Scope


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a request acts for. `name` is the key's or the person's, for the log; `id` the key's or the person's."""

    tenant_id: UUID
    tenant: str
    name: str
    scopes: frozenset[str] = frozenset()
    id: UUID | None = None

    def require(self, scope: Scope) -> None:
        """Raises Forbidden unless the scope is among the principal's."""
        if scope in self.scopes:
            return
        if scope is Scope.OPERATOR:
            self.require_operator("This")
        raise Forbidden(what=f"This {_needs(scope)}")

    def require_operator(self, what: str) -> None:
        """Raises Forbidden unless the scopes reach beyond the tenant. `what` is being asked for, as a noun."""
        if Scope.OPERATOR not in self.scopes:
            raise Forbidden(what=f"{what} reaches beyond your tenant: it {_needs(Scope.OPERATOR)}")


def _needs(scope: Scope) -> str:
    return f"needs an API key, or a user, with the scope `{scope}`."


def holder_of(text: str) -> Principal:
    """The holder of an API key. A typo is told without the record. Raises Unauthenticated, Forbidden."""
    with ExitStack() as held:
        return holder_asked_for(text, held)()[0]


def holder_asked_for(
    text: str, held: ExitStack, beside: Sequence[Statement] = ()
) -> Callable[[], tuple[Principal, list[Found]]]:
    """As `holder_of`, in two steps: the record is asked now and waited for when the answer is called for.

    `held` keeps the connection until then. `beside` is asked in the same journey, as networx_system.
    """
    key = read_key(text.strip())
    if key is None:
        raise Unauthenticated(
            what="This is no API key of NetWORX: a character is missing, too many or wrong. Copy the key once more."
        )
    connection = held.enter_context(pool.at_once())
    asked = Message(connection, (keys.asking(key), *beside))

    def told() -> tuple[Principal, list[Found]]:
        found, *more = asked.answers()
        holder = keys.tell(connection, key, found)
        return Principal(holder.tenant_id, holder.tenant, holder.name, holder.scopes, holder.key_id), more

    return told


def principal_of(connection: HTTPConnection) -> Principal:
    """Whom the gate let in with this request. Raises Unauthenticated."""
    principal = connection.scope.get("principal")
    if not isinstance(principal, Principal):
        raise Unauthenticated
    return principal


async def _of_request(request: Request) -> Principal:
    # A coroutine, as every dependency here: what waits for nothing needs no thread.
    return principal_of(request)


Who = Annotated[Principal, Depends(_of_request)]
