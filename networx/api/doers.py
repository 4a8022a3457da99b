"""Who does what a request does, as the audit has it: the principal, the request's id, and from where it came."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from networx import settings
from networx.api.client_address import exact_address
from networx.api.envelope import request_id
from networx.api.principals import principal_of
from networx.db.audit import Doer


def came_from(connection: HTTPConnection) -> str | None:
    """The address that our own proxies saw, else the peer's; None without any."""
    return exact_address(connection, settings.current().trusted_proxies) or None


async def _of_request(request: Request) -> Doer:
    who = principal_of(request)
    return Doer(who.name, who.id, came_from(request), request_id.get())


Doing = Annotated[Doer, Depends(_of_request)]
