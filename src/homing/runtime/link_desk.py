"""What becomes of an answer to a pair? An event in the log; once the stream has read it, the queue says what came.

Two customers that nothing forbids to be one are one then, by the identifiers they are known by. Where something does,
the pair is impossible, and what forbade it stands among the conflicts of identity. Who said that two are two people may
still come to accept them; a join is taken back where every join is, on the customer.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, select

from homing.core.errors import Transient
from homing.core.event import Event
from homing.identity.link import pairs as queue
from homing.identity.link.pairs import Answer, Pair
from homing.identity.winners import read_winners
from homing.runtime.worker import Worker
from homing.runtime.workspace import Workspace
from homing.storage.schema import link_pair

WAIT_S = 120.0
CHUNK = 2_000
AUTOMATIC = "linkage"  # who accepted what nobody looked at


class LinkDesk:
    """Where pairs are answered.

    Args:
        workspace: whose pairs they are.
        worker: reads the answers from the log.
    """

    def __init__(self, workspace: Workspace, worker: Worker) -> None:
        self._w = workspace
        self._worker = worker

    def answer(self, ids: Sequence[str], answer: Answer, *, by: str, timeout_s: float = WAIT_S) -> dict[str, int]:
        """Accept or reject pairs: an event each, and wait until the stream has read them.

        Returns:
            How many became `accepted`, `rejected`, `impossible` (what forbids the join stands in the conflicts) or
            were `settled` before.

        Raises:
            NotFound: a pair does not exist.
            Transient: the stream did not come to them in time; it will.
        """
        with self._w.state.read() as conn:
            asked = queue.pairs_of(conn, list(dict.fromkeys(ids)))
        takes = {"open", "rejected"} if answer == "accept" else {"open"}
        waiting = [p for p in asked if p.status in takes]
        done = {"accepted": 0, "rejected": 0, "impossible": 0, "settled": len(asked) - len(waiting)}
        for start in range(0, len(waiting), CHUNK):
            for status in self._say(waiting[start : start + CHUNK], answer, by, timeout_s):
                done[status] += 1
        return done

    def _say(self, pairs: Sequence[Pair], answer: Answer, by: str, timeout_s: float) -> list[str]:
        w, now = self._w, self._w.clock()
        with w.state.read() as conn:
            winners = read_winners(conn)
            today = {c: winners.of(c) for p in pairs for c in (p.customer_a, p.customer_b)}
            held = queue.anchors_of(conn, today.values())
        anchors = {c: held[t] for c, t in today.items() if t in held}
        ready = [p for p in pairs if p.customer_a in anchors and p.customer_b in anchors]
        events: list[Event] = [
            queue.answer_event(f"{p.pair_id}:{answer}:{secrets.token_hex(8)}", p, anchors, answer, now, by=by)
            for p in ready
        ]
        verdicts = w.log.append(events, dedupe="ever")
        last = max((v.offset or 0 for v in verdicts), default=0)
        if last and not self._worker.wait_past(last, timeout_s):
            raise Transient(f"the answers wait behind other events, longer than {timeout_s:g} s")
        became = self._became(pairs, {p.pair_id for p in ready}, answer)
        with w.state.write() as conn:
            for status in set(became.values()):
                queue.decide(conn, [i for i, s in became.items() if s == status], status, by=by, now_us=now)
            self._sweep(conn)
        return list(became.values())

    def _became(self, pairs: Sequence[Pair], ready: set[str], answer: Answer) -> dict[str, str]:
        if answer == "reject":
            return {p.pair_id: "rejected" for p in pairs}
        with self._w.state.read() as conn:
            winners = read_winners(conn)
        return {
            p.pair_id: "accepted"
            if p.pair_id in ready and winners.of(p.customer_a) == winners.of(p.customer_b)
            else "impossible"
            for p in pairs
        }

    def _sweep(self, conn: Connection) -> None:
        """Pairs that wait and whose customers have become one meanwhile need no answer any more."""
        winners = read_winners(conn)
        waiting = conn.execute(
            select(link_pair.c.pair_id, link_pair.c.customer_a, link_pair.c.customer_b).where(
                link_pair.c.status == "open"
            )
        ).all()
        joined = [r.pair_id for r in waiting if winners.of(r.customer_a) == winners.of(r.customer_b)]
        queue.decide(conn, joined, "accepted", by=AUTOMATIC, now_us=self._w.clock())
