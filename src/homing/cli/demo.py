"""`homing demo`: the whole loop on a real year of a real grocer."""

from __future__ import annotations

import typer


def join(app: typer.Typer) -> None:
    """Add the command, which the demo itself defines."""
    from homing.demo.command import demo  # noqa: PLC0415

    app.command()(demo)
