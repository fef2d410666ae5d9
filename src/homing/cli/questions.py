"""`homing query|funnel|rfm`: questions to a workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import answer, cells
from homing.cli.target import api_of


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(query)
    app.command()(funnel)
    app.command()(rfm)


def query(
    sql: str,
    workspace: Folder = FOLDER,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="Rows at most.")] = 10_000,
    as_json: Json = False,
) -> None:
    """Run one read-only SELECT over events, customers, sends, order_lines and products."""
    with api_of(workspace) as api:
        found = api.post("/query", {"sql": sql, "limit": limit})
    whole = {"columns": found["columns"], "rows": found["rows"]}
    answer(whole, found["columns"], found["rows"], as_json=as_json)


def funnel(
    steps: Annotated[str, typer.Option(help="Event names in order, with commas between.")],
    window: Annotated[str, typer.Option(help="First to last step at most: 30m, 12h, 7d.")] = "7d",
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """How many people did one thing after another."""
    names = [name.strip() for name in steps.split(",") if name.strip()]
    with api_of(workspace) as api:
        found = api.get("/insights/funnel", steps=names, window=window)
    columns = ("name", "people", "share_of_first", "share_of_previous", "median_seconds")
    answer(found, columns, cells(found["steps"], columns), as_json=as_json)


def rfm(workspace: Folder = FOLDER, as_json: Json = False) -> None:
    """Customers by recency, frequency and money, in named segments."""
    with api_of(workspace) as api:
        found = api.get("/insights/rfm")
    rows = ([c["name"], c["people"], _amount(c["revenue"])] for c in found["cells"])
    answer(found, ("segment", "people", "revenue"), rows, as_json=as_json)


def _amount(value: object) -> object:
    return f"{value['amount']:,.2f} {value['currency']}" if isinstance(value, dict) else value
