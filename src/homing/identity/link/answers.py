"""What was said of pairs, read from the log? One row a pair: the last answer counts, in the order of the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from homing.core.event import OWN_SOURCE, Stored
from homing.core.turn import Turn
from homing.identity.link.pairs import ANSWERED, pair_id
from homing.storage.definitions import Definition
from homing.storage.schema import link_answer
from homing.storage.state.store import upsert

TWO = 2


class AnswerBook:
    """The answers of one stream worker."""

    def __init__(self) -> None:
        self._fresh: dict[str, dict[str, Any]] = {}

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> None:  # noqa: ARG002 - every note's form
        """Take an event."""
        event = stored.event
        if event.name not in ANSWERED or event.source_id != OWN_SOURCE:
            return
        said = event.properties
        customers = said.get("customers")
        if not isinstance(customers, list | tuple) or len(customers) != TWO:
            return  # an event of the same name that no answer wrote
        a, b = sorted(str(c) for c in customers)
        likely = said.get("probability")
        name = str(said.get("pair") or pair_id(a, b))
        self._fresh[name] = {
            "pair_id": name, "customer_a": a, "customer_b": b, "answer": ANSWERED[event.name],
            "probability": None if likely is None else float(likely), "made_by": str(said.get("by") or ""),
            "event_id": event.event_id, "at_us": event.happened_us,
        }  # fmt: skip

    def flush(self, conn: Connection) -> None:
        """Write what is new."""
        upsert(conn, link_answer, list(self._fresh.values()))
        self._fresh.clear()

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""
        self._fresh.clear()

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """An answer stands as it was said; who is who today is asked when it is read."""

    def recompute(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:
        """An answer stays what somebody said."""

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:
        """No definition changes an answer."""
