"""`homing key`: who may send events (write keys) and who may act as an owner by program (admin keys)."""

from __future__ import annotations

from typing import Annotated

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import answer, cells, say
from homing.cli.target import api_of

key = typer.Typer(help="Create, list and revoke keys.", no_args_is_help=True)


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(key, name="key")


@key.command()
def create(
    kind: Annotated[str, typer.Option(help="write: sends events; admin: acts as an owner.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Make a key; it is shown this once."""
    with api_of(workspace) as api:
        made = api.post("/keys", {"kind": kind, "name": name})
    say(made, as_json=as_json, text=made["key"])


@key.command("list")
def list_keys(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """List keys; the keys themselves are kept nowhere."""
    with api_of(workspace) as api:
        found = api.get("/keys")
    columns = ("key_id", "kind", "name", "created_at", "revoked_at")
    answer(found, columns, cells(found["items"], columns), as_json=as_json)


@key.command()
def revoke(key_id: str, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """End a key for good."""
    with api_of(workspace) as api:
        gone = api.ask("DELETE", f"/keys/{key_id}")
    say(gone, as_json=as_json, text=f"{key_id} is revoked")
