"""`homing rejected`: what was not taken and why; mend it, send it again, or put it aside."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import say, table
from homing.cli.target import api_of
from homing.core.errors import InvalidInput

rejected = typer.Typer(help="See, mend, replay and drop rejected rows.", no_args_is_help=True)
Ids = Annotated[list[str] | None, typer.Argument(help="Ids; without them every open row that the options choose.")]
Source = Annotated[str | None, typer.Option(help="Only of this source.")]
Code = Annotated[str | None, typer.Option(help="Only with this reason.")]
Import = Annotated[str | None, typer.Option("--import", help="Only of this import.")]
COLUMNS = ("rejected_id", "at", "source", "place", "code", "status", "message")


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(rejected, name="rejected")


@rejected.command("list")
def list_rows(
    *,
    source: Source = None,
    code: Code = None,
    import_id: Import = None,
    status: Annotated[str | None, typer.Option(help="open, replayed or dropped.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """List rows, newest first."""
    with api_of(workspace) as api:
        found = api.get("/rejected", source=source, code=code, import_id=import_id, status=status or None, limit=limit)
    if as_json:
        say(found, as_json=True)
        return
    table(COLUMNS, [[(r | r["reason"]).get(c) for c in COLUMNS] for r in found["items"]])


@rejected.command()
def show(rejected_id: str, *, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Show one row whole."""
    with api_of(workspace) as api:
        found = api.get(f"/rejected/{rejected_id}")
    say(found, as_json=as_json)


@rejected.command()
def fix(
    ids: Ids = None,
    *,
    field: Annotated[str, typer.Option(help="Such as properties.price, or a column of a file.")],
    set_to: Annotated[str | None, typer.Option("--set", help="The new value: JSON, else text.")] = None,
    replace: Annotated[str | None, typer.Option(help="OLD=NEW, inside the text.")] = None,
    trim: Annotated[bool, typer.Option("--trim", help="Take off blanks at both ends.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Leave the field out.")] = False,
    source: Source = None,
    code: Code = None,
    import_id: Import = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Change one field of many rows at once."""
    change = {"field": field} | _change(set_to, replace, trim=trim, remove=remove)
    body = {"select": _select(ids, source, code, import_id), "change": change, "dry_run": dry_run}
    with api_of(workspace) as api:
        done = api.post("/rejected/fix", body)
    said = "would change" if dry_run else "changed"
    text = f"{done['matched']} rows, {done['changed']} {said}, {done['unreadable']} cannot be read"
    say(done, as_json=as_json, text=text)


@rejected.command()
def replay(
    ids: Ids = None, *, source: Source = None, code: Code = None, import_id: Import = None,
    workspace: Folder = FOLDER, as_json: Json = False,
) -> None:  # fmt: skip
    """Send rows again; what is refused again stays, with the new reason."""
    with api_of(workspace) as api:
        done = api.post("/rejected/replay", {"select": _select(ids, source, code, import_id)})
    text = f"{done['replayed']} taken, {done['duplicate']} known, {done['failed']} refused again"
    say(done, as_json=as_json, text=text)


@rejected.command()
def drop(
    ids: Ids = None, *, source: Source = None, code: Code = None, import_id: Import = None,
    undo: Annotated[bool, typer.Option("--undo", help="Open again what was dropped.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workspace: Folder = FOLDER, as_json: Json = False,
) -> None:  # fmt: skip
    """Put rows aside; they are kept, and `--undo` opens them again."""
    if not (yes or undo or as_json):
        typer.confirm("Drop these rows?", abort=True)
    with api_of(workspace) as api:
        path = "/rejected/reopen" if undo else "/rejected/drop"
        done = api.post(path, {"select": _select(ids, source, code, import_id)})
    say(done, as_json=as_json, text=f"{done['n']} rows are {'open again' if undo else 'dropped'}")


def _select(ids: list[str] | None, source: str | None, code: str | None, import_id: str | None) -> dict[str, Any]:
    return {"ids": ids or [], "source": source, "code": code, "import_id": import_id}


def _change(set_to: str | None, replace: str | None, *, trim: bool, remove: bool) -> dict[str, Any]:
    if (set_to is not None) + (replace is not None) + trim + remove != 1:
        raise InvalidInput("wanted one of --set, --replace, --trim, --remove", field="set")
    if trim or remove:
        return {"op": "trim" if trim else "remove"}
    if replace is not None:
        old, found, new = replace.partition("=")
        if not found or not old:
            raise InvalidInput(f"--replace is {replace!r}, wanted OLD=NEW", field="replace")
        return {"op": "replace", "find": old, "value": new}
    try:
        return {"op": "set", "value": json.loads(set_to or "")}
    except ValueError:
        return {"op": "set", "value": set_to}
