"""The pages: a server-rendered shell for the components, and on a laptop the way to sign in."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from networx import settings
from networx.api import people, sessions
from networx.api.gate import require_same_origin
from networx.api.headers import page_policy
from networx.api.object_store import upload_origin
from networx.api.page_templates import pages
from networx.api.principals import Who
from networx.api.sessions import Session
from networx.errors import NotFound

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, who: Who) -> Response:
    """Where a person begins."""
    return _page(request, "home.html", person=who.name)


@router.get("/uploads/{upload_id}")
def upload(upload_id: UUID, request: Request, who: Who) -> Response:
    """One upload: its problems, or the way to run it."""
    return _page(request, "upload.html", person=who.name, upload_id=str(upload_id))


@router.get("/jobs/{job_id}")
def job(job_id: UUID, request: Request, who: Who) -> Response:
    """One job, live, and its result."""
    return _page(request, "job.html", person=who.name, job_id=str(job_id))


@router.get("/assistant")
def assistant(request: Request, who: Who) -> Response:
    """What the assistant may see, and what it used."""
    return _page(request, "assistant.html", person=who.name)


@router.get("/favicon.ico")
def favicon() -> Response:
    """Browsers ask for it by themselves."""
    return RedirectResponse("/static/icon.svg", status_code=308)


@router.get("/sign-in")
def sign_in_page(request: Request, onward: Annotated[str, Query(alias="next")] = "/") -> Response:
    """One button, on a laptop only."""
    _require_own_machine(request)
    return _page(request, "sign_in.html", onward=_local_path(onward))


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Begin a session as the local developer."""
    _require_own_machine(request)
    require_same_origin(request)
    onward = parse_qs((await request.body()).decode("utf-8", "replace")).get("next", ["/"])[0]
    answer = RedirectResponse(_local_path(onward), status_code=303)
    await run_in_threadpool(_begin, request, answer)
    return answer


@router.post("/sign-out")
def sign_out(request: Request, _who: Who) -> Response:
    """End the session. Behind a load balancer every other page of ours would begin the next one."""
    answer: Response = RedirectResponse("/sign-in", status_code=303)
    if settings.current().sign_in is not None:
        answer = _page(request, "signed_out.html")
    sessions.end(request, answer)
    return answer


def _begin(request: Request, answer: Response) -> None:
    people.local_developer()
    sessions.hand_out(request, answer, sessions.begin(Session()))


def _page(request: Request, template: str, **context: str) -> Response:
    origin = upload_origin() if "person" in context else None
    headers = {"Content-Security-Policy": page_policy(origin), "Cache-Control": "no-store"}
    return pages.TemplateResponse(request, template, context, headers=headers)


def _require_own_machine(request: Request) -> None:
    # The peer's address cannot be forged; the Host header keeps a foreign name that resolves here from speaking for us.
    peer = request.client.host if request.client else ""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if not (settings.current().laptop and _loopback(peer) and (host == "localhost" or _loopback(host))):
        raise NotFound(what="page", id="sign-in")


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _local_path(onward: str) -> str:
    local = onward.startswith("/") and not onward.startswith(("//", "/\\")) and onward.isprintable()
    return onward if local else "/"
