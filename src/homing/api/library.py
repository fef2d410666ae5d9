"""How does the browser library reach a shop's pages? One script at `/sdk/homing.js`, small and kept by browsers.

The script says what the workspace asks for: its word for consent is written into it here, so that a page needs no
second request to know. A browser keeps it for an hour and then asks whether it changed.
"""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

PATH: Final = "/sdk/homing.js"
FILE: Final = Path(__file__).parents[1] / "console" / "static" / "sdk" / "homing.js"
_MARK: Final = b"__HOMING_CONSENT__"
_KEEP: Final = b"public, max-age=3600, stale-while-revalidate=86400"
_MISSING: Final = b"the browser library is not built: `npm ci && npm run build` in console/"

Scope = MutableMapping[str, Any]
Header = tuple[bytes, bytes]


class _Script(NamedTuple):
    changed_ns: int
    plain: bytes
    packed: bytes
    tag: bytes


class BrowserLibrary:
    """The application for `/sdk/homing.js`.

    Args:
        consent: what the workspace asks of its sites: `required` or `implied`.
        file: the built script.
    """

    def __init__(self, consent: Literal["required", "implied"], file: Path = FILE) -> None:
        self._consent = consent.encode()
        self._file = file
        self._read: _Script | None = None

    async def __call__(
        self, scope: Scope, _receive: object, send: Callable[[MutableMapping[str, Any]], Awaitable[None]]
    ) -> None:
        """Answer one request."""
        status, headers, body = self._answer(scope)
        sent = b"" if scope["method"] == "HEAD" or status == 304 else body
        if status != 304:
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": sent})

    def _answer(self, scope: Scope) -> tuple[int, list[Header], bytes]:
        plain: list[Header] = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
        if scope["method"] not in {"GET", "HEAD"}:
            return 405, [*plain, (b"allow", b"GET, HEAD")], b"wanted GET"
        script = self._script() if scope["path"] == PATH else None
        if script is None:
            return 404, plain, _MISSING if scope["path"] == PATH else b"not found"
        asked = dict(scope["headers"])
        headers: list[Header] = [
            (b"etag", script.tag),
            (b"cache-control", _KEEP),
            (b"vary", b"accept-encoding"),
            (b"access-control-allow-origin", b"*"),
            (b"cross-origin-resource-policy", b"cross-origin"),
        ]
        if script.tag in [tag.strip() for tag in asked.get(b"if-none-match", b"").split(b",")]:
            return 304, headers, b""
        headers += [(b"content-type", b"text/javascript; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
        if b"gzip" in asked.get(b"accept-encoding", b""):
            return 200, [*headers, (b"content-encoding", b"gzip")], script.packed
        return 200, headers, script.plain

    def _script(self) -> _Script | None:
        """The script as it is on disk now; None without a build."""
        try:
            changed = self._file.stat().st_mtime_ns
            if self._read is None or self._read.changed_ns != changed:
                plain = self._file.read_bytes().replace(_MARK, self._consent)
                tag = b'W/"' + sha256(plain).hexdigest()[:20].encode() + b'"'
                self._read = _Script(changed, plain, gzip.compress(plain, 9, mtime=0), tag)
        except OSError:
            return None
        return self._read
