"""`homing user`: who may sign in, and a new password for who has forgotten theirs."""

from __future__ import annotations

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import answer, cells, say
from homing.cli.target import api_of
from homing.core.errors import NotFound

user = typer.Typer(help="List users; give one a new password.", no_args_is_help=True)


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(user, name="user")


@user.command("list")
def list_users(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """List who may sign in."""
    with api_of(workspace) as api:
        found = api.get("/users")
    columns = ("user_id", "email", "name", "role")
    answer(found, columns, cells(found["items"], columns), as_json=as_json)


@user.command()
def password(email: str, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Give a user a new password, shown this once; their sessions end."""
    with api_of(workspace) as api:
        who = [one["user_id"] for one in api.get("/users")["items"] if one["email"] == email.strip().lower()]
        if not who:
            raise NotFound("nobody has this e-mail, wanted one of `homing user list`")
        made = api.post(f"/users/{who[0]}/password")
    say(made, as_json=as_json, text=made["password"])
