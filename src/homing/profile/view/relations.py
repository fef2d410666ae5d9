"""Whom is a customer with? Who brought her, whom she brought, with whom she shares a household or an account.

A referral is a trait that names somebody by any identifier he holds; both ends must be known customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from homing.core.ids import ID_TYPES
from homing.core.query import Query
from homing.profile.hers import hers_of
from homing.profile.listing import CustomerRow, customers_named
from homing.storage.schema import customer, group_member, identifier
from homing.storage.warehouse import Warehouse

REFERRALS = ("referred_by", "referrer", "referrer_id", "invited_by", "inviter")
MOST = 200
_BY = """
SELECT arg_max(CAST(CAST(value AS JSON) AS VARCHAR), {{'t': happened_us, 'o': log_offset}}),
  arg_max(source_id, {{'t': happened_us, 'o': log_offset}}), max(happened_us)
FROM trait_fact WHERE {hers} AND happened_us <= $at AND list_contains($names, name)
"""
_OF = """
SELECT customer_id, arg_max(source_id, {'t': happened_us, 'o': log_offset}), max(happened_us)
FROM trait_words WHERE list_contains($names, name) AND happened_us <= $at AND variant_typeof(value) = 'VARCHAR'
  AND list_contains($ids, CAST(value AS VARCHAR)) AND customer_id <> $customer
GROUP BY customer_id ORDER BY 3 DESC, 1 LIMIT $most
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """One other customer, why she stands here and since when."""

    how: str  # referred_by | refers | household | account
    row: CustomerRow
    source: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Relations:
    """Everybody around a customer; `unknown_referrer` when she was brought by somebody nobody knows."""

    found: tuple[Relation, ...]
    unknown_referrer: bool


def relations(conn: Connection, warehouse: Warehouse, customer_id: str, at_us: int) -> Relations:
    """Who stands around the customer by an instant; households and accounts as they are now."""
    hers = hers_of(warehouse, customer_id)
    ((word, source, said_us),) = warehouse.ask(
        Query(_BY.format(hers=hers.sql), {**hers.params, "at": at_us, "names": list(REFERRALS)})
    )
    named = None if word is None else msgspec.json.decode(word)
    brought = [] if named is None else [(one, source, said_us) for one in _holders(conn, str(named))]
    ids = list(conn.execute(select(identifier.c.value).where(identifier.c.customer_id == customer_id)).scalars())
    asked = {"names": list(REFERRALS), "at": at_us, "ids": [*ids, customer_id], "customer": customer_id, "most": MOST}
    refers = warehouse.ask(Query(_OF, asked))
    return Relations(
        (
            *_related(conn, "referred_by", [one for one in brought if one[0] != customer_id]),
            *_related(conn, "refers", refers),
            *_together(conn, customer_id),
        ),
        unknown_referrer=named is not None and not brought,
    )


def _holders(conn: Connection, value: str) -> list[str]:
    given = [value, value.strip().lower()]
    held = conn.execute(select(identifier.c.customer_id).where(identifier.c.type.in_(ID_TYPES),
                                                               identifier.c.value.in_(given)))  # fmt: skip
    found = list(dict.fromkeys(held.scalars()))
    if not found:
        found = list(conn.execute(select(customer.c.customer_id).where(customer.c.customer_id == value)).scalars())
    return found[:1]


def _together(conn: Connection, customer_id: str) -> list[Relation]:
    mine = select(group_member.c.kind, group_member.c.group_id).where(group_member.c.customer_id == customer_id)
    found: list[Relation] = []
    for kind, group in conn.execute(mine).all():
        theirs = conn.execute(
            select(group_member.c.customer_id, group_member.c.since_us)
            .where(group_member.c.kind == kind, group_member.c.group_id == group,
                   group_member.c.customer_id != customer_id)
            .order_by(group_member.c.since_us, group_member.c.customer_id).limit(MOST)
        ).all()  # fmt: skip
        found += _related(conn, kind, [(row.customer_id, "homing", row.since_us) for row in theirs])
    return found


def _related(conn: Connection, how: str, others: Sequence[Any]) -> list[Relation]:
    known = {one[0]: (one[1], one[2]) for one in others}
    return [Relation(how, row, *known[row.customer_id]) for row in customers_named(conn, list(known))]
