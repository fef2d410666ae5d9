"""`homing up`: collect, stream, console and API in one process, until it is told to stop."""

from __future__ import annotations

import ipaddress
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import note, say
from homing.core.errors import Transient

if TYPE_CHECKING:
    from homing.api.server import Server

Port = Annotated[int, typer.Option("--port", "-p", envvar="HOMING_PORT", min=0, max=65535, help="0 takes a free one.")]


def join(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    workspace: Folder = FOLDER,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Port = 8700,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the console.")] = False,
    as_json: Json = False,
) -> None:
    """Start the server: collecting, the stream, sending, the console."""
    from homing.api.server import Server  # noqa: PLC0415 - the server's imports are not for `--help`
    from homing.runtime.logs import set_up_logs  # noqa: PLC0415

    set_up_logs("console" if sys.stderr.isatty() and not as_json else "json")
    server = Server.open(workspace, host=host, port=port)
    if not _is_loopback(host):
        note(f"homing: listening on {host} without encryption; put a proxy with TLS in front and set base_url")
    serve(server, browser=not no_browser and not as_json, as_json=as_json)


def serve(server: Server, *, browser: bool, as_json: bool) -> None:
    """Run a server until SIGTERM or Ctrl-C, then stop it cleanly."""
    from homing.govern import new_setup_token  # noqa: PLC0415
    from homing.runtime import SystemClock  # noqa: PLC0415

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server.start()
    token = new_setup_token(server.runtime.workspace.state, now_us=SystemClock()())
    link = f"{server.url}/setup?token={token}" if token else None
    say(
        {"url": server.url, "workspace": str(server.runtime.workspace.folder), "pid": os.getpid(), "setup": link},
        as_json=as_json,
        text=f"Homing answers on {server.url}" + (f"\nCreate the owner, once: {link}" if link else ""),
    )
    sys.stdout.flush()
    if browser and sys.stdout.isatty():
        import webbrowser  # noqa: PLC0415

        webbrowser.open(link or server.url)
    log = server.runtime.workspace.log
    while not stop.wait(1.0) and log.writable:
        pass
    broken = not log.writable
    server.stop()
    if broken:
        raise Transient("the log could not be written, so the server stopped; start it again once the disk is well")
    note("homing: stopped")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
