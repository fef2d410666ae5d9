"""Sources: the connectors there are, what a source would give, and those that are set up, with their runs."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import SecretStr
from sqlalchemy import select

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both
from homing.api.routes.quality import source_names
from homing.api.shapes.basics import Bi, Page
from homing.api.shapes.sources import (
    CheckOut,
    ConnectorOut,
    ConnectorsOut,
    NameOut,
    NamesOut,
    PeekIn,
    PeekOut,
    RowKindOut,
    RunIn,
    RunOut,
    SecretIn,
    SourceIn,
    SourceOut,
    SourceRowOut,
    SourcesOut,
    Way,
)
from homing.collect import sources
from homing.collect.connectors import Connector, Listener, Puller, connectors
from homing.collect.connectors.secrets import reference, secret_fields
from homing.collect.definitions import Source
from homing.collect.doors.hooks import PATH as HOOKS
from homing.collect.files import kinds
from homing.collect.preview import preview
from homing.collect.sync import forget_cursor
from homing.core.errors import InvalidInput, NotFound
from homing.core.time import iso
from homing.runtime import documents
from homing.runtime.sources import SAVED
from homing.storage import definitions
from homing.storage.definitions import Definition
from homing.storage.schema import api_key, import_run, source_cursor, user

router = APIRouter(route_class=Door, tags=["sources"])
SourceId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


@router.get("/connectors")
@needs("viewer")
def list_connectors() -> ConnectorsOut:
    """The connectors there are, each with the schema of its form."""
    known = [RowKindOut(kind=k.name, text=Bi(en=k.en, zh=k.zh)) for k in kinds.values()]
    return ConnectorsOut(items=[_connector(name, cls) for name, cls in connectors.items()], kinds=known)


@router.get("/sources")
@needs("viewer")
def list_sources(ctx: Ctx) -> SourcesOut:
    """Every source and how it is doing."""
    with ctx.state.read() as conn:
        found = definitions.all_of(conn, sources.KIND)
    return SourcesOut(items=[SourceRowOut.model_validate(_row(ctx, d)) for d in found])


@router.get("/names")
@needs("viewer")
def list_names(ctx: Ctx) -> NamesOut:
    """What the ids stand for that other answers carry: sources, and whoever made or settled something."""
    with ctx.state.read() as conn:
        users = {f"user:{i}": name for i, name in conn.execute(select(user.c.user_id, user.c.name))}
        keys = select(api_key.c.key_id, api_key.c.name).where(api_key.c.kind == "admin")
        people = users | {f"key:{i}": name for i, name in conn.execute(keys)}
    return NamesOut(sources=_named(source_names(ctx)), people=_named(people))


@router.post("/sources")
@needs("editor")
def save_source(body: SourceIn, ctx: Ctx, who: Who) -> SourceOut:
    """Save a source and its secrets, and bring it into force."""
    document, secrets = _parted(body)
    with ctx.state.write() as conn:
        documents.plan(conn, [document])
        for field, value in secrets.items():
            sources.write_secret(conn, document["id"], document["connector"], field, value.get_secret_value(),
                                 settings=document.get("settings", {}))  # fmt: skip
            ctx.wrote(conn, who, "source.secret", document["id"], field=field)
    documents.apply(ctx.runtime, [document], by=who.actor, at_us=ctx.wall_us())
    ctx.runtime.sources.on_publish(sources.KIND, document["id"])  # new secrets count even with the same document
    return _one(ctx, document["id"])


@router.post("/sources/check")
@needs("editor")
def check_source(body: SourceIn, ctx: Ctx) -> CheckOut:
    """See whether the other side answers with these settings; nothing is saved."""
    _tried(ctx, body)[1].check()
    return CheckOut()


@router.post("/sources/preview")
@needs("editor")
def preview_source(body: PeekIn, ctx: Ctx) -> PeekOut:
    """The first rows, which column feeds which field, and what they would become; nothing is saved."""
    source, made = _tried(ctx, body)
    if not isinstance(made, Puller):
        raise InvalidInput(
            f"the connector {source.connector!r} is not asked, so there is nothing to see before it comes"
        )
    with ctx.state.read() as conn:
        request = sources.request_of(conn, source, made, ctx.settings)
    rows = made.peek(body.rows, now_us=ctx.now())
    return PeekOut.model_validate(preview(rows, request, now_us=ctx.now()))


@router.get("/sources/{source_id}")
@needs("viewer")
def get_source(source_id: SourceId, ctx: Ctx) -> SourceOut:
    """One source: its document, its place and how it is doing."""
    return _one(ctx, source_id)


@router.delete("/sources/{source_id}")
@needs("editor")
def delete_source(source_id: SourceId, ctx: Ctx, who: Who) -> CheckOut:
    """Take a source back, with its secrets and its place; what it brought stays."""
    documents.change_status(ctx.runtime, sources.KIND, source_id, "deleted", by=who.actor, at_us=ctx.wall_us())
    with ctx.state.write() as conn:
        sources.forget_secrets(conn, source_id)
    forget_cursor(ctx.state, source_id)
    return CheckOut()


@router.post("/sources/{source_id}/run")
@needs("editor")
def run_source(source_id: SourceId, body: RunIn, ctx: Ctx, who: Who) -> SourceOut:
    """Read a source now, behind its place, from the beginning, or behind a value of its cursor column."""
    after = None if body.backfill else body.after if body.after is not None else SAVED
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "source.run", source_id, backfill=body.backfill, after=body.after)
    if body.wait or not ctx.runtime.sources.started:
        ctx.runtime.sources.run(source_id, after=after)
    else:
        ctx.runtime.sources.ask(source_id, after=after)
    return _one(ctx, source_id)


@router.post("/sources/{source_id}/cancel")
@needs("editor")
def cancel_run(source_id: SourceId, ctx: Ctx, who: Who) -> CheckOut:
    """Stop the run in hand after the rows it is taking; `ok` is false when there is none."""
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "source.cancel", source_id)
    return CheckOut(ok=ctx.runtime.sources.cancel(source_id))


@router.post("/sources/{source_id}/pause")
@needs("editor")
def pause_source(source_id: SourceId, ctx: Ctx, who: Who) -> SourceOut:
    """Ask nothing and take nothing until it is resumed; a run that somebody tells to run still runs."""
    documents.change_status(ctx.runtime, sources.KIND, source_id, "paused", by=who.actor, at_us=ctx.wall_us())
    return _one(ctx, source_id)


@router.post("/sources/{source_id}/resume")
@needs("editor")
def resume_source(source_id: SourceId, ctx: Ctx, who: Who) -> SourceOut:
    """Go on after a pause, or after it was stopped by a failure."""
    documents.change_status(ctx.runtime, sources.KIND, source_id, "resumed", by=who.actor, at_us=ctx.wall_us())
    return _one(ctx, source_id)


@router.put("/sources/{source_id}/secrets/{field}")
@needs("editor")
def set_secret(source_id: SourceId, field: Annotated[str, Path(max_length=60)], body: SecretIn, ctx: Ctx,
               who: Who) -> CheckOut:  # fmt: skip
    """Set a secret of a source; no answer ever holds it."""
    with ctx.state.write() as conn:
        found = definitions.get(conn, sources.KIND, source_id)
        sources.write_secret(conn, source_id, str(found.document["connector"]), field, body.value,
                             settings=found.document.get("settings", {}))  # fmt: skip
        ctx.wrote(conn, who, "source.secret", source_id, field=field)
    ctx.runtime.sources.on_publish(sources.KIND, source_id)
    return CheckOut()


@router.get("/sources/{source_id}/runs")
@needs("viewer")
def list_runs(source_id: SourceId, ctx: Ctx, cursor: paging.Cursor = None, limit: paging.Limit = 50) -> Page[RunOut]:
    """The runs of a source, newest first."""
    place = paging.decode(cursor, int)
    statement = select(import_run).where(import_run.c.source_id == source_id)
    if place:
        statement = statement.where(import_run.c.started_us < place[0])
    with ctx.state.read() as conn:
        rows = conn.execute(statement.order_by(import_run.c.started_us.desc()).limit(limit + 1)).all()
    more = paging.encode(rows[limit - 1].started_us) if len(rows) > limit else None
    return Page(items=[_run(r) for r in rows[:limit]], next=more)


@router.delete("/sources/{source_id}/cursor")
@needs("editor")
def delete_cursor(source_id: SourceId, ctx: Ctx, who: Who) -> CheckOut:
    """Forget up to where a source was read: its next run begins at the beginning."""
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "source.cursor", source_id)
    forget_cursor(ctx.state, source_id)
    return CheckOut()


# -- pieces ------------------------------------------------------------------------------------------------------------
def _parted(body: SourceIn) -> tuple[dict[str, Any], dict[str, SecretStr]]:
    """The document with references in place of secrets, and the secrets; both checked."""
    raw = dict(body.document) | {"kind": sources.KIND}
    name, settings = str(raw.get("connector", "")), raw.get("settings")
    secrets = {field: SecretStr(value) for field, value in body.secrets.items()}
    if name and isinstance(settings, dict):
        hidden = secret_fields(connectors.get(name))
        unknown = secrets.keys() - set(hidden)
        if unknown:
            raise InvalidInput(f"secret is {min(unknown)[:40]!r}, wanted one of {', '.join(hidden)}", field="secrets")
        refer = {field: reference(str(raw.get("id", "")), field) for field in secrets}
        raw["settings"] = {**settings, **refer}
    return documents.read_document(raw), secrets


def _tried(ctx: Context, body: SourceIn) -> tuple[Source, Connector]:
    """The connector of a document that is not saved; stored secrets serve the settings they were stored with alone."""
    document, secrets = _parted(body)
    source = sources.read_source(document)
    with ctx.state.read() as conn:
        saved = definitions.find(conn, sources.KIND, source.id)
        known = sources.read_secrets(conn, source.id, source.connector, source.settings)
    hidden = secret_fields(connectors.get(source.connector))
    if saved is None or _open_parts(saved.document, hidden) != _open_parts(document, hidden):
        known = {}
    made = sources.connector_of(source, {**known, **secrets}, ctx.runtime.workspace.folder)
    return source, made


def _open_parts(document: dict[str, Any], hidden: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
    settings = document.get("settings") or {}
    return document.get("connector"), {n: v for n, v in settings.items() if n not in hidden}


def _named(names: dict[str, Any]) -> list[NameOut]:
    return [NameOut(id=i, name=Bi.model_validate(both(name, i))) for i, name in sorted(names.items())]


def _connector(name: str, cls: type[Connector]) -> ConnectorOut:
    en, _, zh = inspect.cleandoc(cls.__doc__ or "").partition("\n\n")
    return ConnectorOut(
        name=name, about=Bi(en=" ".join(en.split()), zh=" ".join(zh.split())), way=_way(cls), gives=cls.gives,
        json_schema=cls.model_json_schema(by_alias=True), secrets=list(secret_fields(cls)),
    )  # fmt: skip


def _way(cls: type[Connector]) -> Way:
    return "asked" if issubclass(cls, Puller) else "listens" if issubclass(cls, Listener) else "called"


def _row(ctx: Context, found: Definition) -> dict[str, Any]:
    document, standing = found.document, ctx.runtime.sources.standing(found.id)
    try:
        cls: type[Connector] | None = connectors.get(str(document.get("connector")))
    except NotFound:
        cls = None
    with ctx.state.read() as conn:
        newest = select(import_run).where(import_run.c.source_id == found.id)
        last = conn.execute(newest.order_by(import_run.c.started_us.desc()).limit(1)).one_or_none()
    state = "draft" if found.status == "draft" else "paused" if found.status == "paused" else standing.state
    return {
        "id": found.id, "name": both(document.get("name"), found.id), "connector": document.get("connector"),
        "way": _way(cls) if cls else None, "rows": document.get("as") or (cls.gives if cls else None),
        "schedule": document.get("schedule") or None, "state": state, "error": standing.error,
        "next_at": iso(standing.next_us) if standing.next_us is not None else None,
        "last_run": _run(last) if last else None,
        "hook_url": f"{ctx.settings.base_url.rstrip('/')}{HOOKS}{found.id}" if cls and _way(cls) == "called" else None,
        "party": ctx.runtime.agreements.party(found.id),
    }  # fmt: skip


def _one(ctx: Context, source_id: str) -> SourceOut:
    with ctx.state.read() as conn:
        found = definitions.get(conn, sources.KIND, source_id)
        place = conn.execute(select(source_cursor).where(source_cursor.c.source_id == source_id)).one_or_none()
        try:
            hidden: tuple[str, ...] = secret_fields(connectors.get(str(found.document.get("connector"))))
            settings = found.document.get("settings", {})
            known = sources.read_secrets(conn, source_id, str(found.document["connector"]), settings)
        except NotFound:
            hidden, known = (), {}
    return SourceOut.model_validate(
        _row(ctx, found)
        | {
            "document": found.document,
            "version": found.version,
            "cursor": place.cursor if place else None,
            "cursor_at": iso(place.updated_us) if place else None,
            "secrets": {field: field in known for field in hidden},
        }
    )


def _run(row: Any) -> RunOut:
    return RunOut(
        run_id=row.import_id, at=iso(row.started_us), status=row.status, read=row.read, accepted=row.accepted,
        finished_at=iso(row.finished_us) if row.finished_us is not None else None, duplicate=row.duplicate,
        rejected=row.rejected, error=row.error,
    )  # fmt: skip
