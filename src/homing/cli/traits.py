"""`homing trait list|show|compute`: what is defined, what it comes to, and what was known at an instant."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import answer, say
from homing.cli.target import api_of

trait = typer.Typer(help="Traits that are defined.", no_args_is_help=True)


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(trait, name="trait")


@trait.command("list")
def list_(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Every trait with the share of customers who have a value."""
    with api_of(workspace) as api:
        found = api.get("/traits")
    rows = ([one["id"], one["group"], one["type"], _share(one["coverage"]), one["sentence"]["en"]]
            for one in found["items"])  # fmt: skip
    answer(found, ("trait", "group", "type", "coverage", "what it says"), rows, as_json=as_json)


@trait.command()
def show(name: str, workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """One trait: its definition, its coverage and who stands on it."""
    with api_of(workspace) as api:
        found = api.get(f"/traits/{name}")
    users = ", ".join(f"{one['kind']} {one['id']}" for one in found["used_by"]) or "nobody"
    text = (
        f"{found['name']['en']} / {found['name']['zh']}\n{found['sentence']['en']}\n{found['sentence']['zh']}\n"
        f"coverage {_share(found['coverage'])}, used by {users}\n{json.dumps(found['document'], ensure_ascii=False)}"
    )
    say(found, as_json=as_json, text=text)


@trait.command()
def compute(  # noqa: PLR0917 - one an option
    customers: Annotated[list[str], typer.Argument(help="Customers by their id.")],
    trait_names: Annotated[list[str] | None, typer.Option("--trait", help="A trait; without it all in force.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="ISO 8601, of the past; now when left out.")] = None,
    known: Annotated[str, typer.Option(help="received: known then; happened: however late it came.")] = "received",
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """The traits of customers, now or as they were known at an instant of the past."""
    with api_of(workspace) as api:
        moments = [{"customer_id": one, "at": as_of} for one in customers]
        found = api.post("/traits/as-of", {"traits": trait_names or [], "moments": moments, "known": known})
    rows = ([row["customer_id"], *(_cell(row["values"][name]) for name in found["traits"])] for row in found["rows"])
    answer(found, ("customer", *found["traits"]), rows, as_json=as_json)


def _share(coverage: dict[str, Any] | None) -> str:
    if coverage is None or coverage["share"] is None:
        return "–"
    return f"{coverage['share']:.1%} of {coverage['total']:,}"


def _cell(value: Any) -> str:
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
