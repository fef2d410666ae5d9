"""Which application answers a path? One table, asked in order; collecting, tracked links and probes are public.

`/v1` collect and webhooks, `/t /u /prefs` what customers click, `/healthz /readyz /metrics` probes, `/sdk` the
browser library, `/api` admin, the rest console.
The admin application is made when it is first asked for, so that events can come in before its routes are built.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from homing.api.probes import Probes
from homing.collect.doors.hooks import PATH as HOOKS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DOORS = ("/t/", "/u/", "/prefs")


class Gateway:
    """The one application of a server.

    Args:
        collect: answers /v1.
        hooks: answers /v1/hooks.
        doors: answers tracked links, the unsubscribe door and the preference page.
        probes: answers /healthz, /readyz and /metrics.
        sdk: answers /sdk, the library for a shop's pages.
        admin: makes what answers /api.
        console: makes what answers everything else.
    """

    def __init__(
        self, *, collect: App, hooks: App, doors: App, probes: Probes, sdk: App, admin: Callable[[], App],
        console: Callable[[], App],
    ) -> None:  # fmt: skip
        self._collect = collect
        self._hooks = hooks
        self._doors = doors
        self._probes = probes
        self._sdk = sdk
        self._admin = Late(admin)
        self._console = Late(console)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to whoever answers its path."""
        if scope["type"] == "lifespan":
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        await self._choose(scope["path"])(scope, receive, send)

    def warm(self) -> None:
        """Make what is made late."""
        self._admin.made()
        self._console.made()

    def _choose(self, path: str) -> App:
        if path.startswith("/v1/"):
            return self._hooks if path.startswith(HOOKS) else self._collect
        if path.startswith(DOORS):
            return self._doors
        if path in Probes.PATHS:
            return self._probes
        if path.startswith("/sdk/"):
            return self._sdk
        if path == "/api" or path.startswith("/api/"):
            return self._admin
        return self._console


class Late:
    """An application that is made when it is first needed, once."""

    def __init__(self, make: Callable[[], App]) -> None:
        self._make = make
        self._app: App | None = None
        self._lock = threading.Lock()

    def made(self) -> App:
        """The application."""
        with self._lock:
            if self._app is None:
                self._app = self._make()
            return self._app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        app = self._app
        if app is None:
            app = await asyncio.to_thread(self.made)
        await app(scope, receive, send)
