"""Where are models kept? Each version with its document, its card and what scoring needs, newest last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from homing.core.errors import NotFound
from homing.predict.ground import Learned
from homing.storage.schema import model_version as table


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model, without what scoring needs."""

    kind: str
    id: str
    version: int
    document: dict[str, Any]
    as_of_us: int
    created_us: int
    created_by: str
    card: dict[str, Any]
    scored_us: int | None
    detail: dict[str, Any]


_COLUMNS = tuple(c for c in table.c if c.name != "artefact")


def keep(
    conn: Connection, document: dict[str, Any], learned: Learned, *, as_of_us: int, now_us: int, by: str
) -> Version:
    """Keep what was learned as the next version of the document's model."""
    kind, name = document["kind"], document["id"]
    match = (table.c.kind == kind, table.c.id == name)
    before = conn.execute(select(func.max(table.c.version)).where(*match)).scalar()
    row = {
        "kind": kind, "id": name, "version": (before or 0) + 1, "document": document, "as_of_us": as_of_us,
        "created_us": now_us, "created_by": by, "card": learned.card, "scored_us": None, "detail": {},
    }  # fmt: skip
    conn.execute(insert(table), [row | {"artefact": msgspec.json.encode(learned.artefact)}])
    return Version(**row)


def versions(conn: Connection, kind: str, name: str, *, limit: int = 50) -> list[Version]:
    """The versions of a model, newest first."""
    match = (table.c.kind == kind, table.c.id == name)
    rows = conn.execute(select(*_COLUMNS).where(*match).order_by(table.c.version.desc()).limit(limit))
    return [_version(row) for row in rows]


def newest(conn: Connection, kind: str) -> dict[str, Version]:
    """The newest version of every model of a kind, by id."""
    rows = conn.execute(select(*_COLUMNS).where(table.c.kind == kind).order_by(table.c.version))
    return {row.id: _version(row) for row in rows}


def version_of(conn: Connection, kind: str, name: str, version: int | None = None) -> Version:
    """A version of a model, the newest when none is named.

    Raises:
        NotFound: it was never learned.
    """
    statement = select(*_COLUMNS).where(table.c.kind == kind, table.c.id == name)
    if version is not None:
        statement = statement.where(table.c.version == version)
    row = conn.execute(statement.order_by(table.c.version.desc()).limit(1)).one_or_none()
    if row is None:
        which = f" of version {version}" if version else ""
        raise NotFound(f"the {kind} {name!r}{which} was not trained, wanted it trained first")
    return _version(row)


def artefact_of(conn: Connection, found: Version) -> dict[str, Any]:
    """What scoring by a version needs."""
    key = (table.c.kind == found.kind, table.c.id == found.id, table.c.version == found.version)
    body = conn.execute(select(table.c.artefact).where(*key)).scalar_one()
    decoded: dict[str, Any] = msgspec.json.decode(body)
    return decoded


def scored(conn: Connection, found: Version, *, as_of_us: int, detail: dict[str, Any]) -> None:
    """Note that a version's scores were written to customers, and how they are used."""
    key = (table.c.kind == found.kind, table.c.id == found.id, table.c.version == found.version)
    conn.execute(update(table).where(*key).values(scored_us=as_of_us, detail=detail))


def in_use(conn: Connection) -> list[Version]:
    """The version of each model whose scores stand on customers: the newest that was ever scored."""
    rows = conn.execute(select(*_COLUMNS).where(table.c.scored_us.is_not(None)).order_by(table.c.version))
    return list({(row.kind, row.id): _version(row) for row in rows}.values())


def _version(row: Row[Any]) -> Version:
    return Version(**row._mapping)
