"""Through which door does a command go? The server that holds the workspace, else the same API in this process.

There is one set of rules for both: the admin API. A workspace that no server holds is opened here, its stream brought
up to date, asked, and closed; no message is sent meanwhile.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from homing.core.errors import Conflict, HomingError, InvalidInput, NotFound, Overload, Refused, Terminal, Transient

TIMEOUT_S = 600.0
_BY_STATUS: dict[int, type[HomingError]] = {
    401: Refused, 403: Refused, 404: NotFound, 409: Conflict, 422: InvalidInput, 429: Transient, 502: Terminal,
    503: Transient,
}  # fmt: skip


class Api:
    """The admin API, wherever it answers.

    Args:
        url: of the server; None for the application in this process.
        token: what proves that this is the owner's command line.
        app: the application in this process.
    """

    def __init__(self, url: str | None, token: str, app: Any = None) -> None:
        self._url = url or "http://homing.local"
        self._token = token
        self._app = app
        self.remote = url is not None

    def get(self, path: str, **params: Any) -> Any:
        """GET a path under /api."""
        return self.ask("GET", path, params={k: v for k, v in params.items() if v is not None})

    def post(self, path: str, body: Any = None, **kwargs: Any) -> Any:
        """POST a JSON body to a path under /api."""
        return self.ask("POST", path, json=body, **kwargs)

    def download(self, path: str, to: Path, **params: Any) -> int:
        """GET a file and put it there; return its size in bytes."""
        wanted = {k: v for k, v in params.items() if v is not None}
        answer = self._answer("GET", path, {"params": wanted})
        if answer.status_code >= 300:
            _decoded(answer)
        to.write_bytes(answer.content)
        return len(answer.content)

    def ask(self, method: str, path: str, **kwargs: Any) -> Any:
        """Any request; the decoded answer.

        Raises:
            HomingError: of the class that the answer's status stands for.
        """
        return _decoded(self._answer(method, path, kwargs))

    def _answer(self, method: str, path: str, kwargs: dict[str, Any]) -> Any:
        import httpx  # noqa: PLC0415 - not for `--help`

        kwargs["headers"] = {"authorization": f"Bearer {self._token}"}
        try:
            if self._app is None:
                with httpx.Client(base_url=self._url, timeout=TIMEOUT_S, trust_env=False) as client:
                    answer = client.request(method, "/api" + path, **kwargs)
            else:
                answer = asyncio.run(self._in_process(method, path, kwargs))
        except httpx.TransportError as error:
            raise Transient(f"the server at {self._url} does not answer: {type(error).__name__}") from error
        return answer

    async def _in_process(self, method: str, path: str, kwargs: dict[str, Any]) -> Any:
        import httpx  # noqa: PLC0415

        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=self._url, timeout=TIMEOUT_S) as client:
            return await client.request(method, "/api" + path, **kwargs)


@contextmanager
def api_of(folder: Path) -> Iterator[Api]:
    """The admin API of a workspace.

    Raises:
        Conflict: a process that is no server holds the workspace.
    """
    from homing.runtime.lock import server_of  # noqa: PLC0415

    found = server_of(folder)
    if found is not None:
        yield Api(found.url, found.token)
        return
    from homing.api.app import admin_app  # noqa: PLC0415
    from homing.runtime import Runtime, Workspace  # noqa: PLC0415
    from homing.runtime.logs import set_up_logs  # noqa: PLC0415

    set_up_logs("none")
    token = secrets.token_urlsafe(32)
    with Runtime(Workspace.open(folder), sending=False) as runtime:
        runtime.settle(TIMEOUT_S)
        yield Api(None, token, admin_app(runtime, local_token=token))
        runtime.settle(TIMEOUT_S)


def _decoded(answer: Any) -> Any:
    if answer.status_code < 300:
        return answer.json() if answer.content else None
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        error = {"message": f"the server answered {answer.status_code}"}
    kind = _BY_STATUS.get(answer.status_code, HomingError)
    message, field = str(error.get("message", "")), error.get("field")
    raised = (
        Overload(message) if answer.status_code == 429 else kind(message, field=field, details=error.get("details"))
    )
    raised.__dict__["code"] = error.get("code", raised.code)
    raise raised
