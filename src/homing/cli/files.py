"""`homing import`: facts as files of rows, with progress on stderr; one that was interrupted is gone on with."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import note, say, table
from homing.cli.target import Api, api_of
from homing.core.errors import Conflict, InvalidInput

ASK_S = 0.3  # between two looks at the progress
UNDER_WAY = ("waiting", "running")


def join(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_file)


def import_file(
    file: Annotated[Path | None, typer.Argument(help="CSV, Excel, Parquet or JSON lines.")] = None,
    *,
    workspace: Folder = FOLDER,
    kind: Annotated[str, typer.Option("--as", help="orders, customers, products, events, costs, … or a format.")] = "",
    mapping: Annotated[str, typer.Option("--mapping", help="A saved mapping, by its id.")] = "",
    field: Annotated[list[str] | None, typer.Option("--map", help="field=column, as often as needed.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help="name=value, a setting of the format.")] = None,
    sheet: Annotated[str, typer.Option(help="Of a workbook, by name or number from 1.")] = "",
    encoding: Annotated[str, typer.Option(help="Of a text file; found out without it.")] = "",
    zone: Annotated[str, typer.Option(help="Of times without an offset; the workspace's without it.")] = "",
    currency: Annotated[str, typer.Option(help="Of amounts without one; the workspace's without it.")] = "",
    source: Annotated[str, typer.Option(help="Whose data it is.")] = "file",
    dataset: Annotated[str, typer.Option(help="What the rows of a table are called.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check, take nothing.")] = False,
    go_on: Annotated[str, typer.Option("--continue", help="Go on with an interrupted import, by its id.")] = "",
    as_json: Json = False,
) -> None:
    """Take facts from a file; what cannot be taken is listed and the rest goes in."""
    if (file is None) == (not go_on):
        raise InvalidInput("wanted a file, or --continue with the id of an import", field="file")
    data = {
        "kind": kind, "map": json.dumps(dict(_pair(text) for text in field or [])), "mapping": mapping, "sheet": sheet,
        "encoding": encoding, "zone": zone, "currency": currency, "source": source, "dataset": dataset,
        "path": str(file.resolve()) if file else "",
        "settings": json.dumps(dict(_pair(text, "set", "name=value") for text in setting or [])),
    }  # fmt: skip
    with api_of(workspace) as api:
        if go_on:
            import_id = api.post(f"/imports/{go_on}/resume")["import_id"]
        else:
            _tell_unfinished(api, file.name if file else "")
            if not kind and not mapping:
                _propose(api, data)
            if dry_run:
                planned = api.ask("POST", "/imports", data=data | {"dry_run": "true"})
                if not as_json:
                    _show(planned)
                return say(planned, as_json=as_json, text=_counts(planned))
            import_id = api.ask("POST", "/imports", data=data | {"wait": "false"})["import_id"]
        done = _follow(api, import_id, quiet=as_json and not sys.stderr.isatty())
    return say(done, as_json=as_json, text=_counts(done))


def _follow(api: Api, import_id: str, *, quiet: bool) -> dict[str, Any]:
    """Wait for the end, saying how far it is on stderr."""
    written = 0
    while (run := api.get(f"/imports/{import_id}"))["status"] in UNDER_WAY:
        line = _progress(run)
        if not quiet and sys.stderr.isatty():
            sys.stderr.write("\r" + line.ljust(written))
            sys.stderr.flush()
            written = len(line)
        time.sleep(ASK_S)
    if written:
        sys.stderr.write("\r" + " " * written + "\r")
    done: dict[str, Any] = api.get(f"/imports/{import_id}/result")
    if run["status"] != "done":
        raise Conflict(
            f"the import is {run['status']}: {run['error'] or 'stopped'}; homing import --continue {import_id}"
        )
    return {n: v for n, v in done.items() if n not in {"status", "error"}}


def _progress(run: dict[str, Any]) -> str:
    if run["status"] == "waiting":
        return "waiting for another file"
    if run["total"] is None:
        return f"reading {run['file']}"
    share = f"{run['done']:,} of {run['total']:,} rows"
    pace = f", {run['rate']:,} rows/s" if run["rate"] else ""
    left = f", {run['left_s']:.0f} s left" if run["left_s"] is not None else ""
    return share + pace + left


def _tell_unfinished(api: Api, name: str) -> None:
    for run in api.get("/imports", limit=20)["items"]:
        if run["can_resume"] and run["file"] == name:
            note(f"homing: an import of {name} was {run['status']} at row {run['done']:,};"
                 f" go on with: homing import --continue {run['import_id']}")  # fmt: skip


def _propose(api: Api, data: dict[str, str]) -> None:
    """Say what the file might be, for nobody said it; or take the one saved mapping that fits."""
    seen = api.ask("POST", "/imports/look", data=data)
    _show_look(seen)
    if seen["mappings"]:
        raise InvalidInput(f"nothing says what the rows are; the mapping {seen['mappings'][0]['id']} fits, wanted"
                           f" --mapping {seen['mappings'][0]['id']}", field="as")  # fmt: skip
    raise InvalidInput(f"nothing says what the rows are; they look like {seen['kind']}, wanted --as {seen['kind']}",
                       field="as")  # fmt: skip


def _show_look(seen: dict[str, Any]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only when a table is printed
    from rich.table import Table  # noqa: PLC0415

    made = Table(title=f"{seen['file']}: {seen['kind']}?", title_justify="left")
    for name in ("column", "values", "field", "sure", "why"):
        made.add_column(name)
    for c in seen["columns"]:
        why = c["reason"]["text"]["en"] if c["reason"] else ""
        sure = f"{c['confidence']:.0%}" if c["field"] else ""
        made.add_row(c["column"], ", ".join(c["examples"])[:40], c["field"] or "", sure, why)
    Console(stderr=True).print(made)


def _show(planned: dict[str, Any]) -> None:
    rows = [[c["column"], c["field"] or "", ", ".join(map(str, c["examples"]))[:60]] for c in planned["columns"]]
    table(("column", "field", "values"), rows)
    if planned["refused"]:
        table(("row", "code", "why"), [[r["row"], r["code"], r["message"]] for r in planned["refused"]])


def _counts(done: dict[str, Any]) -> str:
    text = f"{done['read']} rows: {done['accepted']} new, {done['duplicate']} known, {done['rejected']} refused"
    return text + (f"; see {done['rejected_file']}" if done.get("rejected_file") else "")


def _pair(text: str, option: str = "map", wanted: str = "field=column") -> tuple[str, str]:
    field, found, column = text.partition("=")
    if not field or not found:
        raise InvalidInput(f"--{option} is {text!r}, wanted {wanted}", field=option)
    return field.strip(), column.strip()
