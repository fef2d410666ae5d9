"""What is known of each dataset and field: what was found in the data, and what people said, which goes before it.

A sensitivity is *detected* until a person confirms or changes it. What a person says of a dataset holds for its fields
where they are not said to be something else, but never makes a field less sensitive than it was found to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, delete, select

from homing.collect.catalogue.detect import LEVELS, Level
from homing.collect.catalogue.names import class_of
from homing.core.errors import InvalidInput, NotFound
from homing.govern import audit
from homing.govern.masking import Veil
from homing.storage.schema import catalogue_entry, catalogue_field
from homing.storage.state.store import upsert

CLASSES = ("structured", "social", "commercial-value")
GRADES = ("A", "B", "C", "D")
MAX_TEXT = 500
MAX_ENTRIES = 1_000
_CHOICES: Mapping[str, Sequence[str]] = {"class": CLASSES, "grade": GRADES, "sensitivity": LEVELS}
_TEXTS = frozenset({"owner", "note"})

Said = Mapping[str, str]  # class, grade, owner, sensitivity, note


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person says of a dataset (field "") or a field; None takes back what was said of that."""

    dataset: str
    field: str
    said: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a dataset; `name` is "" for the dataset itself."""

    dataset: str
    name: str
    found: Mapping[str, Any]
    first_us: int
    last_us: int
    said: Said
    said_of_dataset: Said

    @property
    def detected(self) -> Level | None:
        """The sensitivity by the look of it."""
        kept = self.found.get("detected")
        return kept["level"] if kept else None

    @property
    def sensitivity(self) -> Level:
        """How sensitive it is held to be."""
        own = self.said.get("sensitivity")
        if own:
            return LEVELS[LEVELS.index(own)]
        found = self.detected or "internal"
        of_all = self.said_of_dataset.get("sensitivity")
        return max(found, LEVELS[LEVELS.index(of_all)], key=LEVELS.index) if of_all else found

    @property
    def standing(self) -> Literal["confirmed", "detected", "assumed"]:
        """Whether a person said so, the data did, or nobody."""
        if "sensitivity" in self.said:
            return "confirmed"
        of_all = self.said_of_dataset.get("sensitivity")
        if of_all == self.sensitivity and self.detected != of_all:
            return "confirmed"
        return "detected" if self.detected else "assumed"

    @property
    def class_(self) -> str:
        """Structured, social or of commercial value."""
        return self.said.get("class") or self.said_of_dataset.get("class") or class_of(self.dataset, self.name)

    @property
    def owner(self) -> str:
        """Who answers for it."""
        return self.said.get("owner") or self.said_of_dataset.get("owner") or ""

    @property
    def fill(self) -> float | None:
        """The share of the rows looked at that have it; None when none was, and for a dataset."""
        n = (self.found.get("n") or 0) if self.name else 0
        return self.found.get("filled", 0) / n if n else None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset and its fields."""

    itself: Field
    fields: tuple[Field, ...] = field(default=())

    @property
    def id(self) -> str:
        """Its name."""
        return self.itself.dataset

    @property
    def sensitivity(self) -> Level:
        """That of its most sensitive field."""
        return max((f.sensitivity for f in (self.itself, *self.fields)), key=LEVELS.index)


def datasets_of(conn: Connection, *, only: str | None = None) -> list[Dataset]:
    """Every dataset with its fields, by name, or the one asked for."""
    fields, entries = select(catalogue_field), select(catalogue_entry)
    if only is not None:
        fields, entries = (
            fields.where(catalogue_field.c.dataset == only),
            entries.where(catalogue_entry.c.dataset == only),
        )
    said = {(r.dataset, r.field): r.said for r in conn.execute(entries)}
    rows = conn.execute(fields.order_by(catalogue_field.c.dataset, catalogue_field.c.field)).all()
    by_dataset: dict[str, list[Field]] = {}
    for r in rows:
        of_all = said.get((r.dataset, ""), {})
        one = Field(r.dataset, r.field, r.found, r.first_us, r.last_us, said.get((r.dataset, r.field), {}), of_all)
        by_dataset.setdefault(r.dataset, []).append(one)
    return [Dataset(all_[0], tuple(all_[1:])) for all_ in by_dataset.values() if not all_[0].name]


def say(conn: Connection, entries: Sequence[Entry], *, at_us: int, by: str) -> None:
    """Keep what a person says, with its audit row, inside the caller's transaction.

    Raises:
        InvalidInput: a word that is not among the choices.
        NotFound: there is no such dataset or field.
    """
    if len(entries) > MAX_ENTRIES:
        raise InvalidInput(f"{len(entries)} entries at once, wanted at most {MAX_ENTRIES}", field="items")
    for entry in entries:
        key = (catalogue_field.c.dataset == entry.dataset) & (catalogue_field.c.field == entry.field)
        if conn.execute(select(catalogue_field.c.dataset).where(key)).first() is None:
            raise NotFound(f"the catalogue has no {entry.field[:80]!r} in {entry.dataset[:80]!r}, wanted one it has")
        here = (catalogue_entry.c.dataset == entry.dataset) & (catalogue_entry.c.field == entry.field)
        old = conn.execute(select(catalogue_entry.c.said).where(here)).scalar() or {}
        new = {k: v for k, v in {**old, **_checked(entry.said)}.items() if v}
        conn.execute(delete(catalogue_entry).where(here))
        if new:
            row = {"dataset": entry.dataset, "field": entry.field, "said": new, "updated_us": at_us, "updated_by": by}
            upsert(conn, catalogue_entry, [row])
        changed = sorted(k for k in entry.said if old.get(k) != new.get(k))
        target = f"{entry.dataset}/{entry.field}" if entry.field else entry.dataset
        details = {k: new.get(k) for k in changed if k in _CHOICES} | {"changed": changed}
        audit.record(conn, by, "catalogue.say", target, now_us=at_us, **details)


def veil_of(conn: Connection) -> Veil:
    """What is to be hidden from those who may not see personal data.

    All that is sensitive, found or said, and what a person called personal. What merely looks personal keeps its shape:
    e-mail addresses and phone numbers are masked wherever they stand.
    """
    hidden: dict[str, set[str]] = {}
    for dataset in datasets_of(conn):
        for one in dataset.fields:
            confirmed = one.standing == "confirmed" and one.sensitivity == "personal"
            if one.sensitivity == "sensitive" or confirmed:
                hidden.setdefault(dataset.id, set()).add(one.name)
    return Veil({name: frozenset(paths) for name, paths in hidden.items()})


def _checked(said: Mapping[str, str | None]) -> dict[str, str | None]:
    for name, value in said.items():
        if name not in _CHOICES and name not in _TEXTS:
            raise InvalidInput(f"{name[:40]!r} cannot be said of data, wanted one of {_ALL}", field=name)
        if value is None:
            continue
        if name in _CHOICES and value not in _CHOICES[name]:
            raise InvalidInput(f"{name} is {value[:40]!r}, wanted one of {', '.join(_CHOICES[name])}", field=name)
        if len(value) > MAX_TEXT:
            raise InvalidInput(f"{name} has {len(value)} characters, wanted at most {MAX_TEXT}", field=name)
    return dict(said)


_ALL = ", ".join(sorted({*_CHOICES, *_TEXTS}))
