"""Is the server alive, is it ready, and how is it doing? Three paths for machines that watch it.

`/healthz` says that the process answers. `/readyz` says that work is done: stream alive, log writable, not far behind.
`/metrics` is for this machine, or for whoever has an admin key.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, ClassVar

import msgspec
from prometheus_client import generate_latest

from homing.collect import CollectApp
from homing.runtime import Runtime
from homing.runtime.metrics import EVENTS, REGISTRY

Scope = MutableMapping[str, Any]
_JSON = b"application/json"
_TEXT = b"text/plain; version=0.0.4; charset=utf-8"


class Probes:
    """The application for probes.

    Args:
        runtime: what is watched.
        collect: counts the events at the door.
    """

    PATHS: ClassVar = frozenset({"/healthz", "/readyz", "/metrics"})

    def __init__(self, runtime: Runtime, collect: CollectApp) -> None:
        self._runtime = runtime
        self._collect = collect
        self._counted: dict[str, int] = {}

    async def __call__(
        self, scope: Scope, _receive: object, send: Callable[[MutableMapping[str, Any]], Awaitable[None]]
    ) -> None:
        """Answer one request."""
        status, kind, body = await asyncio.to_thread(self._answer, scope)
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _answer(self, scope: Scope) -> tuple[int, bytes, bytes]:
        if scope["path"] == "/healthz":
            return 200, _JSON, b'{"ok":true}'
        if scope["path"] == "/readyz":
            found = self._runtime.ready()
            return 200 if found["ready"] else 503, _JSON, msgspec.json.encode(found)
        if not self._may_watch(scope):
            return 401, _JSON, b'{"error":{"code":"not_signed_in","message":"wanted an admin key"}}'
        self._refresh()
        return 200, _TEXT, generate_latest(REGISTRY)

    def _refresh(self) -> None:
        self._runtime.refresh_metrics()
        for verdict in ("accepted", "duplicate", "rejected"):
            now = self._collect.counts[verdict]
            EVENTS.labels(verdict).inc(now - self._counted.get(verdict, 0))
            self._counted[verdict] = now

    def _may_watch(self, scope: Scope) -> bool:
        client = scope.get("client") or ("",)
        try:
            if ipaddress.ip_address(client[0]).is_loopback:
                return True
        except ValueError:
            return False
        scheme, _, key = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1").partition(" ")
        return scheme.lower() == "bearer" and self._runtime.workspace.keys.admin_of(key.strip()) is not None
