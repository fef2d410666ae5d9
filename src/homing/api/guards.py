"""What holds for every answer and every request body? Headers that keep browsers careful, and a size limit.

The limit counts what arrives and not only what `Content-Length` says, so a chunked body cannot go around it.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from homing.api.language import said

BODY_BYTES = 1 << 20
UPLOAD_BYTES = 1 << 30
UPLOAD_PATHS = ("/api/imports",)
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guards:
    """ASGI middleware: security headers out, bounded bodies in."""

    def __init__(self, app: ASGIApp, *, body_bytes: int = BODY_BYTES, upload_bytes: int = UPLOAD_BYTES) -> None:
        self._app = app
        self._body_bytes = body_bytes
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._upload_bytes if scope["path"] in UPLOAD_PATHS else self._body_bytes

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if _said(scope) > limit:
            error = {"code": "too_large", "message": said(f"the body has {_said(scope)} bytes, wanted at most {limit}")}
            await JSONResponse({"error": error}, status_code=413)(scope, receive, out)
            return
        await self._app(scope, _counting(receive, limit), out)


def _counting(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413, f"the body has over {limit} bytes, wanted at most {limit}")
        return message

    return counted


def _said(scope: MutableMapping[str, Any]) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
