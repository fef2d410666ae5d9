"""Which rows were refused, and how are they mended? Selected by what they have in common, changed together, put aside.

Only what is open is changed. A bulk change is shown before it is kept; a row whose text is no JSON object is left as it
is and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, select, tuple_, update

from homing.collect.quality.reach import change_at
from homing.collect.rejects import MAX_BODY
from homing.core.errors import Conflict, InvalidInput, NotFound
from homing.storage.schema import rejected

Status = Literal["open", "replayed", "dropped"]
MAX_ROWS = 10_000  # one bulk action
SHOWN = 20  # rows of a preview
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Refused rows by what they have in common; what is not given does not matter."""

    ids: tuple[str, ...] = ()
    source: str | None = None
    code: str | None = None
    import_id: str | None = None
    status: str | None = None
    shape: str | None = None
    since_us: int | None = None
    until_us: int | None = None

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions in SQL."""
        r = rejected.c
        equal = ((r.source_id, self.source), (r.code, self.code), (r.import_id, self.import_id),
                 (r.status, self.status), (r.shape, self.shape))  # fmt: skip
        found = [column == value for column, value in equal if value is not None]
        if self.ids:
            found.append(r.rejected_id.in_(self.ids))
        if self.since_us is not None:
            found.append(r.at_us >= self.since_us)
        if self.until_us is not None:
            found.append(r.at_us < self.until_us)
        return found


class Group(NamedTuple):
    """How many rows have the same source, reason and standing."""

    source: str
    code: str
    status: str
    n: int
    last_us: int


class Change(NamedTuple):
    """One change of a field: `set` it, `replace` a text in it, `trim` it, or `remove` it."""

    op: Literal["set", "replace", "trim", "remove"]
    field: str
    value: Any = None
    find: str = ""


class Difference(NamedTuple):
    """A row before and after."""

    rejected_id: str
    before: str
    after: str


class Fixed(NamedTuple):
    """What a change does or did."""

    matched: int
    changed: int
    unreadable: int
    sample: tuple[Difference, ...]


def groups(conn: Connection, chosen: Selection) -> list[Group]:
    """What there is, counted, the most first."""
    n = func.count().label("n")
    columns = (rejected.c.source_id, rejected.c.code, rejected.c.status)
    rows = conn.execute(
        select(*columns, n, func.max(rejected.c.at_us)).where(*chosen.where()).group_by(*columns).order_by(n.desc())
    )
    return [Group(*row) for row in rows]


def page(conn: Connection, chosen: Selection, before: Sequence[Any] | None, limit: int) -> list[Row[Any]]:
    """Rows, newest first; `before` is (at_us, rejected_id) of the last one of the page before."""
    key = tuple_(rejected.c.at_us, rejected.c.rejected_id)
    statement = select(rejected).where(*chosen.where())
    if before:
        statement = statement.where(key < tuple_(*before))
    newest = (rejected.c.at_us.desc(), rejected.c.rejected_id.desc())
    return list(conn.execute(statement.order_by(*newest).limit(limit)).all())


def ids_of(conn: Connection, chosen: Selection, status: Status = "open") -> list[str]:
    """The ids of what is chosen and stands so, oldest first, at most `MAX_ROWS`."""
    statement = select(rejected.c.rejected_id).where(*chosen.where(), rejected.c.status == status)
    oldest = (rejected.c.at_us, rejected.c.rejected_id)
    return list(conn.execute(statement.order_by(*oldest).limit(MAX_ROWS)).scalars())


def rows_of(conn: Connection, ids: Iterable[str]) -> list[Row[Any]]:
    """These rows, oldest first."""
    oldest = (rejected.c.at_us, rejected.c.rejected_id)
    return list(conn.execute(select(rejected).where(rejected.c.rejected_id.in_(tuple(ids))).order_by(*oldest)).all())


def fix(conn: Connection, chosen: Selection, change: Change, *, dry_run: bool) -> Fixed:
    """Change a field of every chosen row that is open; with `dry_run` only say what would change."""
    apply = _compiled(change)
    ids = ids_of(conn, chosen)
    changed = unreadable = 0
    sample: list[Difference] = []
    for start in range(0, len(ids), _CHUNK):
        for row in rows_of(conn, ids[start : start + _CHUNK]):
            document = _object(row.body)
            if document is None:
                unreadable += 1
                continue
            apply(document)
            after = msgspec.json.encode(document).decode()
            if document == _object(row.body) or len(after) > MAX_BODY:
                continue
            changed += 1
            if len(sample) < SHOWN:
                sample.append(Difference(row.rejected_id, row.body, after))
            if not dry_run:
                _write(conn, row, after)
    return Fixed(len(ids), changed, unreadable, tuple(sample))


def edit(conn: Connection, rejected_id: str, body: str) -> None:
    """Keep another text for one open row.

    Raises:
        NotFound: there is no such row.
        Conflict: it was sent again or dropped meanwhile.
        InvalidInput: the text is no JSON object, or too long.
    """
    found = rows_of(conn, [rejected_id])
    if not found:
        raise NotFound(f"there is no rejected row {rejected_id!r}")
    row = found[0]
    if row.status != "open":
        raise Conflict(f"the row is {row.status}, wanted an open one")
    if len(body) > MAX_BODY:
        raise InvalidInput(f"the text has {len(body)} characters, wanted at most {MAX_BODY}", field="body")
    if _object(body) is None:
        raise InvalidInput("the text is not a JSON object, wanted one", field="body")
    _write(conn, row, body)


def settle(conn: Connection, ids: Iterable[str], status: Status, *, now_us: int | None) -> int:
    """Change the standing of rows; return of how many."""
    was = "dropped" if status == "open" else "open"
    n = 0
    wanted = tuple(ids)
    for start in range(0, len(wanted), _CHUNK):
        done = conn.execute(
            update(rejected)
            .where(rejected.c.rejected_id.in_(wanted[start : start + _CHUNK]), rejected.c.status == was)
            .values(status=status, settled_us=now_us)
        )
        n += done.rowcount
    return n


def _write(conn: Connection, row: Row[Any], body: str) -> None:
    """Keep the text; a call that was not whole and is written anew can be sent again."""
    shape = row.shape or ("call" if row.place.startswith("item ") else "")
    here = rejected.c.rejected_id == row.rejected_id
    conn.execute(update(rejected).where(here).values(body=body, shape=shape))


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _compiled(change: Change) -> Callable[[dict[str, Any]], None]:
    if not change.field or not all(part.removesuffix("[]") for part in change.field.split(".")):
        raise InvalidInput("no field, wanted one such as properties.price", field="field")
    if change.op == "set":
        return lambda document: _set(document, change.field, change.value)
    if change.op == "replace" and not change.find:
        raise InvalidInput("nothing to be replaced, wanted a text", field="find")

    def at(holder: dict[str, Any], name: str) -> None:
        value = holder[name]
        if change.op == "remove":
            del holder[name]
        elif change.op == "trim" and isinstance(value, str):
            holder[name] = value.strip()
        elif change.op == "replace" and isinstance(value, str):
            holder[name] = value.replace(change.find, "" if change.value is None else str(change.value))

    return lambda document: change_at(document, change.field, at)


def _set(document: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a path; objects on the way are made where they are absent, lists are gone through."""
    if path in document or "." not in path:
        document[path] = value
        return
    head, rest = path.split(".", 1)
    if head.endswith("[]"):
        inner = document.get(head[:-2])
        for one in inner if isinstance(inner, list) else []:
            if isinstance(one, dict):
                _set(one, rest, value)
        return
    inner = document.get(head)
    if inner is None:
        inner = document[head] = {}
    if isinstance(inner, dict):
        _set(inner, rest, value)
