"""What do sources say of customers, as records that can be linked? One record a customer, one column a trait.

Only what somebody said counts: sums, scores and stages tell how somebody behaves, not who they are. An address that is
said in parts becomes a column a part. A phone or an e-mail that is only an identifier stands in for the trait.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from homing.core.event import OWN_SOURCE
from homing.profile.person import COMPUTED
from homing.storage.schema import customer

CHUNK = 5_000
CONTACTS = ("email", "phone")
_NOT_SAID = frozenset({COMPUTED, OWN_SOURCE})


@dataclass(slots=True)
class Linkable:
    """Records by column.

    Args:
        ids: the customers.
        sources: of each, the source that said most of it.
        columns: trait to values, None where a customer has none.
    """

    ids: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one customer: trait to value, parts of an address by themselves."""

    flat: dict[str, Any]
    source: str


def linkable(conn: Connection, sources: Collection[str] = (), closed: Collection[str] = ()) -> Linkable:
    """The living customers of whom these sources said anything.

    Args:
        conn: a read of the state.
        sources: source ids; none means every source.
        closed: sources that may not be read now.

    Returns:
        Records in the order of the customers' ids.
    """
    found = Linkable()
    statement = select(customer.c.customer_id, customer.c.traits, customer.c.stats)
    result = conn.execute(statement.where(customer.c.merged_into.is_(None)).order_by(customer.c.customer_id))
    while rows := result.fetchmany(CHUNK):
        for row in rows:
            said = _said(row, sources, closed)
            if said is not None:
                _add(found, row.customer_id, said)
    for values in found.columns.values():
        values.extend([None] * (len(found.ids) - len(values)))
    return found


def said_of(conn: Connection, ids: Sequence[str], closed: Collection[str] = ()) -> dict[str, Said]:
    """What every source that may be read said of these customers."""
    statement = select(customer.c.customer_id, customer.c.traits, customer.c.stats)
    rows = conn.execute(statement.where(customer.c.customer_id.in_(ids)))
    return {row.customer_id: said for row in rows if (said := _said(row, (), closed)) is not None}


def _said(row: Any, sources: Collection[str], closed: Collection[str]) -> Said | None:
    mine = {
        name: (value[0], value[2])
        for name, value in row.traits.items()
        if value[0] is not None
        and value[2] not in _NOT_SAID
        and value[2] not in closed
        and (not sources or value[2] in sources)
    }
    if not mine:
        return None
    flat = {column: v for name, (value, _) in mine.items() for column, v in _flat(name, value)}
    named = row.stats.get("named", {})
    for contact in CONTACTS:
        if not flat.get(contact) and named.get(contact):
            flat[contact] = named[contact]
    by = [source for _, source in mine.values()]
    return Said(flat, max(sorted(set(by)), key=by.count))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for part, inner in value.items():
            if not isinstance(inner, dict | list):
                yield f"{name}_{part}", inner
    elif not isinstance(value, list):
        yield name, value


def _add(found: Linkable, customer_id: str, said: Said) -> None:
    at = len(found.ids)
    found.ids.append(customer_id)
    found.sources.append(said.source)
    for column, value in said.flat.items():
        values = found.columns.setdefault(column, [])
        values.extend([None] * (at - len(values)))
        values.append(value)
