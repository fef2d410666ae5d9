"""How does the catalogue's answer look? A dataset and its fields as rows, with the names people know them by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from homing.api.routes.customers import both
from homing.collect.catalogue import Dataset, Field
from homing.collect.catalogue.names import CALL, CONTEXT, CUSTOMERS, EVENT, IDENTIFIERS, SEGMENT, SOURCE
from homing.core.time import iso
from homing.core.words import words
from homing.runtime.lineage import Lineage, User, grade_of, read_by
from homing.storage import definitions
from homing.storage.schema import api_key

_GROUPS = {EVENT: "events", CALL: "calls", SEGMENT: "segments", SOURCE: "sources"}
_PEOPLE = frozenset({CUSTOMERS, IDENTIFIERS, CONTEXT})
_MADE_FROM: dict[str, tuple[str, ...]] = {
    "order_lines": ("event:Order Completed",),
    "products": ("event:Product Updated",),
    CUSTOMERS: (IDENTIFIERS,),
}

Bi = dict[str, str]


@dataclass(frozen=True, slots=True)
class Names:
    """What segments and sources are called, and what segments are made from."""

    segments: Mapping[str, Any]
    sources: Mapping[str, Any]
    made_from: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, conn: Connection) -> Names:
        """Read the names."""
        segments = {d.id: d for d in definitions.all_of(conn, "segment")}
        sources: dict[str, Any] = {r.key_id: r.name for r in conn.execute(select(api_key.c.key_id, api_key.c.name))}
        sources |= {d.id: d.document.get("name") for d in definitions.all_of(conn, "source")}
        made = {SEGMENT + i: tuple(sorted({p.dataset for p in read_by(d.document)})) for i, d in segments.items()}
        return cls({i: d.document.get("name") for i, d in segments.items()}, sources, made | _MADE_FROM)

    def label(self, dataset: str) -> Bi:
        """A dataset's name in both languages."""
        head, colon, rest = dataset.partition(":")
        if not colon:
            return words("dataset", dataset)
        if head + colon == EVENT:
            return words("event", rest)
        if head + colon == SEGMENT:
            return both(self.segments.get(rest), rest)
        if head + colon == SOURCE:
            return self.source(rest)
        return words("call", rest) if head + colon == CALL else {"en": rest, "zh": rest}

    def source(self, source: str) -> Bi:
        """A source's name in both languages."""
        known = words("source", source)
        return both(self.sources[source], source) if source in self.sources else known


def group_of(dataset: str) -> str:
    """Which part of the list a dataset stands in."""
    if dataset in _PEOPLE:
        return "people"
    head, colon, _ = dataset.partition(":")
    return _GROUPS.get(head + colon, "tables")


def dataset_row(dataset: Dataset, users: Lineage, names: Names, now_us: int) -> dict[str, Any]:
    """A dataset as a row of the list."""
    one = dataset.itself
    used = users.of(dataset.id)
    waiting = [f for f in dataset.fields if f.standing == "detected"]
    return {
        "id": dataset.id, "group": group_of(dataset.id), "label": names.label(dataset.id), "n": one.found.get("n", 0),
        "fields": len(dataset.fields), "first_seen": iso_or_none(one.first_us), "last_seen": iso_or_none(one.last_us),
        "class": one.class_, "grade": grade_of(one, used, now_us), "owner": one.owner,
        "sensitivity": dataset.sensitivity, "to_confirm": len(waiting),
        "sources": sorted(one.found.get("sources", {})), "used_by": len(used),
    }  # fmt: skip


def dataset_out(dataset: Dataset, users: Lineage, names: Names, now_us: int) -> dict[str, Any]:
    """A dataset with its fields and what stands before and behind it."""
    delivered = dataset.itself.found.get("sources", {})
    makes = [name for name, parts in names.made_from.items() if dataset.id in parts]
    return dataset_row(dataset, users, names, now_us) | {
        "said": dict(dataset.itself.said),
        "columns": [_field(f, users.of(*_place(f)), now_us) for f in dataset.fields],
        "delivered_by": [
            {"id": source, "name": names.source(source), "n": told["n"], "last_seen": iso_or_none(told["last_us"])}
            for source, told in sorted(delivered.items(), key=lambda x: -x[1]["n"])
        ],
        "made_from": [{"id": i, "label": names.label(i)} for i in names.made_from.get(dataset.id, ())],
        "makes": [{"id": i, "label": names.label(i)} for i in sorted(makes)],
        "users": [_user(u) for u in users.of(dataset.id)],
    }


def iso_or_none(us: int) -> str | None:
    """An instant as text; None for never."""
    return iso(us) if us else None


def _place(one: Field) -> tuple[str, str | None]:
    """Where a field's users stand: those of a source's event are the event's own."""
    if not one.dataset.startswith(SOURCE):
        return one.dataset, one.name
    known = one.name == "call:identify"
    return (CUSTOMERS if known else one.name if one.name.startswith(CALL) else EVENT + one.name), None


def _field(one: Field, used: Sequence[User], now_us: int) -> dict[str, Any]:
    found, detected = one.found, one.found.get("detected")
    return {
        "name": one.name, "n": found["n"], "filled": found["filled"], "fill": one.fill, "distinct": found["distinct"],
        "types": found["types"], "first_seen": iso_or_none(one.first_us), "last_seen": iso_or_none(one.last_us),
        "class": one.class_, "grade": grade_of(one, used, now_us), "owner": one.owner, "sensitivity": one.sensitivity,
        "standing": one.standing, "said": dict(one.said), "used_by": [_user(u) for u in used],
        "detected": detected | {"label": words("sensitive", detected["kind"])} if detected else None,
    }  # fmt: skip


def _user(user: User) -> dict[str, Any]:
    return {"kind": user.kind, "id": user.id, "name": both(user.name, user.id), "status": user.status,
            "acts": user.acts}  # fmt: skip
