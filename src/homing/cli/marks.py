"""`homing tag` and `homing lifecycle`: who has which tag and why, giving and taking, and the flow between stages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import answer, cells, say
from homing.cli.target import api_of
from homing.core.errors import InvalidInput

tag = typer.Typer(help="Tags: list, give, take, undo, why, history, approve.", no_args_is_help=True)
lifecycle = typer.Typer(help="Lifecycle stages and the flow between them.", no_args_is_help=True)
Tag = Annotated[str, typer.Argument(help="The tag's id.")]
Customers = Annotated[list[str] | None, typer.Argument(help="Customer ids.")]
Segment = Annotated[str | None, typer.Option(help="Everybody in this segment.")]
File = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file with a customer id a line.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say whom it would change.")]
_LIST = ("id", "how", "value_type", "category", "owner", "status", "approval", "n", "share", "expires")
_HISTORY = ("at", "name", "value", "by", "because", "batch")


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(tag, name="tag")
    app.add_typer(lifecycle, name="lifecycle")


@tag.command("list")
def list_tags(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Every tag with how many have it."""
    with api_of(workspace) as api:
        found = api.get("/tags")
    answer(found, _LIST, cells(found["items"], _LIST), as_json=as_json)


@tag.command()
def give(
    *, tag_id: Tag, customers: Customers = None, segment: Segment = None, file: File = None,
    value: Annotated[str | None, typer.Option(help="Of a value tag: JSON, else text.")] = None,
    dry_run: DryRun = False, workspace: Folder = FOLDER, as_json: Json = False,
) -> None:  # fmt: skip
    """Give a tag to customers, a file of them, or everybody in a segment."""
    body = _whom(customers, segment, file) | {"value": _value(value), "dry_run": dry_run}
    with api_of(workspace) as api:
        done = api.post(f"/tags/{quote(tag_id)}/give", body)
    _said(done, as_json=as_json)


@tag.command()
def take(
    *, tag_id: Tag, customers: Customers = None, segment: Segment = None, file: File = None, dry_run: DryRun = False,
    workspace: Folder = FOLDER, as_json: Json = False,
) -> None:  # fmt: skip
    """Take a tag from customers, a file of them, or everybody in a segment."""
    with api_of(workspace) as api:
        done = api.post(f"/tags/{quote(tag_id)}/take", _whom(customers, segment, file) | {"dry_run": dry_run})
    _said(done, as_json=as_json)


@tag.command()
def undo(batch: str, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Take back what giving or taking did, where nothing happened to it since."""
    with api_of(workspace) as api:
        done = api.post(f"/tags/batches/{quote(batch)}/undo")
    _said(done, as_json=as_json)


@tag.command()
def approve(
    tag_id: Tag, note: Annotated[str, typer.Option()] = "", workspace: Folder = FOLDER, as_json: Json = False
) -> None:
    """Approve the newest version of a tag and bring it into force."""
    with api_of(workspace) as api:
        found = api.post(f"/tags/{quote(tag_id)}/approve", {"note": note})
    say(found, as_json=as_json, text=f"{tag_id}: version {found['live_version']} is in force, {found['n']} have it")


@tag.command()
def why(customer: str, tag_id: Tag, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Why a customer has a tag, or has it not."""
    with api_of(workspace) as api:
        found = api.get(f"/customers/{quote(customer)}/tags/{quote(tag_id)}/why")
    if as_json:
        say(found, as_json=True)
        return
    state = f"has it, value {json.dumps(found['value'], ensure_ascii=False)}" if found["has"] else "does not have it"
    lines = [f"{customer} {state} ({found['how']})"]
    if found["has"]:
        lines.append(f"since {found['since']}, given by {found['by']}, until {found['until'] or 'for good'}")
    for rule in found["rules"]:
        lines += _reason(rule["reason"], 0)
    say(None, as_json=False, text="\n".join(lines))


@tag.command()
def history(
    tag_id: Tag, customer: Annotated[str | None, typer.Option(help="Of one customer.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366)] = 30, workspace: Folder = FOLDER, as_json: Json = False,
) -> None:  # fmt: skip
    """How many had a tag, by day; or what happened with it to one customer."""
    with api_of(workspace) as api:
        if customer is None:
            found = api.get(f"/tags/{quote(tag_id)}/trend", days=days)
        else:
            found = api.get(f"/customers/{quote(customer)}/tags/{quote(tag_id)}/why")
    if customer:
        history = found["history"]
        answer({"history": history}, _HISTORY, cells(history, _HISTORY), as_json=as_json)
    else:
        columns = ("day", "n", "added", "removed")
        answer(found, columns, cells(found["days"], columns), as_json=as_json)


@lifecycle.command("list")
def list_models(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Every lifecycle with how many are in each stage."""
    with api_of(workspace) as api:
        found = api.get("/lifecycles")
    rows = ([m["id"], m["status"], m["main"], s["id"], s["name"]["en"], s["n"]] for m in found["items"]
            for s in m["stages"])  # fmt: skip
    answer(found, ("model", "status", "main", "stage", "name", "n"), rows, as_json=as_json)


@lifecycle.command()
def flow(
    *, begin: Annotated[str, typer.Option("--from", help="A day, whose end is meant, or an instant.")],
    end: Annotated[str, typer.Option("--to", help="A day, whose end is meant, or an instant.")],
    model: Annotated[str, typer.Option(help="The lifecycle's id.")] = "standard",
    workspace: Folder = FOLDER, as_json: Json = False,
) -> None:  # fmt: skip
    """How customers moved between the stages from one date to another."""
    with api_of(workspace) as api:
        found = api.get(f"/lifecycles/{quote(model)}/flow", **{"from": begin, "to": end})
    rows = ([m["from"], m["to"], m["n"]] for m in found["moves"])
    answer(found, ("from", "to", "customers"), rows, as_json=as_json)


def _whom(customers: list[str] | None, segment: str | None, file: Path | None) -> dict[str, Any]:
    ids = list(customers or ())
    if file is not None:
        ids += [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    if bool(ids) == (segment is not None):
        raise InvalidInput("wanted customer ids, --file or --segment", field="customers")
    return {"customers": ids, "segment": segment}


def _value(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _said(done: dict[str, Any], *, as_json: bool) -> None:
    text = f"{done['asked']} asked, {done['changed']} changed, {done['same']} as before, {len(done['unknown'])} unknown"
    say(done, as_json=as_json, text=text + (f"\nundo: homing tag undo {done['batch']}" if done["batch"] else ""))


def _reason(reason: dict[str, Any], depth: int) -> list[str]:
    figure = "" if reason["figure"] is None else f"  [{reason['figure']}]"
    line = f"{'  ' * depth}{'✓' if reason['holds'] else '✗'} {reason['sentence']['en']}{figure}"
    return [line, *(text for part in reason["parts"] for text in _reason(part, depth + 1))]
