"""`homing identity`: who is whom; merge, take apart, settle what waits, keep values from linking."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import say, table
from homing.cli.target import api_of
from homing.core.errors import InvalidInput

identity = typer.Typer(help="See and change which identifiers are one person.", no_args_is_help=True)
Why = Annotated[str, typer.Option("--reason", help="Why, for those who ask later.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would follow.")]
ID = "TYPE:VALUE"


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(identity, name="identity")


@identity.command()
def show(customer_id: str, *, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Show the identifiers of a customer, why they are theirs, and the merges behind them."""
    with api_of(workspace) as api:
        found = api.get(f"/customers/{customer_id}/identity")
    if as_json:
        say(found, as_json=True)
        return
    table(("type", "value", "status", "source", "first_at", "last_at"), _rows(found["identifiers"], "type", "value",
          "status", "source", "first_at", "last_at"))  # fmt: skip
    table(
        ("a", "b", "how", "probability", "event_id", "at"),
        [[_id(e["a"]), _id(e["b"]), e["how"], e["probability"], e["event_id"], e["at"]] for e in found["edges"]],
    )
    table(("merge_id", "loser", "winner", "reason", "at", "undone"),
          _rows(found["merges"], "merge_id", "loser", "winner", "reason", "at", "undone"))  # fmt: skip


@identity.command()
def merge(
    customer_id: str, other: str, *, reason: Why = "", dry_run: DryRun = False, yes: Yes = False,
    workspace: Folder = FOLDER, as_json: Json = False,
) -> None:  # fmt: skip
    """Say that two customers are one person."""
    with api_of(workspace) as api:
        _carry_out(api, f"/customers/{customer_id}/merge", {"other": other, "reason": reason}, dry_run, yes, as_json)


@identity.command()
def split(
    customer_id: str,
    identifiers: Annotated[list[str] | None, typer.Argument(help=f"Identifiers to take out, each {ID}.")] = None,
    *,
    merge_id: Annotated[str | None, typer.Option("--merge", help="A merge to take back instead.")] = None,
    reason: Why = "", dry_run: DryRun = False, yes: Yes = False, workspace: Folder = FOLDER, as_json: Json = False,
) -> None:  # fmt: skip
    """Take a merge back, or identifiers out into a customer of their own."""
    out = [_read(one) for one in identifiers or []]
    body = {"merge": merge_id, "identifiers": out, "reason": reason}
    with api_of(workspace) as api:
        _carry_out(api, f"/customers/{customer_id}/split", body, dry_run, yes, as_json)


@identity.command()
def conflicts(
    *,
    status: Annotated[str, typer.Option(help="open, merged, apart, dismissed or unlinked.")] = "open",
    reason: Annotated[str | None, typer.Option(help="Only such: immutable, limit, demoted, separated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    settle: Annotated[str | None, typer.Option(help="Answer them: merge, apart or dismiss.")] = None,
    ids: Annotated[list[str] | None, typer.Option("--id", help="Only these, when answering.")] = None,
    note: Annotated[str, typer.Option("--note", help="Why, when answering.")] = "",
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """List what could not be joined, newest first, or answer it."""
    with api_of(workspace) as api:
        found = api.get("/identity/conflicts", status=status, reason=reason, limit=limit)
        if settle is not None:
            chosen = ids or [one["conflict_id"] for one in found["items"]]
            if not chosen:
                raise InvalidInput("there is no such conflict to answer", field="id")
            done = api.post("/identity/conflicts/settle", {"conflicts": chosen, "answer": settle, "reason": note})
            say(done, as_json=as_json, text=f"{done['settled']} settled: {settle}")
            return
    if as_json:
        say(found, as_json=True)
        return
    table(("conflict_id", "reason", "identifier", "customer", "other", "at"), [
        [c["conflict_id"], c["reason"], _id(c["identifier"]), c["customer_id"], c["other"], c["at"]]
        for c in found["items"]
    ])  # fmt: skip


@identity.command()
def block(
    identifier: Annotated[str, typer.Argument(help=ID)],
    *,
    shared: Annotated[
        bool, typer.Option("--shared", help="It names a customer of its own: a tablet, a kiosk.")
    ] = False,
    reason: Why = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Keep a value from linking; whom it alone had joined is taken apart."""
    body = _read(identifier) | {"status": "shared" if shared else "blocked", "reason": reason}
    with api_of(workspace) as api:
        _carry_out(api, "/identity/blocked", body, dry_run, yes, as_json)


@identity.command()
def unblock(
    identifier: Annotated[str, typer.Argument(help=ID)], *, reason: Why = "", workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Let a value link again, its old evidence included."""
    with api_of(workspace) as api:
        done = api.post("/identity/blocked/release", _read(identifier) | {"reason": reason})
    say(done, as_json=as_json, text="it links again")


@identity.command()
def blocked(
    *, lifted: Annotated[bool, typer.Option("--lifted", help="Those that link again.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50, workspace: Folder = FOLDER, as_json: Json = False,
) -> None:  # fmt: skip
    """List the values that do not link, by hand or learned."""
    with api_of(workspace) as api:
        found = api.get("/identity/blocked", lifted=lifted, limit=limit)
    if as_json:
        say(found, as_json=True)
        return
    columns = ("type", "value", "status", "why", "customers", "made_by", "at")
    table(columns, _rows(found["items"], *columns))


@identity.command()
def rules(*, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Show the rules in force; `homing apply` a document of the kind `identity` to change them."""
    with api_of(workspace) as api:
        found = api.get("/identity/rules")
    if as_json:
        say(found, as_json=True)
        return
    columns = ("type", "priority", "limit", "window_s", "immutable", "shared_after")
    table(columns, _rows(found["types"], *columns))


def _carry_out(api: Any, path: str, body: dict[str, Any], dry_run: bool, yes: bool, as_json: bool) -> None:  # noqa: PLR0917
    found = api.post(f"{path}/preview", body)
    if dry_run:
        if as_json:
            say(found, as_json=True)
        else:
            _consequences(found)
        return
    if not (yes or as_json):
        _consequences(found)
        typer.confirm("Do this?", abort=True)
    done = api.post(path, body)
    say(done, as_json=as_json, text=f"done: {', '.join(done['customers']) or done['event_id']}")


def _consequences(found: dict[str, Any]) -> None:
    if found["obstacle"]:
        typer.echo(f"not allowed: {found['obstacle_text']['en']} / {found['obstacle_text']['zh']}")
    rows = []
    for when in ("before", "after"):
        for side in found[when]:
            said = " ".join(f"{c['purpose']}/{c['channel']}={c['status']}" for c in side["consent"])
            ids = " ".join(_id(i) for i in side["identifiers"])
            rows.append([when, side["customer_id"], ids, side["events"], side["orders"], side["revenue"],
                         " ".join(s["id"] for s in side["segments"]), said])  # fmt: skip
    table(("", "customer", "identifiers", "events", "orders", "revenue", "segments", "consent"), rows)
    for way in ("entered", "left"):
        for one in found[way]:
            typer.echo(f"{one['customer_id']} {way} {one['segment']['id']}")


def _read(text: str) -> dict[str, Any]:
    kind, found, value = text.partition(":")
    if not found or not value:
        raise InvalidInput(f"an identifier is {text!r}, wanted {ID} such as email:ann@shop.example", field="identifier")
    return {"type": kind, "value": value}


def _id(one: dict[str, str] | None) -> str:
    return f"{one['type']}:{one['value']}" if one else ""


def _rows(items: list[dict[str, Any]], *names: str) -> list[list[Any]]:
    return [[one.get(name) for name in names] for one in items]
