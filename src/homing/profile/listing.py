"""Which customers are in a list, and in which order? Rows as the stream keeps them, never older than a moment.

A list holds living customers; one that was merged is still found by its id and says into whom it went. One or two
letters look for beginnings of words, more of them for a part anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, literal, not_, or_, select, tuple_

from homing.core.errors import InvalidInput
from homing.core.ids import ID_TYPES
from homing.storage.schema import customer as table
from homing.storage.schema import customer_tag, identifier, segment_member
from homing.storage.search import begins_words

NEVER = -1  # stands for "no order yet" when sorting
SORTS: dict[str, ColumnElement[Any]] = {
    "orders": table.c.orders,
    "revenue": table.c.revenue,
    "last_order_at": func.coalesce(table.c.last_order_us, NEVER),
    "last_seen_at": table.c.last_seen_us,
    "name": func.lower(table.c.display),
}
DEFAULT_SORT = "-last_seen_at"
MAX_SEARCH = 100


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in a list."""

    customer_id: str
    name: str
    email: str | None
    stage: str
    rfm: str | None
    orders: int
    revenue: float
    last_order_us: int | None
    last_seen_us: int
    ids: int
    place: tuple[Any, str]  # where the list goes on behind this row


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers a list is about, and in which order; `-` before the column turns it round.

    `names_only` searches names and ids, so that nobody finds out an address or a number letter by letter.
    """

    search: str = ""
    segment: str | None = None
    sort: str = DEFAULT_SORT
    names_only: bool = False
    stage: str | None = None
    tag: str | None = None
    _column: ColumnElement[Any] = field(init=False)

    def __post_init__(self) -> None:
        if self.column not in SORTS:
            raise InvalidInput(
                f"sort is {self.sort[:40]!r}, wanted one of {', '.join(SORTS)}, - before it", field="sort"
            )
        if len(self.search) > MAX_SEARCH:
            raise InvalidInput(f"the search has {len(self.search)} characters, wanted at most {MAX_SEARCH}", field="q")
        object.__setattr__(self, "_column", SORTS[self.column])

    @property
    def column(self) -> str:
        """The name of the column that gives the order."""
        return self.sort.removeprefix("-")

    @property
    def down(self) -> bool:
        """Whether the highest comes first."""
        return self.sort.startswith("-")

    @property
    def text(self) -> str:
        """What is searched for, as it is compared."""
        return " ".join(self.search.lower().split())

    @property
    def filters(self) -> tuple[str, ...]:
        """Which of the filters are set."""
        given = {"q": self.text, "segment": self.segment, "stage": self.stage, "tag": self.tag}
        return tuple(name for name, value in given.items() if value)

    def rows(self, after: tuple[Any, str] | None, limit: int, *, walking: bool = False) -> Select[Any]:
        """The statement of one page.

        Args:
            after: the place of the last row of the page before.
            limit: at most so many.
            walking: follow the order and look at each customer, because nearly every one of them is wanted.
        """
        order = [c.desc() if self.down else c.asc() for c in (self._column, table.c.customer_id)]
        every = select(table, self._column.label("place"))
        statement = self._narrow(every, walking=walking).order_by(*order).limit(limit)
        if after is not None:
            here, there = tuple_(self._column, table.c.customer_id), tuple_(*after)
            statement = statement.where(here < there if self.down else here > there)
        return statement

    def total(self) -> Select[Any]:
        """The statement that counts them."""
        return self._narrow(select(func.count()).select_from(table))

    def places(self, ids: Sequence[str]) -> Select[Any]:
        """The statement of the places of those among some customers that are wanted, in no order."""
        these = func.json_each(json_of(ids)).table_valued("value")
        statement = self._narrow(select(self._column.label("place"), table.c.customer_id), walking=True)
        return statement.where(table.c.customer_id.in_(select(these.c.value)))

    def held(self) -> Select[Any]:
        """Who holds exactly what was typed as an identifier."""
        given = {self.search.strip(), self.text}
        return select(identifier.c.customer_id).where(identifier.c.type.in_(ID_TYPES), identifier.c.value.in_(given))

    def members(self) -> Select[Any]:
        """Who is in the segment."""
        return select(segment_member.c.customer_id).where(segment_member.c.segment_id == self.segment)

    def tagged(self) -> Select[Any]:
        """Who has the tag."""
        tag = customer_tag.c
        return select(tag.customer_id).where(tag.tag_id == self.tag, tag.lapsed.is_(False))

    def _narrow(self, statement: Select[Any], *, walking: bool = False) -> Select[Any]:
        statement = statement.where(table.c.merged_into.is_(None))
        if self.text:
            statement = statement.where(self._named(self.text) if self.names_only else self._found(self.text))
        for sets in (self.members() if self.segment else None, self.tagged() if self.tag else None):
            if sets is not None:
                (theirs,) = sets.selected_columns
                statement = statement.where(
                    sets.where(theirs == table.c.customer_id).correlate(table).exists() if walking
                    else table.c.customer_id.in_(sets)
                )  # fmt: skip
        if self.stage:
            statement = statement.where(table.c.stage == self.stage)
        return statement

    def _found(self, text: str) -> ColumnElement[bool]:
        return or_(_contains(table.c.search, text), table.c.customer_id.in_(self.held()))

    @staticmethod
    def _named(text: str) -> ColumnElement[bool]:
        shown = func.lower(table.c.display)
        address = or_(shown.contains("@"), shown.startswith("+"))  # who has no name is shown by an identifier
        return or_(and_(_contains(shown, text), not_(address)), table.c.customer_id == text)


def _contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    if begins_words(text):
        return (literal(" ") + column).contains(" " + text, autoescape=True)
    return column.contains(text, autoescape=True)


def customers(
    conn: Connection, wanted: Wanted, *, after: tuple[Any, str] | None = None, limit: int = 50, walking: bool = False
) -> list[CustomerRow]:
    """One page of customers."""
    return _listed(conn, conn.execute(wanted.rows(after, limit, walking=walking)).all())


def how_many(conn: Connection, wanted: Wanted) -> int:
    """How many customers there are of the wanted kind."""
    return int(conn.execute(wanted.total()).scalar_one())


def json_of(ids: Sequence[str]) -> str:
    """Ids as one bound value, however many they are."""
    return msgspec.json.encode(ids).decode()


def exists(conn: Connection, customer_id: str) -> bool:
    """Whether there is such a customer, living or merged."""
    return conn.execute(select(table.c.customer_id).where(table.c.customer_id == customer_id)).scalar() is not None


def customers_named(conn: Connection, ids: list[str]) -> list[CustomerRow]:
    """These customers, in the order asked for; those that are not known are left out."""
    these = select(func.json_each(json_of(ids)).table_valued("value").c.value)
    found = conn.execute(select(table, table.c.customer_id.label("place")).where(table.c.customer_id.in_(these))).all()
    rows = {r.customer_id: r for r in _listed(conn, found)}
    return [rows[one] for one in ids if one in rows]


def _listed(conn: Connection, rows: Any) -> list[CustomerRow]:
    ids = [r.customer_id for r in rows]
    held = conn.execute(
        select(identifier.c.customer_id, func.count())
        .where(identifier.c.customer_id.in_(ids))
        .group_by(identifier.c.customer_id)
    )
    counts = {row[0]: int(row[1]) for row in held}
    return [_row(r, counts.get(r.customer_id, 0)) for r in rows]


def _row(row: Row[Any], ids: int) -> CustomerRow:
    said = {name: s[0] for name, s in row.traits.items()}
    email = said.get("email") or row.stats.get("named", {}).get("email")
    return CustomerRow(
        customer_id=row.customer_id, name=row.display, email=str(email) if email else None, stage=row.stage,
        rfm=said.get("rfm_segment"), orders=row.orders, revenue=float(row.revenue), last_order_us=row.last_order_us,
        last_seen_us=row.last_seen_us, ids=ids, place=(row.place, row.customer_id),
    )  # fmt: skip
