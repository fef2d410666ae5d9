"""What do a list and a page show of customers? Rows as the stream keeps them, so they are never older than a moment.

A list holds living customers; one that was merged is still found by its id and says into whom it went.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, not_, or_, select, tuple_

from homing.core.errors import InvalidInput, NotFound
from homing.core.time import from_us, zone_of
from homing.profile.churn import ChurnSignal, churn_signal
from homing.profile.person import COMPUTED_TRAITS, from_row
from homing.profile.stats import Stats
from homing.storage.schema import customer as table
from homing.storage.schema import identifier, segment_member

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
class TraitValue:
    """A trait with where it comes from."""

    name: str
    value: Any
    source: str
    as_of_us: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one customer."""

    customer_id: str
    name: str
    stage: str
    merged_into: str | None
    first_seen_us: int
    last_seen_us: int
    traits: tuple[TraitValue, ...]
    stats: Stats
    revenue: float
    churn: ChurnSignal | None
    values: dict[str, Any]  # trait name -> value


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers a list is about, and in which order; `-` before the column turns it round.

    `names_only` searches names and ids, so that nobody finds out an address or a number letter by letter.
    """

    search: str = ""
    segment: str | None = None
    sort: str = DEFAULT_SORT
    names_only: bool = False
    _column: ColumnElement[Any] = field(init=False)

    def __post_init__(self) -> None:
        name = self.sort.removeprefix("-")
        if name not in SORTS:
            raise InvalidInput(
                f"sort is {self.sort[:40]!r}, wanted one of {', '.join(SORTS)}, - before it", field="sort"
            )
        if len(self.search) > MAX_SEARCH:
            raise InvalidInput(f"the search has {len(self.search)} characters, wanted at most {MAX_SEARCH}", field="q")
        object.__setattr__(self, "_column", SORTS[name])

    def rows(self, after: tuple[Any, str] | None, limit: int) -> Select[Any]:
        """The statement of one page."""
        down = self.sort.startswith("-")
        order = [c.desc() if down else c.asc() for c in (self._column, table.c.customer_id)]
        statement = self._narrow(select(table, self._column.label("place"))).order_by(*order).limit(limit)
        if after is not None:
            here, there = tuple_(self._column, table.c.customer_id), tuple_(*after)
            statement = statement.where(here < there if down else here > there)
        return statement

    def total(self) -> Select[Any]:
        """The statement that counts them."""
        return self._narrow(select(func.count()).select_from(table))

    def _narrow(self, statement: Select[Any]) -> Select[Any]:
        statement = statement.where(table.c.merged_into.is_(None))
        text = self.search.strip().lower()
        if text:
            statement = statement.where(self._named(text) if self.names_only else self._found(text))
        if self.segment:
            inside = select(segment_member.c.customer_id).where(segment_member.c.segment_id == self.segment)
            statement = statement.where(table.c.customer_id.in_(inside))
        return statement

    def _found(self, text: str) -> ColumnElement[bool]:
        held = select(identifier.c.customer_id).where(identifier.c.value.in_({self.search.strip(), text}))
        return or_(table.c.search.contains(text, autoescape=True), table.c.customer_id.in_(held))

    @staticmethod
    def _named(text: str) -> ColumnElement[bool]:
        shown = func.lower(table.c.display)
        address = or_(shown.contains("@"), shown.startswith("+"))  # who has no name is shown by an identifier
        return or_(and_(shown.contains(text, autoescape=True), not_(address)), table.c.customer_id == text)


def customers(
    conn: Connection, wanted: Wanted, *, after: tuple[Any, str] | None = None, limit: int = 50
) -> list[CustomerRow]:
    """One page of customers."""
    return _listed(conn, conn.execute(wanted.rows(after, limit)).all())


def how_many(conn: Connection, wanted: Wanted) -> int:
    """How many customers there are of the wanted kind."""
    return int(conn.execute(wanted.total()).scalar_one())


def customers_named(conn: Connection, ids: list[str]) -> list[CustomerRow]:
    """These customers, in the order asked for; those that are not known are left out."""
    found = conn.execute(select(table, table.c.customer_id.label("place")).where(table.c.customer_id.in_(ids))).all()
    rows = {r.customer_id: r for r in _listed(conn, found)}
    return [rows[one] for one in ids if one in rows]


def profile_of(
    conn: Connection, customer_id: str, *, now_us: int, zone: str, closed: frozenset[str] = frozenset()
) -> Profile:
    """Everything about one customer; of what `closed` sources said, nothing, even before the stream has come to it.

    Raises:
        NotFound: there is no such customer.
    """
    row = conn.execute(select(table).where(table.c.customer_id == customer_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no customer {customer_id[:60]!r}")
    person = from_row(row, zone_of(zone))
    traits = [TraitValue(name, said[0], said[2], said[1]) for name, said in row.traits.items()
              if said[0] is not None and said[2] not in closed]  # fmt: skip
    today = from_us(now_us).astimezone(person.zone).toordinal()
    return Profile(
        customer_id=customer_id,
        name=row.display,
        stage=row.stage,
        merged_into=row.merged_into,
        first_seen_us=row.first_seen_us,
        last_seen_us=row.last_seen_us,
        traits=tuple(sorted(traits, key=lambda t: (t.name in COMPUTED_TRAITS, t.name))),
        stats=person.stats,
        revenue=float(row.revenue),
        churn=churn_signal(person.stats, today),
        values={t.name: t.value for t in traits},
    )


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
