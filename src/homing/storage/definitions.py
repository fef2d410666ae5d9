"""Which documents steer this workspace, and which version of each is in force?

A definition (segment, journey, campaign, content) is a JSON document with a kind and an id. Every version is kept;
saving the same document again makes no version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from homing.core.errors import NotFound
from homing.storage.schema import definition, definition_head
from homing.storage.state.store import upsert


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a document and its standing."""

    kind: str
    id: str
    version: int
    status: str  # draft | live | paused | deleted
    document: dict[str, Any]
    updated_us: int


_current = and_(
    definition.c.kind == definition_head.c.kind,
    definition.c.id == definition_head.c.id,
    definition.c.version == definition_head.c.version,
)
_columns = (
    definition_head.c.kind,
    definition_head.c.id,
    definition_head.c.version,
    definition_head.c.status,
    definition.c.document,
    definition_head.c.updated_us,
)


def save(conn: Connection, kind: str, id: str, document: dict[str, Any], *, now_us: int, by: str) -> Definition:
    """Keep the document as the newest version; the same document again changes nothing."""
    old = find(conn, kind, id, deleted=True)
    if old and old.document == document and old.status != "deleted":
        return old
    version = old.version + 1 if old else 1
    status = old.status if old and old.status != "deleted" else "draft"
    row = {"kind": kind, "id": id, "version": version}
    conn.execute(insert(definition), [row | {"document": document, "created_us": now_us, "created_by": by}])
    upsert(conn, definition_head, [row | {"status": status, "updated_us": now_us}])
    return Definition(kind, id, version, status, document, now_us)


def find(
    conn: Connection, kind: str, id: str, *, version: int | None = None, deleted: bool = False
) -> Definition | None:
    """The version in force, or the version asked for; None when there is none."""
    if version is not None:
        match = and_(definition.c.kind == definition_head.c.kind, definition.c.id == definition_head.c.id)
        statement = (
            select(definition_head.c.kind, definition_head.c.id, definition.c.version, definition_head.c.status,
                   definition.c.document, definition_head.c.updated_us)
            .join_from(definition_head, definition, match)
            .where(definition.c.version == version)
        )  # fmt: skip
    else:
        statement = select(*_columns).join_from(definition_head, definition, _current)
    statement = statement.where(definition_head.c.kind == kind, definition_head.c.id == id)
    if not deleted:
        statement = statement.where(definition_head.c.status != "deleted")
    row = conn.execute(statement).one_or_none()
    return Definition(*row) if row else None


def get(conn: Connection, kind: str, id: str, *, version: int | None = None) -> Definition:
    """The version in force, or the version asked for.

    Raises:
        NotFound: there is none.
    """
    found = find(conn, kind, id, version=version)
    if found is None:
        raise NotFound(f"there is no {kind} {id!r}" + (f" of version {version}" if version else ""))
    return found


def all_of(conn: Connection, kind: str) -> list[Definition]:
    """Every document of a kind that is not deleted, by id."""
    rows = conn.execute(
        select(*_columns)
        .join_from(definition_head, definition, _current)
        .where(definition_head.c.kind == kind, definition_head.c.status != "deleted")
        .order_by(definition_head.c.id)
    )
    return [Definition(*row) for row in rows]


def published(conn: Connection, kind: str) -> list[Definition]:
    """The documents in force or paused, each in the version that was published last, by id.

    A version saved after that is not among them: it waits to be published.
    """
    match = and_(
        definition.c.kind == definition_head.c.kind,
        definition.c.id == definition_head.c.id,
        definition.c.version == definition_head.c.live_version,
    )
    columns = (
        definition_head.c.kind, definition_head.c.id, definition.c.version, definition_head.c.status,
        definition.c.document, definition_head.c.updated_us,
    )  # fmt: skip
    rows = conn.execute(
        select(*columns)
        .join_from(definition_head, definition, match)
        .where(definition_head.c.kind == kind, definition_head.c.status.in_(("live", "paused")))
        .order_by(definition_head.c.id)
    )
    return [Definition(*row) for row in rows]


def set_status(
    conn: Connection, kind: str, id: str, status: str, *, now_us: int, version: int | None = None
) -> Definition:
    """Change the standing of a document (draft, live, paused, deleted); return it as it stands then.

    `version` is the one in force from now on; the newest when None.

    Raises:
        NotFound: there is no such document or version.
    """
    found = find(conn, kind, id, version=version, deleted=True)
    if found is None:
        raise NotFound(f"there is no {kind} {id!r}" + (f" of version {version}" if version else ""))
    values: dict[str, Any] = {"status": status, "updated_us": now_us}
    if status in {"live", "paused"}:
        values["live_version"] = found.version
    conn.execute(
        update(definition_head).where(definition_head.c.kind == kind, definition_head.c.id == id).values(**values)
    )
    return Definition(kind, id, found.version, status, found.document, now_us)
