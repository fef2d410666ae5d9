"""`homing apply|export|import`: definitions as YAML files, and facts as files of rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import say, table, working
from homing.cli.target import api_of
from homing.core.errors import InvalidInput, NotFound

KINDS = ("agreement", "plan", "rules", "source", "segment", "content", "journey", "campaign")  # in the order they need each other


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(apply)
    app.command()(export)
    app.command("import")(import_file)


def apply(
    path: Annotated[Path, typer.Argument(exists=True, help="A YAML file, or a folder of them.")],
    *,
    workspace: Folder = FOLDER,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Bring journeys into force, too.")] = False,
    as_json: Json = False,
) -> None:
    """Bring definitions (segments, contents, journeys, campaigns) to what files say."""
    documents = [d for file in _files(path) for d in read_file(file)]
    documents.sort(key=lambda d: KINDS.index(d["kind"]) if d.get("kind") in KINDS else len(KINDS))
    with api_of(workspace) as api:
        done = api.post("/apply", {"documents": documents, "dry_run": dry_run, "publish": publish})
    if as_json:
        say(done, as_json=True)
        return
    columns = ("kind", "id", "action", "version")
    table(columns, [[step.get(c) for c in columns] for step in done["plan"]])


def export(
    folder: Annotated[Path, typer.Argument(help="Where the files go; made when absent.")],
    *,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Write every definition to a YAML file of its own, as `apply` reads it."""
    import yaml  # noqa: PLC0415

    written = []
    with api_of(workspace) as api:
        for kind in KINDS:
            for found in api.get(f"/definitions/{kind}")["items"]:
                path = folder / kind / f"{found['id']}.yaml"
                path.parent.mkdir(parents=True, exist_ok=True)
                document = {"kind": kind} | found["document"]
                text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
                path.write_text(text, encoding="utf-8")
                written.append(str(path))
    say({"written": written}, as_json=as_json, text=f"{len(written)} files in {folder}")


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, Excel, Parquet or JSON lines.")],
    kind: Annotated[str, typer.Option("--as", help="orders, customers, products or events.")],
    *,
    workspace: Folder = FOLDER,
    field: Annotated[list[str] | None, typer.Option("--map", help="field=column, as often as needed.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check, take nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Take facts from a file; what cannot be taken is listed and the rest goes in."""
    mapping = dict(_pair(text) for text in field or [])
    with api_of(workspace) as api, working(f"importing {file.name}", quiet=as_json), file.open("rb") as content:
        data = {"kind": kind, "map": json.dumps(mapping), "dry_run": str(dry_run).lower()}
        done = api.ask("POST", "/imports", data=data, files={"file": (file.name, content)})
    text = f"{done['read']} rows: {done['accepted']} new, {done['duplicate']} known, {done['rejected']} refused"
    say(done, as_json=as_json, text=text)


def read_file(file: Path) -> list[dict[str, Any]]:
    """The documents of a YAML (or JSON) file.

    Raises:
        InvalidInput: it is no YAML, or holds something else than documents.
    """
    import yaml  # noqa: PLC0415

    try:
        found = list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file.name} is not YAML: {error}", field=file.name) from error
    documents = [d for d in found if d is not None]
    if not documents or not all(isinstance(d, dict) for d in documents):
        raise InvalidInput(f"{file.name} holds no documents, wanted mappings with a kind and an id", field=file.name)
    return documents


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    found = sorted(f for f in path.rglob("*") if f.suffix in {".yaml", ".yml", ".json"})
    if not found:
        raise NotFound(f"there is no .yaml file in {path}")
    return found


def _pair(text: str) -> tuple[str, str]:
    field, _, column = text.partition("=")
    if not field or not column:
        raise InvalidInput(f"--map is {text!r}, wanted field=column", field="map")
    return field.strip(), column.strip()
