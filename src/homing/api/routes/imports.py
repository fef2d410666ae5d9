"""Files in: upload one, see what it would do, import it, and get back the rows that were not taken."""

from __future__ import annotations

import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, File, Form, UploadFile
from fastapi import Path as InPath
from sqlalchemy import select
from starlette.responses import FileResponse

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.shapes.basics import Page
from homing.api.shapes.events import ImportOut, ImportResultOut
from homing.collect.files import ImportRequest, plan_import, run_import
from homing.core.errors import Conflict, InvalidInput, NotFound
from homing.core.time import iso
from homing.govern import Caller
from homing.storage.schema import import_run

router = APIRouter(route_class=Door, tags=["imports"])
COPY_BYTES = 1 << 20
_one_at_a_time = threading.Lock()


@router.get("/imports")
@needs("viewer")
def list_imports(ctx: Ctx, cursor: paging.Cursor = None, limit: paging.Limit = 50) -> Page[ImportOut]:
    """The files that were read, newest first."""
    place = paging.decode(cursor, int)
    statement = select(import_run).order_by(import_run.c.started_us.desc()).limit(limit + 1)
    if place:
        statement = statement.where(import_run.c.started_us < place[0])
    with ctx.state.read() as conn:
        rows = conn.execute(statement).all()
    more = paging.encode(rows[limit - 1].started_us) if len(rows) > limit else None
    return Page(items=[_run(ctx, r) for r in rows[:limit]], next=more)


@router.post("/imports")
@needs("editor")
def import_file(
    *, ctx: Ctx, who: Who, file: Annotated[UploadFile, File(description="CSV, Excel, JSON Lines or Parquet")],
    kind: Annotated[str, Form(max_length=40)], mapping: Annotated[str, Form(alias="map", max_length=20_000)] = "{}",
    dry_run: Annotated[bool, Form()] = False, source: Annotated[str, Form(pattern=r"^[\w.-]{1,64}$")] = "file",
) -> ImportResultOut:  # fmt: skip
    """Import a file, or with `dry_run` say what importing it would do; `map` is JSON, field to column."""
    s, w = ctx.settings, ctx.runtime.workspace
    columns, name = _mapping(mapping), _plain_name(file.filename)
    with _kept(ctx, file, name) as path:
        request = ImportRequest(path, kind, columns, source, s.zone, s.region, s.currency, file_name=name)
        if dry_run:
            return ImportResultOut.model_validate(plan_import(request, now_us=ctx.now()) | {"file": name})
        with _alone():
            done = run_import(request, w.log, w.state, now_us=ctx.now(), rejected_dir=_rejected_dir(ctx))
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "import.run", done.import_id, kind=kind, read=done.read, accepted=done.accepted)
    said = done.as_dict() | {"file": name, "rejected_file": _where(ctx, who, done.import_id)}
    return ImportResultOut.model_validate(said)


@router.get("/imports/{import_id}/rejected", response_class=FileResponse)
@needs("editor")
def download_rejected(import_id: Annotated[str, InPath(pattern=r"^[\w-]{1,64}$")], ctx: Ctx) -> FileResponse:
    """The rows of an import that were not taken, as CSV with their reasons: mend it and import it again."""
    path = _rejected_dir(ctx) / f"{import_id}.csv"
    if not path.is_file():
        raise NotFound(f"import {import_id!r} has no rejected rows")
    return FileResponse(path, media_type="text/csv", filename=f"{import_id}-rejected.csv")


@contextmanager
def _kept(ctx: Context, file: UploadFile, name: str) -> Iterator[Path]:
    """The upload as a file of the workspace, readable by its owner alone, and gone afterwards."""
    folder = ctx.runtime.workspace.folder / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / (secrets.token_hex(8) + "".join(Path(name).suffixes[-2:]).lower())  # .csv.gz has two
    path.touch(mode=0o600)
    try:
        with path.open("wb") as to:
            shutil.copyfileobj(file.file, to, COPY_BYTES)
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _alone() -> Iterator[None]:
    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict("another file is being imported, wanted it finished first")
    try:
        yield
    finally:
        _one_at_a_time.release()


def _mapping(text: str) -> dict[str, str]:
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"map cannot be read: {error}; wanted JSON, field to column", field="map") from error


def _plain_name(name: str | None) -> str:
    """The last part of a name, without what a path or a terminal would act on."""
    last = (name or "file").replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[^\w .()\-]", "_", last)[-120:] or "file"


def _rejected_dir(ctx: Context) -> Path:
    return ctx.runtime.workspace.folder / "rejected"


def _where(ctx: Context, who: Caller, import_id: str) -> str | None:
    """Where the rejected rows are: a path for the command line on this machine, an address for everybody else."""
    path = _rejected_dir(ctx) / f"{import_id}.csv"
    if not path.is_file():
        return None
    return str(path) if who.actor == "local" else f"/api/imports/{import_id}/rejected"


def _run(ctx: Context, row: Any) -> ImportOut:
    kept = (_rejected_dir(ctx) / f"{row.import_id}.csv").is_file()
    return ImportOut(
        import_id=row.import_id, at=iso(row.started_us), file=row.file_name, kind=row.kind, status=row.status,
        finished_at=iso(row.finished_us) if row.finished_us is not None else None, columns=row.columns or {},
        read=row.read, accepted=row.accepted, duplicate=row.duplicate, rejected=row.rejected, error=row.error,
        rejected_file=f"/api/imports/{row.import_id}/rejected" if kept else None,
    )  # fmt: skip
