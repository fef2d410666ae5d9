"""`homing source`: where data comes from by itself - databases, brokers, folders, webhooks - and how it is going."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from homing.cli.documents import read_one
from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import note, say, table, working
from homing.cli.target import api_of
from homing.core.errors import InvalidInput, Terminal

if TYPE_CHECKING:
    from homing.cli.target import Api

source = typer.Typer(help="Set up, run and watch sources of data.", no_args_is_help=True)
POLL_S = 0.5
RUNNING = {"running", "due", "retrying"}
Id = Annotated[str, typer.Argument(help="The id of the source.")]


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(source, name="source")


@source.command("list")
def list_sources(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Every source and how it is doing."""
    with api_of(workspace) as api:
        found = api.get("/sources")
    if as_json:
        say(found, as_json=True)
        return
    columns = ("id", "connector", "rows", "state", "last run", "new", "refused", "error")
    rows = []
    for one in found["items"]:
        last = one.get("last_run") or {}
        rows.append([one["id"], one["connector"], one["rows"], one["state"], last.get("at"), last.get("accepted"),
                     last.get("rejected"), one.get("error")])  # fmt: skip
    table(columns, rows)


@source.command("connectors")
def list_connectors(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """The connectors there are, and what each wants to know."""
    with api_of(workspace) as api:
        found = api.get("/connectors")
    if as_json:
        say(found, as_json=True)
        return
    rows = [[c["name"], c["way"], c["about"]["en"], ", ".join(_wanted(c))] for c in found["items"]]
    table(("connector", "way", "gives", "settings (* must be given)"), rows)


@source.command()
def show(source_id: Id, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """One source: its document, its place, its last runs."""
    with api_of(workspace) as api:
        found = api.get(f"/sources/{source_id}") | {"runs": api.get(f"/sources/{source_id}/runs", limit=10)["items"]}
    say(found, as_json=as_json)


@source.command()
def add(
    source_id: Id,
    connector: Annotated[str | None, typer.Argument(help="One of `homing source connectors`.")] = None,
    *,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", exists=True, help="A document instead of options.")
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="setting=value, as often as needed.")] = None,
    kind: Annotated[str | None, typer.Option("--as", help="What its rows are: orders, customers, events …")] = None,
    field: Annotated[list[str] | None, typer.Option("--map", help="field=column, as often as needed.")] = None,
    every: Annotated[str | None, typer.Option(help="How often it is asked: 15m, 1h …")] = None,
    at: Annotated[str | None, typer.Option(help="At which time of day it is asked: 03:00.")] = None,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    secret: Annotated[list[str] | None, typer.Option("--secret", help="A secret setting; its value is asked.")] = None,
    check: Annotated[bool, typer.Option(help="See first whether it can be reached.")] = True,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Set up a source, or change it."""
    if (file is None) == (connector is None):
        raise InvalidInput("a connector and a file, or neither, wanted one of them", field="connector")
    with api_of(workspace) as api:
        if file is not None:
            document = read_one(file) | {"id": source_id}
        else:
            known = {c["name"]: c for c in api.get("/connectors")["items"]}
            schema = known.get(connector or "", {}).get("json_schema", {})
            document = {
                "kind": "source", "id": source_id, "name": name or source_id, "connector": connector,
                "settings": dict(_setting(text, schema) for text in settings or []),
            }  # fmt: skip
        schedule = {"every": every} if every else {"at": at} if at else None
        chosen = {"as": kind, "map": dict(_pair(text, "--map") for text in field or []), "schedule": schedule}
        document |= {n: v for n, v in chosen.items() if v}
        body = {"document": document, "secrets": {name: _secret(name) for name in secret or []}}
        if check:
            with working("asking the other side", quiet=as_json):
                api.post("/sources/check", body)
        made = api.post("/sources", body)
    say(made, as_json=as_json, text=f"{made['id']} is set up: {made['state']}")


@source.command()
def check(source_id: Id, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """See whether a source can be reached, and what its first rows would become."""
    with api_of(workspace) as api, working("asking the other side", quiet=as_json):
        found = api.get(f"/sources/{source_id}")
        body = {"document": found["document"]}
        said = api.post("/sources/check", body)
        if found["way"] == "asked":
            said |= {"preview": api.post("/sources/preview", body)}
    if as_json:
        say(said, as_json=True)
        return
    seen = said.get("preview")
    if seen:
        table(
            ("column", "field", "examples"),
            [[c["column"], c["field"], ", ".join(c["examples"])] for c in seen["columns"]],
        )
    say(None, as_json=False, text=f"{source_id} answers")


@source.command()
def run(source_id: Id, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Read a source now, behind its place."""
    _run(workspace, source_id, {}, as_json)


@source.command()
def backfill(
    source_id: Id,
    after: Annotated[
        str | None, typer.Option("--from", help="A value of the cursor column; else the beginning.")
    ] = None,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Read a source again from the beginning or from a value of its cursor column; what is known changes nothing."""
    _run(workspace, source_id, {"after": after} if after else {"backfill": True}, as_json)


@source.command()
def pause(source_id: Id, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Ask nothing and take nothing until it is resumed."""
    with api_of(workspace) as api:
        said = api.post(f"/sources/{source_id}/pause")
    say(said, as_json=as_json, text=f"{source_id} is paused")


@source.command()
def resume(source_id: Id, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Go on after a pause or a failure."""
    with api_of(workspace) as api:
        said = api.post(f"/sources/{source_id}/resume")
    say(said, as_json=as_json, text=f"{source_id} goes on")


@source.command()
def cancel(source_id: Id, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Stop the run in hand after the rows it is taking."""
    with api_of(workspace) as api:
        said = api.post(f"/sources/{source_id}/cancel")
    say(said, as_json=as_json, text="stopping" if said["ok"] else "there is no run")


@source.command("secret")
def set_secret(
    source_id: Id,
    field: Annotated[str, typer.Argument(help="The setting, such as password.")],
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Set a secret; it is asked, or read from standard input, so that it stands in no history."""
    value = _secret(field)
    with api_of(workspace) as api:
        said = api.ask("PUT", f"/sources/{source_id}/secrets/{field}", json={"value": value})
    say(said, as_json=as_json, text=f"{field} of {source_id} is set")


@source.command()
def delete(source_id: Id, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Take a source back, with its secrets and its place; what it brought stays."""
    with api_of(workspace) as api:
        said = api.ask("DELETE", f"/sources/{source_id}")
    say(said, as_json=as_json, text=f"{source_id} is gone")


def _run(folder: Path, source_id: str, how: dict[str, Any], as_json: bool) -> None:
    with api_of(folder) as api, working(f"reading {source_id}", quiet=as_json):
        found = api.post(f"/sources/{source_id}/run", how | {"wait": not api.remote})
        if api.remote:
            found = _watched(api, source_id, quiet=as_json)
    last = found["last_run"]
    if last["status"] == "failed":
        raise Terminal(f"source {source_id!r}: {last['error']}")
    text = f"{last['read']} rows: {last['accepted']} new, {last['duplicate']} known, {last['rejected']} refused"
    say(last, as_json=as_json, text=text)


def _watched(api: Api, source_id: str, *, quiet: bool) -> dict[str, Any]:
    """The source once its run is over; how far it has come, on the way."""
    told = 0.0
    while True:
        found: dict[str, Any] = api.get(f"/sources/{source_id}")
        last = found["last_run"]
        if found["state"] not in RUNNING or (found["state"] == "retrying" and last and last["status"] == "failed"):
            return found
        if not quiet and last and time.monotonic() - told > 5:
            told = time.monotonic()
            note(f"{last['read']} rows so far")
        time.sleep(POLL_S)


def _wanted(connector: dict[str, Any]) -> list[str]:
    schema = connector["json_schema"]
    needed = set(schema.get("required", ()))
    return [name + ("*" if name in needed else "") for name in schema.get("properties", {})]


def _setting(text: str, schema: dict[str, Any]) -> tuple[str, Any]:
    """A setting in the type its form asks for: a list is written with commas."""
    name, value = _pair(text, "--set")
    kind = schema.get("properties", {}).get(name, {}).get("type")
    if kind in {"integer", "number", "boolean", "object"} or (kind == "array" and value.startswith("[")):
        import json  # noqa: PLC0415

        try:
            return name, json.loads(value)
        except ValueError:
            return name, value
    return name, [part.strip() for part in value.split(",") if part.strip()] if kind == "array" else value


def _pair(text: str, option: str) -> tuple[str, str]:
    left, mark, right = text.partition("=")
    if not left or not mark:
        raise InvalidInput(f"{option} is {text.partition('=')[0][:40]!r}, wanted name=value", field=option)
    return left.strip(), right.strip()


def _secret(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=True))
    value = sys.stdin.readline().rstrip("\n")
    if not value:
        raise InvalidInput(f"{name} is empty, wanted it on standard input", field=name)
    return value
