"""Who is calling, and may they? Asked before the body is read; a route that says nothing is for owners only.

Credentials: the session cookie, `Authorization: Bearer hk_…`, or the token of `run/server.json` from this machine.
A change that comes by cookie must carry `X-Homing: 1` and an `Origin` that is ours, so no other site can make a browser
do it.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from homing.api.context import Context, context_of
from homing.core.errors import NotSignedIn, Refused
from homing.govern import Caller, Role, require

COOKIE = "homing_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__homing_role__"


def needs(role: Role | Literal["open"]) -> Callable[[F], F]:
    """Decorator of a route function: the smallest role that may call it, or `open` for a public door."""

    def mark(endpoint: F) -> F:
        setattr(endpoint, _MARK, role)
        return endpoint

    return mark


def needed(endpoint: Callable[..., Any]) -> Role | Literal["open"]:
    """The role a route function asks for; owner when it says nothing."""
    found: Role | Literal["open"] = getattr(endpoint, _MARK, "owner")
    return found


class Door(APIRoute):
    """A route that asks who is calling before anything else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route behind its door."""
        inner = super().get_route_handler()
        role = needed(self.endpoint)

        async def handle(request: Request) -> Response:
            await run_in_threadpool(_admit, request, role)
            return await inner(request)

        return handle


def _admit(request: Request, role: Role | Literal["open"]) -> None:
    found = identify(request)
    if request.method not in SAFE and (role == "open" or (found is not None and found.by_cookie)):
        _same_site(request, strict=role != "open")
    request.state.caller = found
    if role != "open":
        require(found, role)


def caller_of(request: Request) -> Caller:
    """Whoever was let in."""
    return require(request.state.caller, "viewer")


Who = Annotated[Caller, Depends(caller_of)]


def identify(request: Request) -> Caller | None:
    """Whoever the credentials of a request belong to; None when it carries none."""
    context = context_of(request)
    header = request.headers.get("authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        return _by_bearer(request, context, token.strip()) if scheme.lower() == "bearer" else None
    user = context.sessions.holder(request.cookies.get(COOKIE, ""), now_us=context.wall_us())
    return Caller(f"user:{user.user_id}", user.role, by_cookie=True, user_id=user.user_id) if user else None


def _by_bearer(request: Request, context: Context, token: str) -> Caller:
    key = context.keys.admin_of(token)
    if key is not None:
        return Caller(f"key:{key}", "owner")
    local = context.local_token
    if local and hmac.compare_digest(local.encode(), token.encode()) and _from_here(request):
        return Caller("local", "owner")
    raise NotSignedIn("the key is no live admin key, wanted one that begins with hk_")


def _from_here(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _same_site(request: Request, *, strict: bool) -> None:
    origin = request.headers.get("origin")
    if strict and request.headers.get("x-homing") != "1":
        raise Refused("a change by cookie came without the header X-Homing: 1", field="x-homing")
    if origin is None and not strict:
        return
    if origin is None or not _ours(request, origin):
        raise Refused("the request comes from another site or does not say where from", field="origin")


def _ours(request: Request, origin: str) -> bool:
    parts = urlsplit(origin)
    public = urlsplit(context_of(request).settings.base_url)
    return parts.netloc == request.headers.get("host") or (parts.scheme, parts.netloc) == (public.scheme, public.netloc)
