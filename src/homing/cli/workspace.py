"""`homing doctor|rebuild|openapi|version`: the workspace itself and the installation."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from homing import __version__
from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import note, say, table, working


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(doctor)
    app.command()(rebuild)
    app.command()(openapi)
    app.command()(version)


def doctor(
    workspace: Folder = FOLDER,
    port: Annotated[int, typer.Option("--port", "-p", envvar="HOMING_PORT", help="The port to be used.")] = 8700,
    as_json: Json = False,
) -> None:
    """Look for what would go wrong: ports, disk, permissions, versions, zone, clock, mail server, customers."""
    from homing.cli.checks import examine  # noqa: PLC0415

    found = examine(workspace, port)
    ok = all(check.state != "bad" for check in found)
    if as_json:
        say({"ok": ok, "checks": [check.as_dict() for check in found]}, as_json=True)
    else:
        table(("check", "state", "found"), [(c.name, c.state, c.found) for c in found])
    if not ok:
        raise typer.Exit(1)


def rebuild(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Drop everything derived and compute it again from the log; the log, sends and definitions stay."""
    from homing.runtime.logs import set_up_logs  # noqa: PLC0415
    from homing.runtime.rebuild import rebuild as run  # noqa: PLC0415

    set_up_logs("none")
    note("homing: reading the log again from its beginning")
    with working("rebuilding", quiet=as_json):
        done = run(workspace)
    say(done, as_json=as_json, text=f"{done['events']} events read again in {done['seconds']:.1f} s")


def openapi(as_json: Json = False) -> None:  # noqa: ARG001 - it is JSON either way
    """Print the description of the admin API (OpenAPI 3.1)."""
    from homing.api import openapi as describe  # noqa: PLC0415

    say(describe(), as_json=False)


def version(as_json: Json = False) -> None:
    """Print the version."""
    say({"version": __version__, "python": sys.version.split()[0]}, as_json=as_json, text=f"homing {__version__}")
