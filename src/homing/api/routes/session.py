"""Signing in and out, and the first owner. The only public doors of the admin API are here."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from homing.api.auth import COOKIE, Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.shapes.doors import ClockOut, NewPassword, SessionOut, SetUp, SignIn, UserOut, WorkspaceOut
from homing.core.errors import Refused
from homing.core.time import SECOND
from homing.govern import User, complete_setup
from homing.govern.sessions import LIVES_US

router = APIRouter(route_class=Door, tags=["session"])


@router.get("/session")
@needs("open")
def read_session(request: Request, ctx: Ctx) -> SessionOut:
    """Who is signed in, and where; answers without credentials too."""
    user = ctx.sessions.holder(request.cookies.get(COOKIE, ""), now_us=ctx.wall_us())
    return _session(ctx, user)


@router.post("/session")
@needs("open")
def sign_in(body: SignIn, request: Request, response: Response, ctx: Ctx) -> SessionOut:
    """Sign in with e-mail and password; the answer sets the cookie."""
    user = ctx.users.sign_in(body.email, body.password, _address(request), now_us=ctx.wall_us())
    _remember(request, response, ctx, user.user_id)
    return _session(ctx, user)


@router.delete("/session", status_code=204)
@needs("viewer")
def sign_out(request: Request, response: Response, ctx: Ctx) -> None:
    """End this session."""
    ctx.sessions.end(request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.put("/session/password", status_code=204)
@needs("viewer")
def change_password(body: NewPassword, request: Request, response: Response, who: Who, ctx: Ctx) -> None:
    """Change one's own password; every session of the user ends but this one, which is renewed."""
    if who.user_id is None:
        raise Refused("a key has no password, wanted a signed-in user")
    ctx.users.change_password(who.user_id, body.old, body.new, _address(request), now_us=ctx.wall_us())
    _remember(request, response, ctx, who.user_id)


@router.post("/setup")
@needs("open")
def set_up(body: SetUp, request: Request, response: Response, ctx: Ctx) -> SessionOut:
    """Make the first owner by the one-time link that starting the server printed, and sign in."""
    address, now = _address(request), ctx.wall_us()
    ctx.users.throttle.check("setup", address, now_us=now)
    try:
        user = complete_setup(ctx.state, body.token, body.email, body.name, body.password, now_us=now)
    except Refused:
        ctx.users.throttle.failed("setup", address, now_us=now)
        raise
    _remember(request, response, ctx, user.user_id)
    return _session(ctx, user)


def _session(ctx: Context, user: User | None) -> SessionOut:
    clock = ctx.runtime.workspace.clock
    return SessionOut(
        setup_needed=user is None and not ctx.users.exist(),
        user=UserOut.model_validate(user) if user else None,
        workspace=WorkspaceOut(
            name=ctx.settings.name, zone=ctx.settings.zone, currency=ctx.settings.currency, demo=ctx.demo is not None,
            clock=ClockOut(now=ctx.now_iso(), kind=clock.kind, speed=clock.speed),
        ),
    )  # fmt: skip


def _remember(request: Request, response: Response, ctx: Context, user_id: str) -> None:
    response.set_cookie(
        COOKIE, ctx.sessions.start(user_id, now_us=ctx.wall_us()), max_age=LIVES_US // SECOND, path="/",
        httponly=True, samesite="lax", secure=request.url.scheme == "https",
    )  # fmt: skip


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
