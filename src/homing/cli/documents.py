"""`homing apply|export`: definitions as YAML files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import say, table
from homing.cli.target import api_of
from homing.core.errors import InvalidInput, NotFound

KINDS = (  # of documents, each after those it needs
    "agreement", "plan", "rules", "mapping", "source", "identity", "household", "trait", "segment", "lookalike",
    "clustering", "association", "classification", "tag", "lifecycle", "content", "journey", "campaign",
)  # fmt: skip


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(apply)
    app.command()(export)


def apply(
    path: Annotated[Path, typer.Argument(exists=True, help="A YAML file, or a folder of them.")],
    *,
    workspace: Folder = FOLDER,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Bring journeys into force, too.")] = False,
    as_json: Json = False,
) -> None:
    """Bring definitions (segments, traits, tags, journeys, sources …) to what files say."""
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


def read_one(file: Path) -> dict[str, Any]:
    """The one document of a file.

    Raises:
        InvalidInput: it holds several, or see `read_file`.
    """
    documents = read_file(file)
    if len(documents) > 1:
        raise InvalidInput(f"{file.name} holds {len(documents)} documents, wanted one", field=file.name)
    return documents[0]


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    found = sorted(f for f in path.rglob("*") if f.suffix in {".yaml", ".yml", ".json"})
    if not found:
        raise NotFound(f"there is no .yaml file in {path}")
    return found
