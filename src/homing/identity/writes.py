"""What did resolving teach us that must be kept? Links, merges, moves, conflicts and decisions, until the flush.

A conflict that repeats is one row: its first sight, with the standing somebody gave it. An edge is one row: the first
event that showed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, update

from homing.core.event import Event, Id
from homing.core.ids import stable_id
from homing.core.turn import Turn
from homing.identity.graph import Ident, Merge
from homing.identity.law import Separation
from homing.storage.schema import (
    identifier,
    identifier_block,
    identifier_move,
    identity_conflict,
    identity_edge,
    identity_link,
    identity_separation,
    merge,
)
from homing.storage.state.store import insert_new, upsert

SEEN_EDGES = 200_000
Row = dict[str, Any]


class Writes:
    """The rows one batch adds."""

    def __init__(self) -> None:
        self.edges: list[Row] = []
        self.merges: list[Row] = []
        self.moves: list[Row] = []
        self.conflicts: list[Row] = []
        self._seen: set[tuple[Id, Id]] = set()
        self._decided: list[tuple[Table, Row]] = []  # whole rows, the newest word counts
        self._ended: list[tuple[Table, str, int]] = []  # (table, key, offset)
        self._settled: list[Row] = []

    def edge(self, event: Event, stronger: Id, weaker: Id) -> None:
        """Two identifiers stood on one event and belong to one customer."""
        if (stronger, weaker) in self._seen:
            return
        if len(self._seen) >= SEEN_EDGES:
            self._seen.clear()
        self._seen.add((stronger, weaker))
        self.edges.append(
            {"a_type": stronger.type, "a_value": stronger.value, "b_type": weaker.type, "b_value": weaker.value,
             "event_id": event.event_id, "source_id": event.source_id, "at_us": event.happened_us}
        )  # fmt: skip

    def unseen(self, edges: Iterable[tuple[Id, Id]]) -> None:
        """These edges stand no more; an event may show them again."""
        self._seen.difference_update(edges)

    def merged(self, event: Event, pair: Merge, proof: Row, turn: Turn, reason: str = "") -> None:
        """Two customers became one."""
        self.merges.append(
            {"merge_id": stable_id("m", event.event_id, *pair), "log_offset": turn.offset, "loser": pair.loser,
             "winner": pair.winner, "at_us": turn.now_us, "event_id": event.event_id,
             "reason": reason or ("alias" if event.previous else "same_event"), "evidence": proof}
        )  # fmt: skip

    def moved(self, i: Id, owner: str, turn: Turn) -> None:
        """The identifier follows somebody else from now on; what came before this event stays with `owner`."""
        self.moves.append(
            {"type": i.type, "value": i.value, "until_offset": turn.offset, "customer_id": owner}
        )  # fmt: skip

    def conflict(self, event: Event, customer_id: str, reason: str, details: Row, turn: Turn) -> None:
        """Something could not be joined, or gave way to a limit."""
        self.conflicts.append(
            {"conflict_id": stable_id("x", customer_id, reason, details), "at_us": turn.now_us,
             "event_id": event.event_id, "customer_id": customer_id, "reason": reason, "details": details,
             "other": details.get("owner"), "status": "open"}
        )  # fmt: skip

    # -- decisions -----------------------------------------------------------------------------------------------------
    def linked(  # noqa: PLR0917 - one link
        self, event: Event, a: Id, b: Id, how: str, turn: Turn, probability: float | None = None
    ) -> Row:
        """A link no event shows: made by hand, by likeness, or to hold a part together that was taken out."""
        row = {
            "link_id": stable_id("k", event.event_id, *a, *b), "log_offset": turn.offset, "a_type": a.type,
            "a_value": a.value, "b_type": b.type, "b_value": b.value, "event_id": event.event_id,
            "at_us": turn.now_us, "how": how, "probability": probability, "made_by": made_by(event),
            "ended_offset": None,
        }  # fmt: skip
        self._decided.append((identity_link, row))
        return row

    def separated(self, event: Event, separation: Separation, reason: str, turn: Turn) -> None:
        """Two sets of identifiers are kept apart from now on."""
        row = {
            "separation_id": separation.separation_id, "log_offset": turn.offset, "event_id": event.event_id,
            "at_us": turn.now_us, "one": _listed(separation.one), "other": _listed(separation.other),
            "made_by": made_by(event), "reason": reason, "ended_offset": None,
        }  # fmt: skip
        self._decided.append((identity_separation, row))

    def still(self, i: Id, status: str, event: Event, turn: Turn) -> None:
        """The value does not link from now on."""
        said = event.properties
        row = {
            "type": i.type, "value": i.value, "status": status, "why": str(said.get("why", "hand")),
            "reason": str(said.get("reason", ""))[:500], "customers": int(said.get("customers") or 0),
            "made_by": made_by(event), "at_us": turn.now_us, "event_id": event.event_id, "lifted_us": None,
        }  # fmt: skip
        self._decided.append((identifier_block, row))

    def lifted(self, i: Id, event: Event, turn: Turn) -> None:
        """The value links again."""
        row = {
            "type": i.type, "value": i.value, "status": "lifted", "why": "hand",
            "reason": str(event.properties.get("reason", ""))[:500], "customers": 0, "made_by": made_by(event),
            "at_us": turn.now_us, "event_id": event.event_id, "lifted_us": turn.now_us,
        }  # fmt: skip
        self._decided.append((identifier_block, row))

    def ended(self, table: Table, key: str, turn: Turn) -> None:
        """A link or a separation holds no more."""
        self._ended.append((table, key, turn.offset))

    def settled(self, conflict_id: str, status: str, turn: Turn, by: str) -> None:
        """Somebody answered a conflict, or it answered itself."""
        self._settled.append({"k": conflict_id, "to": status, "at": turn.now_us, "by": by})

    def reopened(self, conflicts: Iterable[str]) -> None:
        """What answered these conflicts holds no more."""
        self._settled += [{"k": name, "to": "open", "at": None, "by": None} for name in sorted(conflicts)]

    # -- rows ----------------------------------------------------------------------------------------------------------
    def flush(self, conn: Connection, dirty: Iterable[Ident], gone: Sequence[Id] = ()) -> None:
        """Write and forget them."""
        if gone:
            c = identifier.c
            match = (c.type == bindparam("t"), c.value == bindparam("v"))
            conn.execute(delete(identifier).where(*match), [{"t": i.type, "v": i.value} for i in gone])
        upsert(conn, identifier, [_row(ident) for ident in dirty])
        insert_new(conn, identity_edge, self.edges)
        insert_new(conn, merge, self.merges)
        insert_new(conn, identifier_move, self.moves)
        insert_new(conn, identity_conflict, self.conflicts)
        for rows in (self.edges, self.merges, self.moves, self.conflicts):
            rows.clear()
        if self._decided or self._ended or self._settled:
            self._decisions(conn)

    def _decisions(self, conn: Connection) -> None:
        for table, row in self._decided:
            upsert(conn, table, [row])
        for table, key, offset in self._ended:
            (primary,) = table.primary_key.columns
            conn.execute(update(table).where(primary == key).values(ended_offset=offset))
        if self._settled:
            c = identity_conflict.c
            values: Mapping[str, Any] = {
                "status": bindparam("to"), "settled_us": bindparam("at"), "settled_by": bindparam("by"),
            }  # fmt: skip
            conn.execute(update(identity_conflict).where(c.conflict_id == bindparam("k")).values(values), self._settled)
        for rows in (self._decided, self._ended, self._settled):
            rows.clear()


def made_by(event: Event) -> str:
    """Who decided what an own event says."""
    return str(event.properties.get("by") or "homing")[:200]


def _listed(ids: Iterable[Id]) -> list[list[str]]:
    return [list(i) for i in sorted(ids)]


def _row(ident: Ident) -> Row:
    return {
        "type": ident.id.type, "value": ident.id.value, "customer_id": ident.customer_id, "first_us": ident.first_us,
        "last_us": ident.last_us, "source_id": ident.source_id, "status": ident.status,
        "rivals": list(ident.rivals) or None,
    }  # fmt: skip
