"""Do the customers in the tables agree with the evidence that is kept? The components of its graph say who is one.

Three things hold whatever happened. What one customer holds hangs together by edges and links, also through identifiers
that have gone on to somebody else since. Two identifiers with an edge between them, of which neither ever moved, have
one customer; a link made by hand may have been refused, an edge stands only where they had. Nobody holds anything who
was merged into somebody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, Select, select

from homing.identity.bulk import Ints, components, numbered
from homing.identity.graph import ACTIVE
from homing.identity.winners import read_winners
from homing.storage.schema import customer, identifier, identifier_move, identity_edge, identity_link

CHUNK = 50_000
What = Literal["parted", "joined", "merged", "unknown"]


class Difference(NamedTuple):
    """Where the tables and the evidence say different things."""

    what: What  # one customer without evidence | evidence across customers | held by a merged one | by nobody's
    customers: tuple[str, ...]
    identifiers: tuple[str, ...]  # their types; the values are nobody's business here


class _Graph(NamedTuple):
    """Identifiers as numbers; those that are held come first."""

    names: pa.ChunkedArray  # type:value of each that is held
    owners: list[str]
    active: np.ndarray[Any, np.dtype[np.bool_]]
    firm: np.ndarray[Any, np.dtype[np.bool_]]  # held, active, and never moved
    nodes: int
    a: Ints  # edges, then links
    b: Ints
    edges: int


def differences(conn: Connection) -> list[Difference]:
    """Where customers and evidence differ, sorted; none where all is well."""
    g = _read(conn)
    found = [*_parted(g), *_joined(g), *_lost(conn, g)]
    return sorted(found)


def _parted(g: _Graph) -> Iterable[Difference]:
    """Customers whose identifiers do not hang together."""
    labels = components(g.nodes, g.a, g.b)
    parts: dict[str, dict[int, int]] = defaultdict(dict)  # customer -> component -> one of its identifiers
    for n, owner in enumerate(g.owners):
        if g.active[n]:
            parts[owner].setdefault(int(labels[n]), n)
    for owner, ones in parts.items():
        if len(ones) > 1:
            yield Difference("parted", (owner,), _types(g, ones.values()))


def _joined(g: _Graph) -> Iterable[Difference]:
    """Customers who are one by edges of identifiers that never moved."""
    a, b = g.a[: g.edges], g.b[: g.edges]
    both = g.firm[a] & g.firm[b]
    labels = components(g.nodes, a[both], b[both])
    people: dict[int, dict[str, int]] = defaultdict(dict)
    for n, owner in enumerate(g.owners):
        if g.firm[n]:
            people[int(labels[n])].setdefault(owner, n)
    for ones in people.values():
        if len(ones) > 1:
            yield Difference("joined", tuple(sorted(ones)), _types(g, ones.values()))


def _lost(conn: Connection, g: _Graph) -> Iterable[Difference]:
    """Holders who were merged into somebody else, or are not there."""
    merged = read_winners(conn).as_dict()
    there = set(conn.execute(select(customer.c.customer_id)).scalars())
    held: dict[str, list[int]] = defaultdict(list)
    for n, owner in enumerate(g.owners):
        if owner in merged or owner not in there:
            held[owner].append(n)
    for owner, ones in held.items():
        what: What = "merged" if owner in merged else "unknown"
        yield Difference(what, (owner, merged[owner]) if owner in merged else (owner,), _types(g, ones))


def _types(g: _Graph, ones: Iterable[int]) -> tuple[str, ...]:
    return tuple(sorted({g.names[n].as_py().split(":", 1)[0] for n in ones}))


# -- reading -----------------------------------------------------------------------------------------------------------
def _read(conn: Connection) -> _Graph:
    i, e, k, m = identifier.c, identity_edge.c, identity_link.c, identifier_move.c
    names, more = _texts(conn, select(i.type, i.value, i.customer_id, i.status))
    owners = [str(row[0]) for row in more]
    edges = [
        _ends(conn, select(e.a_type, e.a_value, e.b_type, e.b_value)),
        _ends(conn, select(k.a_type, k.a_value, k.b_type, k.b_value).where(k.ended_offset.is_(None))),
    ]
    moved, _ = _texts(conn, select(m.type, m.value).distinct())
    ends = [end for pair in edges for end in pair]
    whole = pa.chunked_array([chunk for part in (names, moved, *ends) for chunk in part.chunks], pa.string())
    numbers, nodes = numbered(whole)
    at = np.cumsum([0, *(len(part) for part in (names, moved, *ends))])
    part = [numbers[start:end] for start, end in pairwise(at)]
    active = np.zeros(nodes, bool)
    active[part[0]] = [row[1] == ACTIVE for row in more]
    firm = active.copy()
    firm[part[1]] = False
    a, b = np.concatenate((part[2], part[4])), np.concatenate((part[3], part[5]))
    return _Graph(names, owners, active, firm, nodes, a, b, len(part[2]))


def _texts(conn: Connection, statement: Select[Any]) -> tuple[pa.ChunkedArray, list[tuple[Any, ...]]]:
    """`type:value` of each row, and what else the rows say."""
    chunks, more = [], []
    result = conn.execute(statement)
    while rows := result.fetchmany(CHUNK):
        chunks.append(pa.array([f"{row[0]}:{row[1]}" for row in rows], pa.string()))
        more += [tuple(row[2:]) for row in rows]
    return pa.chunked_array(chunks, pa.string()), more


def _ends(conn: Connection, statement: Select[Any]) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    one, other = [], []
    result = conn.execute(statement)
    while rows := result.fetchmany(CHUNK):
        one.append(pa.array([f"{row[0]}:{row[1]}" for row in rows], pa.string()))
        other.append(pa.array([f"{row[2]}:{row[3]}" for row in rows], pa.string()))
    return pa.chunked_array(one, pa.string()), pa.chunked_array(other, pa.string())
