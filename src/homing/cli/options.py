"""Which options does every command take? The workspace and the form of the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FOLDER = Path("homing-data")

Folder = Annotated[
    Path,
    typer.Option("--workspace", "-w", envvar="HOMING_WORKSPACE", help="The folder that everything lies in."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
