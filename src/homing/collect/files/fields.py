"""Which column of a file is which field of ours? Suggested from its name in English or Chinese, overruled by the user.

`customer_id` stands for the identifier `user_id`; a file whose customers are known by a card says `member_card=…`. One
column feeds one field; a column that feeds none is a trait or property where the kind has room for it, else ignored.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from homing.collect.files.kind import Kind, kinds
from homing.core.errors import InvalidInput
from homing.core.ids import ID_TYPES
from homing.core.query import Query
from homing.storage.files import Scratch

_CLEAN = re.compile(r"[\s_\-.#()（）:：/]+")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column (by its place) feeds which field; `rest` are the columns that feed none."""

    kind: str
    fields: dict[str, int]
    rest: tuple[int, ...]
    columns: tuple[str, ...] = field(repr=False)

    def identifiers(self) -> dict[str, int]:
        """Identifier type to column, strongest first."""
        named = {("user_id" if f == "customer_id" else f): at for f, at in self.fields.items()}
        return {t: named[t] for t in ID_TYPES if t in named}


def map_columns(kind: str, columns: Sequence[str], wanted: Mapping[str, str]) -> ColumnMap:
    """The columns of a file as fields of a kind.

    Args:
        kind: one of `kinds`.
        columns: as the file names them.
        wanted: field to column, from the user; an empty column leaves the field out.

    Raises:
        InvalidInput: an unknown kind, field or column, or a field the kind cannot do without.
    """
    known_kind = kind_of(kind)
    chosen = {f: _find(c, columns) for f, c in _checked(known_kind, wanted).items() if c}
    left = [n for n in range(len(columns)) if n not in chosen.values()]
    for name, aliases in known_kind.fields.items():
        if name in chosen or name in wanted or (name == "customer_id" and "user_id" in wanted):
            continue
        known = [clean_name(name), *aliases.split()]
        found = [n for n in left if clean_name(columns[n]) in known]
        if found:
            best = min(found, key=lambda n: known.index(clean_name(columns[n])))
            chosen[name] = best
            left.remove(best)
    mapping = ColumnMap(kind, chosen, tuple(left), tuple(columns))
    _require(known_kind, mapping)
    return mapping


def whole_columns(scratch: Scratch, places: Sequence[int]) -> set[int]:
    """Of these columns of text, those whose every value is a whole number written with `.0`, as 17850.0."""
    texts = [at for at in places if scratch.types[at] == "VARCHAR"]
    if not texts or scratch.json_lines is not None:
        return set()
    few = _all_whole(scratch, texts, "(SELECT * FROM raw LIMIT 2048)")  # one other value settles it
    return _all_whole(scratch, few, "raw") if few else set()


def _all_whole(scratch: Scratch, texts: Collection[int], rows: str) -> set[int]:
    tests = ", ".join(
        f"count(*) FILTER (trim(c{at}) <> ''), count(*) FILTER (regexp_matches(trim(c{at}), $plain))" for at in texts
    )
    (found,) = scratch.ask(Query(f"SELECT {tests} FROM {rows}", {"plain": r"^[0-9]{1,15}\.0$"}))
    return {at for n, at in enumerate(texts) if found[2 * n] == found[2 * n + 1] and (rows != "raw" or found[2 * n])}


def kind_of(name: str) -> Kind:
    """The kind of this name.

    Raises:
        InvalidInput: there is none.
    """
    if name not in kinds:
        raise InvalidInput(f"kind is {name[:40]!r}, wanted one of {', '.join(kinds)}", field="kind")
    return kinds[name]


def missing(kind: Kind, fields: Mapping[str, int], identified: bool) -> list[str]:
    """What the kind cannot do without and no column feeds."""
    out = [" or ".join(group) for group in kind.needs if not set(group) & fields.keys()]
    return out + (["customer_id or another identifier"] if kind.who and not identified else [])


def _checked(kind: Kind, wanted: Mapping[str, str]) -> dict[str, str]:
    for name in wanted:
        own = name in kind.fields or (name == "user_id" and "customer_id" in kind.fields)
        free = kind.free and re.fullmatch(r"[A-Za-z_][\w ]{0,63}", name)
        if not own and not free:
            raise InvalidInput(f"field is {name[:40]!r}, wanted one of {', '.join(kind.fields)}", field="map")
    return dict(wanted)


def _find(column: str, columns: Sequence[str]) -> int:
    if column in columns:
        return list(columns).index(column)
    same = [n for n, c in enumerate(columns) if clean_name(c) == clean_name(column)]
    if len(same) != 1:
        raise InvalidInput(f"no column {column[:60]!r}, the file has {', '.join(columns[:40])}", field="map")
    return same[0]


def _require(kind: Kind, mapping: ColumnMap) -> None:
    lacking = missing(kind, mapping.fields, bool(mapping.identifiers()))
    if lacking:
        raise InvalidInput(
            f"no column for {', '.join(lacking)}; wanted one, say it with --map {lacking[0].split()[0]}=COLUMN",
            field="map",
            details={"missing": lacking, "columns": list(mapping.columns)},
        )


def clean_name(name: str) -> str:
    """A column's name without what people vary: case, spaces and signs."""
    return _CLEAN.sub("", name).lower()
