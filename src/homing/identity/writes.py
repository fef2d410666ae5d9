"""What did resolving teach us that must be kept? Links, merges, moves and conflicts, collected until the flush.

A conflict that repeats is one row: its first sight. A link is one row: the first event that showed it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from homing.core.event import Event, Id
from homing.core.ids import stable_id
from homing.core.turn import Turn
from homing.identity.graph import Ident, Merge
from homing.storage.schema import identifier, identifier_move, identity_conflict, identity_edge, merge
from homing.storage.state.store import insert_new, upsert

SEEN_EDGES = 200_000


class Writes:
    """The rows one batch adds."""

    def __init__(self) -> None:
        self._edges: list[dict[str, Any]] = []
        self._seen: set[tuple[Id, Id]] = set()
        self._merges: list[dict[str, Any]] = []
        self._moves: list[dict[str, Any]] = []
        self._conflicts: list[dict[str, Any]] = []

    def edge(self, event: Event, stronger: Id, weaker: Id) -> None:
        """Two identifiers stood on one event and belong to one customer."""
        if (stronger, weaker) in self._seen:
            return
        if len(self._seen) >= SEEN_EDGES:
            self._seen.clear()
        self._seen.add((stronger, weaker))
        self._edges.append(
            {"a_type": stronger.type, "a_value": stronger.value, "b_type": weaker.type, "b_value": weaker.value,
             "event_id": event.event_id, "source_id": event.source_id, "at_us": event.happened_us}
        )  # fmt: skip

    def merged(self, event: Event, pair: Merge, proof: dict[str, Any], turn: Turn) -> None:
        """Two customers became one."""
        self._merges.append(
            {"merge_id": stable_id("m", event.event_id, *pair), "log_offset": turn.offset, "loser": pair.loser,
             "winner": pair.winner, "at_us": turn.now_us, "event_id": event.event_id,
             "reason": "alias" if event.previous else "same_event", "evidence": proof}
        )  # fmt: skip

    def moved(self, i: Id, owner: str, turn: Turn) -> None:
        """An anonymous identifier follows a newer sign-in; what came before this event stays with `owner`."""
        self._moves.append(
            {"type": i.type, "value": i.value, "until_offset": turn.offset, "customer_id": owner}
        )  # fmt: skip

    def conflict(self, event: Event, customer_id: str, reason: str, details: dict[str, Any], turn: Turn) -> None:
        """Something could not be joined, or gave way to a limit."""
        self._conflicts.append(
            {"conflict_id": stable_id("x", customer_id, reason, details), "at_us": turn.now_us,
             "event_id": event.event_id, "customer_id": customer_id, "reason": reason, "details": details}
        )  # fmt: skip

    def flush(self, conn: Connection, dirty: Iterable[Ident]) -> None:
        """Write and forget them."""
        upsert(conn, identifier, [_row(ident) for ident in dirty])
        insert_new(conn, identity_edge, self._edges)
        insert_new(conn, merge, self._merges)
        insert_new(conn, identifier_move, self._moves)
        insert_new(conn, identity_conflict, self._conflicts)
        for rows in (self._edges, self._merges, self._moves, self._conflicts):
            rows.clear()


def _row(ident: Ident) -> dict[str, Any]:
    return {
        "type": ident.id.type, "value": ident.id.value, "customer_id": ident.customer_id, "first_us": ident.first_us,
        "last_us": ident.last_us, "source_id": ident.source_id, "status": ident.status,
    }  # fmt: skip
