"""`homing formats`: the formats a file can be in that is no table of ours, and their settings."""

from __future__ import annotations

import typer

from homing.cli.options import Json
from homing.cli.output import say, table


def join(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(formats)


def formats(*, as_json: Json = False) -> None:
    """List the formats `homing import --as` and a folder read, with the settings `--set` takes."""
    from homing.api.routes.formats import list_formats  # noqa: PLC0415 - heavy

    found = list_formats().model_dump()["items"]
    if as_json:
        say({"items": found}, as_json=True)
        return
    rows = [
        [f["format"], f["gives"], f["about"]["en"], ", ".join(f["json_schema"].get("properties", {}))] for f in found
    ]
    table(("format", "gives", "about", "settings"), rows)
