"""Which application answers under /api? FastAPI routes behind one door, one error shape, OpenAPI 3.1.

Everything is closed but signing in and setting up: a route without a declared role is for owners, so forgetting to
declare one closes it. Routes are plain functions and run in threads; nothing here blocks the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from homing import __version__
from homing.api import errors
from homing.api.auth import COOKIE, Door
from homing.api.context import Context, wall_us
from homing.api.guards import Guards
from homing.api.language import Spoken
from homing.api.routes import ROUTERS
from homing.api.shapes.basics import Failure
from homing.govern import Sessions, Users

if TYPE_CHECKING:
    from homing.runtime import Runtime

PREFIX = "/api"
OPEN = frozenset({("get", "/api/session"), ("post", "/api/session"), ("post", "/api/setup")})
_FAILURES: dict[int | str, dict[str, Any]] = {
    401: {"model": Failure, "description": "nobody is signed in, or the key is wrong"},
    403: {"model": Failure, "description": "the role is too small, or a change came without its proof"},
    404: {"model": Failure, "description": "what was named does not exist"},
    409: {"model": Failure, "description": "it changed meanwhile, or exists already"},
    422: {"model": Failure, "description": "the request cannot be taken as it is"},
    429: {"model": Failure, "description": "too much at once; `Retry-After` says when"},
}


def admin_app(
    runtime: Runtime,
    *,
    local_token: str | None = None,
    demo: Callable[[], Mapping[str, Any]] | None = None,
    wall: Callable[[], int] = wall_us,
) -> FastAPI:
    """The admin API of a running workspace; its paths begin with /api.

    Args:
        runtime: the running workspace.
        local_token: what the command line on this machine may use as a key; the server writes it to `run/server.json`.
        demo: the demo's own report, when this workspace is one.
        wall: the clock that sessions, keys and the audit log go by, microseconds UTC.
    """
    app = _bare()
    state, keys = runtime.workspace.state, runtime.workspace.keys
    app.state.context = Context(runtime, Users(state), Sessions(state), keys, local_token, demo, wall)
    return app


def openapi() -> dict[str, Any]:
    """The description of the admin API, OpenAPI 3.1; needs no workspace."""
    return _bare().openapi()


def _bare() -> FastAPI:
    app = FastAPI(title="Homing", version=__version__, docs_url=None, redoc_url=None, openapi_url=None,
                  generate_unique_id_function=lambda route: route.name)  # fmt: skip
    app.router.route_class = Door
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX, responses=_FAILURES)
    errors.install(app)
    app.add_middleware(Guards)
    app.add_middleware(Spoken)
    app.openapi = cache(lambda: _describe(app))  # type: ignore[method-assign]
    return app


def _describe(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="Homing admin API", version=__version__, routes=app.routes, openapi_version="3.1.0",
        description="Everything the console does. Changes by cookie need the header `X-Homing: 1`.",
    )  # fmt: skip
    document.setdefault("components", {})["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        "key": {"type": "http", "scheme": "bearer", "description": "an admin key, hk_…"},
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            operation["security"] = [] if (method, path) in OPEN else [{"session": []}, {"key": []}]
    return document
