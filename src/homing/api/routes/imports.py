"""Files in: look at one, see what importing it would do, import it, follow it, go on with it, get back the refused."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile
from fastapi import Path as InPath
from sqlalchemy import select
from starlette.responses import FileResponse

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.import_asks import Ask, Meant, asked, saved_mappings, settings_of
from homing.api.shapes.basics import Bi, Page
from homing.api.shapes.events import (
    ColumnLookOut,
    FittingOut,
    ImportOut,
    ImportResultOut,
    KindOut,
    LookOut,
    ReasonOut,
)
from homing.collect.files import kinds, plan_import
from homing.collect.files.jobs import OPEN
from homing.collect.files.look import Look, check_mapping, look_at
from homing.collect.reasons import words
from homing.core.errors import InvalidInput, NotFound, Refused
from homing.core.time import iso
from homing.govern import Caller
from homing.storage.schema import OF_SOURCE, import_run

router = APIRouter(route_class=Door, tags=["imports"])
COPY_BYTES = 1 << 20
CLOSING_S = 5.0
ImportId = Annotated[str, InPath(pattern=r"^[\w-]{1,64}$")]
Upload = Annotated[UploadFile | None, File(description="CSV, Excel, JSON Lines or Parquet; or `upload`")]


@router.get("/imports")
@needs("viewer")
def list_imports(ctx: Ctx, cursor: paging.Cursor = None, limit: paging.Limit = 50) -> Page[ImportOut]:
    """The files that were read, newest first."""
    place = paging.decode(cursor, int)
    statement = select(import_run).where(import_run.c.fingerprint != OF_SOURCE)
    statement = statement.order_by(import_run.c.started_us.desc()).limit(limit + 1)
    if place:
        statement = statement.where(import_run.c.started_us < place[0])
    with ctx.state.read() as conn:
        rows = conn.execute(statement).all()
    more = paging.encode(rows[limit - 1].started_us) if len(rows) > limit else None
    return Page(items=[_run(ctx, r) for r in rows[:limit]], next=more)


@router.post("/imports/look")
@needs("editor")
def look_at_file(*, ctx: Ctx, who: Who, file: Upload = None, ask: Ask) -> LookOut:
    """What is in a file: its columns with values, what they may be and why, the likeliest kind, mappings that fit."""
    path, name, upload, _ = _place(ctx, who, file, ask)
    saved = saved_mappings(ctx)
    seen = look_at(path, kind=ask.kind or None, name=name, encoding=ask.encoding or None, sheet=ask.sheet,
                   region=ask.region or ctx.settings.region, saved=saved, settings=settings_of(ask))  # fmt: skip
    return _looked(seen, upload, name, ask.kind)


@router.post("/imports")
@needs("editor")
def import_file(
    *, ctx: Ctx, who: Who, file: Upload = None, ask: Ask, dry_run: Annotated[bool, Form()] = False,
    wait: Annotated[bool, Form(description="answer when it is done")] = True,
) -> ImportResultOut:  # fmt: skip
    """Import a file, or with `dry_run` say what importing it would do; `map` is JSON, field to column."""
    path, name, _, owned = _place(ctx, who, file, ask)
    try:
        request = asked(ctx, ask, path, name)
        if dry_run:
            said = plan_import(request, now_us=ctx.now(), checkpoint=ctx.runtime.checkpoint)
            told = [one | {"text": words(str(one["code"]))} for one in said.get("refused", ())]
            return ImportResultOut.model_validate(said | {"file": name, "refused": told})
        check_mapping(request)
        import_id = ctx.runtime.imports.submit(request, owned=owned)
        owned = False
    finally:
        if owned and not ask.upload:
            path.unlink(missing_ok=True)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "import.run", import_id, kind=request.kind, file=name)
    if wait:
        ctx.runtime.imports.wait(import_id)
    return _result(ctx, who, import_id)


@router.get("/imports/{import_id}")
@needs("viewer")
def get_import(import_id: ImportId, ctx: Ctx) -> ImportOut:
    """One import: how far it is, how fast it goes, how long it will take."""
    return _run(ctx, _row(ctx, import_id))


@router.get("/imports/{import_id}/result")
@needs("viewer")
def get_import_result(import_id: ImportId, ctx: Ctx, who: Who) -> ImportResultOut:
    """What became of a file; of one that is under way, so far."""
    return _result(ctx, who, import_id)


@router.post("/imports/{import_id}/resume")
@needs("editor")
def resume_import(import_id: ImportId, ctx: Ctx, who: Who) -> ImportOut:
    """Go on with an import that was interrupted or failed, behind what is in already."""
    ctx.runtime.imports.resume(import_id)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "import.resume", import_id)
    return _run(ctx, _row(ctx, import_id))


@router.post("/imports/{import_id}/cancel")
@needs("editor")
def cancel_import(import_id: ImportId, ctx: Ctx, who: Who) -> ImportOut:
    """Stop an import; what is in stays."""
    ctx.runtime.imports.cancel(import_id)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "import.cancel", import_id)
    return _run(ctx, _row(ctx, import_id))


@router.get("/imports/{import_id}/rejected", response_class=FileResponse)
@needs("editor")
def download_rejected(import_id: ImportId, ctx: Ctx) -> FileResponse:
    """The rows of an import that were not taken, as CSV with their reasons: mend it and import it again."""
    path = _rejected(ctx, import_id)
    if not path.is_file():
        raise NotFound(f"import {import_id!r} has no rejected rows")
    return FileResponse(path, media_type="text/csv", filename=f"{import_id}-rejected.csv")


# -- the file ----------------------------------------------------------------------------------------------------------
def _place(ctx: Context, who: Caller, file: UploadFile | None, ask: Meant) -> tuple[Path, str, str, bool]:
    """Where the file is, what it is called, its upload's name, and whether it is ours to remove."""
    jobs = ctx.runtime.imports
    if ask.path:
        if who.actor != "local":
            raise Refused("a path is for the command line on this machine, wanted the file itself")
        return Path(ask.path), Path(ask.path).name, "", False
    if ask.upload:
        found = sorted(jobs.uploads.glob(f"{ask.upload}.*"))
        if not found:
            raise NotFound("the upload is no longer there, wanted the file once more")
        return found[0], _plain_name(ask.file_name or found[0].name), ask.upload, True
    if file is None:
        raise InvalidInput("no file, wanted one as `file`, or an `upload`", field="file")
    name, upload = _plain_name(file.filename), secrets.token_hex(8)
    suffix = "".join(Path(name).suffixes[-2:] if name.lower().endswith(".gz") else Path(name).suffixes[-1:]).lower()
    path = jobs.upload_path(upload, suffix or ".unknown")
    try:
        with path.open("wb") as to:
            shutil.copyfileobj(file.file, to, COPY_BYTES)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, name, upload, True


def _plain_name(name: str | None) -> str:
    """The last part of a name, without what a path or a terminal would act on."""
    last = (name or "file").replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[^\w .()\-]", "_", last)[-120:] or "file"


def _rejected(ctx: Context, import_id: str) -> Path:
    return ctx.runtime.imports.rejected / f"{import_id}.csv"


# -- what is answered --------------------------------------------------------------------------------------------------
def _looked(seen: Look, upload: str, name: str, wanted: str) -> LookOut:
    def kind(name: str, confidence: float | None) -> KindOut:
        k = kinds[name]
        return KindOut(kind=name, text=Bi(en=k.en, zh=k.zh), fields=list(k.fields), needs=[list(g) for g in k.needs],
                       who=k.who, free=k.free, confidence=confidence)  # fmt: skip

    columns = [
        ColumnLookOut(
            column=s.column, examples=seen.examples[at][:3], looks=s.sort, field=s.field, confidence=s.confidence,
            reason=None if s.reason is None else ReasonOut(code=s.reason.code,
                                                           text=Bi(en=s.reason.en, zh=s.reason.zh)),
        )
        for at, s in enumerate(seen.suggestions)
    ]  # fmt: skip
    fitting = [
        FittingOut(id=f.mapping.id, name=Bi(en=f.mapping.name.en, zh=f.mapping.name.zh), kind=f.mapping.rows,
                   map=dict(f.mapping.map), share=f.share)
        for f in seen.fitting
    ]  # fmt: skip
    return LookOut(
        upload=upload, file=name, encoding=seen.encoding, sheets=list(seen.sheets), kind=wanted or seen.kind,
        kinds=[kind(n, c) for n, c in seen.kinds], columns=columns, mappings=fitting,
    )  # fmt: skip


def _row(ctx: Context, import_id: str) -> Any:
    with ctx.state.read() as conn:
        row = conn.execute(select(import_run).where(import_run.c.import_id == import_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no import {import_id!r}")
    return row


def _result(ctx: Context, who: Caller, import_id: str) -> ImportResultOut:
    """What is known: of an import of this process all, of an older one its counts.

    Raises:
        HomingError: why it failed.
    """
    row = _row(ctx, import_id)
    if row.status not in OPEN:  # its row says so a moment before its thread is through with it
        ctx.runtime.imports.wait(import_id, CLOSING_S)
    done = ctx.runtime.imports.result(import_id)
    path = _rejected(ctx, import_id)
    where = None
    if path.is_file():  # a path for the command line on this machine, an address for everybody else
        where = str(path) if who.actor == "local" else f"/api/imports/{import_id}/rejected"
    counts = {"read": row.read, "accepted": row.accepted, "duplicate": row.duplicate, "rejected": row.rejected}
    said = done.as_dict() if done is not None else counts | {"import_id": import_id, "kind": row.kind}
    return ImportResultOut.model_validate(
        said | {"file": row.file_name, "rejected_file": where, "status": row.status, "error": row.error}
    )


def _run(ctx: Context, row: Any) -> ImportOut:
    jobs = ctx.runtime.imports
    pace = jobs.pace(row.import_id) if row.status in {"waiting", "running"} else None
    kept = _rejected(ctx, row.import_id).is_file()
    return ImportOut(
        import_id=row.import_id, source=row.source_id, at=iso(row.started_us), file=row.file_name, kind=row.kind,
        finished_at=iso(row.finished_us) if row.finished_us is not None else None, status=row.status,
        columns=row.columns or {}, read=row.read, accepted=row.accepted, duplicate=row.duplicate,
        rejected=row.rejected, error=row.error, done=pace.done if pace else row.done,
        total=row.total if pace is None or pace.total is None else pace.total,
        rate=round(pace.rate) if pace and pace.rate else None,
        left_s=round(pace.left_s, 1) if pace and pace.left_s is not None else None,
        can_resume=row.status in {"interrupted", "failed"} and jobs.can_resume(row.import_id),
        rejected_file=f"/api/imports/{row.import_id}/rejected" if kept else None,
    )  # fmt: skip
