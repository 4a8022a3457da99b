"""Who does what a request does, as the audit has it: the principal, the request's id, and from where it came."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from networx import settings
from networx.api.envelope import request_id
from networx.api.principals import Who
from networx.db.audit import Doer


def came_from(connection: HTTPConnection) -> str | None:
    """The peer's address; behind the load balancer the one that the balancer appended, which stands last.

    What stands before it in X-Forwarded-For was said by the client, and may be anything.
    """
    peer = connection.client.host if connection.client else None
    if settings.current().laptop:
        return peer
    appended = ",".join(connection.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
    try:
        return str(ip_address(appended))
    except ValueError:
        return peer


def _of_request(request: Request, who: Who) -> Doer:
    return Doer(who.name, who.id, came_from(request), request_id.get())


Doing = Annotated[Doer, Depends(_of_request)]
