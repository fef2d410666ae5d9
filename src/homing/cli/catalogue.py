"""`homing catalogue`: which data is there, how sensitive it is, who uses it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import answer, cells, say
from homing.cli.target import api_of

catalogue = typer.Typer(help="Which data is there, how sensitive it is, who uses it.", invoke_without_command=True)
_LIST = ("id", "n", "fields", "class", "grade", "sensitivity", "to_confirm", "owner", "used_by", "last_seen")
_FIELDS = (
    "name",
    "types",
    "fill",
    "n",
    "distinct",
    "grade",
    "sensitivity",
    "standing",
    "owner",
    "used_by",
    "last_seen",
)


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(catalogue, name="catalogue")


@catalogue.callback()
def list_(ctx: typer.Context, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Every dataset."""
    if ctx.invoked_subcommand is not None:
        return
    with api_of(workspace) as api:
        found = api.get("/catalogue/datasets")
    answer(found, _LIST, cells(found["items"], _LIST), as_json=as_json)
    if found["scanned_at"] is None and not as_json:
        say(None, as_json=False, text="The data was not looked at yet: homing catalogue scan")


@catalogue.command()
def scan(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Look at all data again, as the server does every night."""
    with api_of(workspace) as api:
        found = api.post("/catalogue/scan")
    say(found, as_json=as_json, text=f"{found['datasets']} datasets, {found['fields']} fields, {found['ms']:g} ms")


@catalogue.command()
def show(
    dataset: Annotated[str, typer.Argument(help="Such as customers or 'event:Order Completed'.")],
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """The fields of one dataset and who uses them."""
    with api_of(workspace) as api:
        found = api.get("/catalogue/dataset", id=dataset)
    title = f"{found['id']}: {found['n']} rows"
    answer(found, _FIELDS, map(_row, found["columns"]), as_json=as_json, title=title)


@catalogue.command(name="set")
def set_(
    *,
    dataset: Annotated[str, typer.Argument(help="Such as customers or 'event:Order Completed'.")],
    field: Annotated[list[str] | None, typer.Option(help="A field of it, any number of times; none: itself.")] = None,
    sensitivity: Annotated[str | None, typer.Option(help="public, internal, personal or sensitive.")] = None,
    class_: Annotated[str | None, typer.Option("--class", help="structured, social or commercial-value.")] = None,
    grade: Annotated[str | None, typer.Option(help="A, B, C or D.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it.")] = None,
    note: Annotated[str | None, typer.Option()] = None,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Say what data is; an empty value takes back what was said."""
    given = {"sensitivity": sensitivity, "class": class_, "grade": grade, "owner": owner, "note": note}
    said = {name: value or None for name, value in given.items() if value is not None}
    items = [{"dataset": dataset, "field": name, "said": said} for name in field or [""]]
    with api_of(workspace) as api:
        api.post("/catalogue/entries", {"items": items})
    say({"changed": len(items)}, as_json=as_json, text=f"{len(items)} changed")


def _row(field: dict[str, Any]) -> list[Any]:
    shown = field | {"types": " ".join(field["types"]), "used_by": len(field["used_by"])}
    shown["fill"] = "" if field["fill"] is None else f"{field['fill']:.0%}"
    return [shown.get(c) for c in _FIELDS]
