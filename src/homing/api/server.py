"""How does a workspace answer over HTTP? Its runtime, one gateway and one uvicorn, started and stopped together.

The socket is taken before anything is announced, so a port in use is an error and not a surprise. Stopping closes the
door first, gives requests in hand three seconds, then stops the runtime.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import structlog
import uvicorn

from homing.act.doors import PublicDoors
from homing.api.gateway import App, Gateway
from homing.api.library import BrowserLibrary
from homing.api.probes import Probes
from homing.api.protocol import protocol_for
from homing.collect import collect_app
from homing.collect.doors.hooks import HooksApp
from homing.core.errors import Conflict, Transient
from homing.core.settings import Settings, load_settings
from homing.runtime import Clock, Runtime, Workspace

GRACE_S = 3
START_S = 30.0
_log = structlog.get_logger("homing.server")
Demo = Callable[[], Mapping[str, Any]]


class Listener:
    """A socket that is taken, and the address it answers on.

    Args:
        host: the address to listen on.
        port: 0 takes any free one.

    Raises:
        Conflict: the port cannot be used.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 8700) -> None:
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind((host, port))
            self.socket.listen(2048)
        except OSError as error:
            self.socket.close()
            why = error.strerror or type(error).__name__
            raise Conflict(f"port {port} on {host} cannot be used ({why}), wanted a free one: --port") from error
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
        self.url = f"http://{shown}:{self.socket.getsockname()[1]}"

    def close(self) -> None:
        """Let go of the port."""
        self.socket.close()


class Server:
    """A runtime that answers over HTTP.

    Args:
        runtime: made by the caller; started and stopped here.
        listener: where it answers.
        demo: the demo's own report, when this workspace is one.
    """

    def __init__(self, runtime: Runtime, listener: Listener, *, demo: Demo | None = None) -> None:
        self.runtime = runtime
        self.url = listener.url
        self.token = secrets.token_urlsafe(32)
        self._demo = demo
        self._listener = listener
        w = runtime.workspace
        self._collect = collect_app(w.log, w.state, w.keys.source_of, w.clock, w.settings,
                                    checkpoint=runtime.checkpoint)  # fmt: skip
        self._hooks = HooksApp(runtime.sources.hook, w.state, w.clock)
        self.gateway = Gateway(
            collect=self._collect,
            hooks=self._hooks,
            doors=PublicDoors(w.state, w.log, w.settings, w.clock),
            probes=Probes(runtime, self._collect),
            sdk=BrowserLibrary(w.settings.site_consent),
            admin=self._make_admin,
            console=_make_console,
        )
        config = uvicorn.Config(
            self.gateway, lifespan="off", access_log=False, log_config=None, server_header=False, date_header=False,
            timeout_graceful_shutdown=GRACE_S, timeout_keep_alive=30, ws="none", backlog=2048,
            http=protocol_for(self._collect.door),
        )  # fmt: skip
        self._http = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._warming = threading.Thread(target=self.gateway.warm, name="warm-up", daemon=True)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 8700,
        clock: Clock | None = None,
        settings: Settings | None = None,
        demo: Demo | None = None,
    ) -> Server:
        """A server for the workspace in `folder`; tracked links lead to it unless the settings name another address.

        Raises:
            Conflict: the port or the workspace is held by another process.
            InvalidInput: the settings cannot be used.
        """
        listener = Listener(host, port)
        try:
            settings = settings or load_settings(folder, dict(os.environ))
            if "base_url" not in settings.model_fields_set:
                settings = settings.model_copy(update={"base_url": listener.url})
            return cls(Runtime(Workspace.open(folder, clock, settings)), listener, demo=demo)
        except BaseException:
            listener.close()
            raise

    def start(self) -> Server:
        """Start the runtime, then answer; return once requests are taken.

        Raises:
            Transient: the server did not come up.
        """
        self.runtime.start()
        self._thread.start()
        ends = time.monotonic() + START_S
        while not self._http.started:
            if not self._thread.is_alive() or time.monotonic() > ends:
                self.stop()
                raise Transient(f"the HTTP server did not start within {START_S:g} s")
            time.sleep(0.002)
        self.runtime.workspace.announce(self.url, self.token)
        self._warming.start()
        _log.info("server_started", url=self.url)
        return self

    def stop(self) -> None:
        """Take no more requests, finish those in hand, stop the runtime, close the workspace."""
        self._http.should_exit = True
        if self._thread.ident is not None:
            self._thread.join()
        if self._warming.ident is not None:
            self._warming.join(GRACE_S)
        self._listener.close()
        self._collect.close()
        self._hooks.close()
        self.runtime.stop()
        _log.info("server_stopped")

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self) -> None:
        self._http.run(sockets=[self._listener.socket])

    def _make_admin(self) -> App:
        from homing.api.app import admin_app  # noqa: PLC0415 - half a second of imports that no event waits for

        return cast("App", admin_app(self.runtime, local_token=self.token, demo=self._demo))


def _make_console() -> App:
    from homing.console.app import create  # noqa: PLC0415

    return cast("App", create())
