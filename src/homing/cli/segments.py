"""`homing segment count|overlap|compare|history|export`: questions about segments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import answer, cells, say
from homing.cli.target import api_of

segment = typer.Typer(help="Questions about segments.", no_args_is_help=True)
SHOWN = 20


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(segment, name="segment")


@segment.command()
def count(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A segment, or its condition, as YAML.")],
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """How many customers a segment written in a file has now."""
    from homing.cli.documents import read_one  # noqa: PLC0415

    document = read_one(file)
    with api_of(workspace) as api:
        found = api.post("/segments/preview", {"condition": document.get("condition", document)})
    text = f"{found['count']} of {found['total']} customers\n{found['sentence']['en']}\n{found['sentence']['zh']}"
    say(found, as_json=as_json, text=text)


@segment.command()
def overlap(
    ids: Annotated[list[str], typer.Argument(help="Two or more segments.")],
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """How many customers segments share, two by two."""
    with api_of(workspace) as api:
        found = api.get("/segments/overlap", ids=ids)
    rows = ([p["a"], p["b"], p["both"], p["jaccard"]] for p in found["pairs"])
    answer(found, ("segment", "with", "both", "jaccard"), rows, as_json=as_json)


@segment.command()
def compare(
    segment_id: str,
    top: Annotated[int, typer.Option(min=1, max=200, help="Features at most.")] = 60,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """What sets the members of a segment apart from everybody else."""
    with api_of(workspace) as api:
        found = api.get(f"/segments/{segment_id}/compare", top=top)
    columns = ("feature", "members", "others", "effect", "q", "defines it")
    rows = ([f["label"]["en"], f["group"], f["others"], f["effect"], f"{f['q']:.1e}", "yes" if f["defining"] else ""]
            for f in found["features"][:SHOWN])  # fmt: skip
    answer(found, columns, rows, as_json=as_json, title=f"{found['members']} members, {found['others']} others")


@segment.command()
def history(
    segment_id: str,
    days: Annotated[int, typer.Option(min=1, max=1_100, help="Local days, today the last.")] = 30,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Its size and who entered and left, day by day."""
    with api_of(workspace) as api:
        found = api.get(f"/segments/{segment_id}/history", days=days)
    columns = ("day", "entered", "left", "size")
    answer(found, columns, cells(found["days"], columns), as_json=as_json)


@segment.command()
def export(
    segment_id: str,
    file: Annotated[Path, typer.Argument(help="Ends in .csv, .jsonl or .parquet.")],
    *,
    purpose: Annotated[str, typer.Option(help="Addresses only of those who may be written to for it.")] = "marketing",
    trait: Annotated[list[str] | None, typer.Option(help="One more column.")] = None,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Write its members to a file, with addresses of those alone who may be written to."""
    form = file.suffix.lstrip(".").lower()
    with api_of(workspace) as api:
        size = api.download(f"/segments/{segment_id}/export", file, format=form, purpose=purpose, traits=trait)
    say({"file": str(file), "bytes": size}, as_json=as_json, text=f"{file}: {size:,} bytes")
