"""`homing plan` and `homing quality`: a tracking plan drawn from what arrives, and how good each source is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import answer, cells, say
from homing.cli.target import api_of

plan = typer.Typer(help="Tracking plans: propose one, see what was not as planned.", no_args_is_help=True)
Source = Annotated[str, typer.Option(help="Only of this source.")]
Days = Annotated[int, typer.Option(min=1, max=400, help="How many days back.")]


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(plan, name="plan")
    app.command()(quality)


@plan.command()
def propose(
    *,
    days: Days = 7,
    source: Source = "",
    plan_id: Annotated[str, typer.Option("--id", help="The id the plan gets.")] = "proposed",
    out: Annotated[Path | None, typer.Option("--out", help="Write the document to this file.")] = None,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Draw a plan from what arrived; look it over, then `homing apply` it."""
    import yaml  # noqa: PLC0415

    with api_of(workspace) as api:
        made = api.get("/plans/propose", days=days, source=source, id=plan_id)
    text = yaml.safe_dump(made["document"], allow_unicode=True, sort_keys=False, width=110)
    if out is not None:
        out.write_text(text, encoding="utf-8")
    say(made, as_json=as_json, text=text if out is None else f"{len(made['document']['events'])} events in {out}")


@plan.command()
def violations(*, days: Days = 7, source: Source = "", workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Count what was not as the plan or the rules want it."""
    with api_of(workspace) as api:
        found = api.get("/plans/violations", days=days, source=source)
    columns = ("source", "type", "event", "code", "field", "said", "by", "n", "last_at")
    answer(found, columns, cells(found["items"], columns), as_json=as_json)


def quality(
    *,
    days: Days = 7,
    source: Source = "",
    judge: Annotated[bool, typer.Option("--judge", help="Judge these days again first.")] = False,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """The quality score of every source, day by day."""
    with api_of(workspace) as api:
        if judge:
            api.ask("POST", "/quality/judge", params={"days": days})
        found = api.get("/quality", days=days, source=source)
    columns = ("source", "day", "score", "completeness", "validity", "uniqueness", "timeliness", "received", "findings")
    rows = [
        d | {name: part["share"] for name, part in d["parts"].items()} | {"findings": len(d["findings"])}
        for d in found["days"]
    ]
    answer(found, columns, cells(rows, columns), as_json=as_json)
