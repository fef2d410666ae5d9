"""How are records without a shared key linked in a workspace? A run in the background, then answers, as events.

A run reads what the chosen sources say of customers, learns, scores, and puts pairs into the queue. It accepts likely
pairs by itself only where the workspace says so; what is doubtful always waits for a person. Two customers that hold
different identifiers of one person for good are never proposed, nor is a pair that somebody rejected.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import structlog
from sqlalchemy import insert, select, update

from homing.core.errors import Conflict, HomingError, InvalidInput, NotFound
from homing.core.ids import stable_id
from homing.identity.link import pairs as queue
from homing.identity.link.clusters import Clusters, cluster
from homing.identity.link.model import Scored, check_installed, score
from homing.identity.link.pairs import Pair
from homing.identity.link.propose import Plan, propose
from homing.identity.link.records import Records, records_of
from homing.profile.linkable import linkable
from homing.runtime.link_desk import AUTOMATIC, LinkDesk
from homing.runtime.logs import where
from homing.runtime.workspace import Workspace
from homing.storage.schema import link_pair, link_run

_log = structlog.get_logger("homing.linkage")


@dataclass(frozen=True, slots=True)
class Ask:
    """What a run shall do.

    Args:
        sources: whose words count; none means every source's.
        threshold: probability from which a pair is likely, 0.5 .. 1.
        review: probability from which a person is asked, 0.5 .. threshold.
        largest: customers one person may come to, 2 .. 1000.
        accept: whether likely pairs are accepted without a person.
        dry_run: say what would come out, change nothing.
    """

    sources: tuple[str, ...]
    threshold: float
    review: float
    largest: int
    accept: bool
    dry_run: bool = False

    def check(self) -> None:
        """Raise when it cannot be done.

        Raises:
            InvalidInput: a share outside its range.
        """
        if not 0.5 <= self.review <= self.threshold <= 1:
            raise InvalidInput(
                f"review is {self.review:g} and threshold {self.threshold:g}, wanted 0.5 <= review <= threshold <= 1",
                field="threshold",
            )
        if not 2 <= self.largest <= 1_000:
            raise InvalidInput(f"largest is {self.largest}, wanted 2 .. 1000", field="largest")


@dataclass(slots=True)
class _Found:
    """What a run came to."""

    records: int = 0
    likely: list[Pair] = field(default_factory=list)
    doubtful: list[Pair] = field(default_factory=list)
    plan: dict[str, Any] = field(default_factory=dict)


class LinkJobs:
    """The runs of one workspace, one at a time.

    Args:
        workspace: whose customers are linked.
        desk: takes the answers to what they find.
        closed: sources that may not be read now.
    """

    def __init__(self, workspace: Workspace, desk: LinkDesk, closed: Callable[[], frozenset[str]]) -> None:
        self._w = workspace
        self._desk = desk
        self._closed = closed
        self._one = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}
        self._stopping = False
        with workspace.state.write() as conn:
            conn.execute(update(link_run).where(link_run.c.status == "running").values(status="interrupted"))

    def ask(self, sources: Sequence[str] = (), **said: Any) -> Ask:
        """A run as the workspace's settings have it, but for what is said."""
        usual = self._w.settings.linkage
        made = Ask(tuple(sources), usual.threshold, usual.review, usual.largest, usual.accept)
        asked = Ask(**(asdict(made) | {"sources": tuple(sources)} | {k: v for k, v in said.items() if v is not None}))
        asked.check()
        return asked

    def start(self, asked: Ask, *, by: str) -> str:
        """Begin a run; return its id.

        Raises:
            InvalidInput: Splink is not installed.
            Conflict: another run is under way.
        """
        check_installed()
        if not self._one.acquire(blocking=False):
            raise Conflict("another linkage is under way, wanted it done first")
        try:
            run_id = stable_id("link_", self._w.clock(), secrets.token_hex(8))
            row = {
                "run_id": run_id, "started_us": self._w.clock(), "finished_us": None, "status": "running",
                "step": "read", "share": 0.0, "made_by": by, "asked": asdict(asked), "plan": {}, "records": 0,
                "accepted": 0, "review": 0, "error": None,
            }  # fmt: skip
            with self._w.state.write() as conn:
                conn.execute(insert(link_run), [row])
            thread = threading.Thread(target=self._run, args=(run_id, asked), name="linkage", daemon=True)
            self._threads[run_id] = thread
            thread.start()
        except BaseException:
            self._one.release()
            raise
        return run_id

    def wait(self, run_id: str, timeout_s: float | None = None) -> bool:
        """Wait until a run of this process is over; False when the time ran out first."""
        thread = self._threads.get(run_id)
        if thread is not None:
            thread.join(timeout_s)
        return thread is None or not thread.is_alive()

    def stop(self) -> None:
        """Wait for what is under way."""
        self._stopping = True
        for thread in self._threads.values():
            thread.join()

    def run_of(self, run_id: str) -> Any:
        """The row of a run.

        Raises:
            NotFound: there is none.
        """
        with self._w.state.read() as conn:
            row = conn.execute(select(link_run).where(link_run.c.run_id == run_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no linkage {run_id!r}")
        return row

    # -- a run ---------------------------------------------------------------------------------------------------------
    def _run(self, run_id: str, asked: Ask) -> None:
        try:
            found = self._find(run_id, asked)
            accepted = 0
            if not asked.dry_run:
                accepted = self._keep(run_id, asked, found)
            waiting = len(found.likely) + len(found.doubtful) - accepted
            would = len(found.likely) if asked.dry_run and asked.accept else accepted
            self._note(run_id, status="done", step="keep", share=1.0, finished_us=self._w.clock(), plan=found.plan,
                       records=found.records, accepted=would,
                       review=waiting - would if asked.dry_run else waiting)  # fmt: skip
        except HomingError as error:
            self._note(run_id, status="failed", error=error.message, finished_us=self._w.clock())
        except Exception as error:
            _log.error("linkage_failed", error=type(error).__name__, at=where(error))
            self._note(run_id, status="failed", error=type(error).__name__, finished_us=self._w.clock())
        finally:
            self._one.release()

    def _find(self, run_id: str, asked: Ask) -> _Found:
        w = self._w
        with w.state.read() as conn:
            raw = linkable(conn, asked.sources, self._closed())
            refused = queue.refused(conn)
        records = records_of(raw.ids, raw.sources, raw.columns) if raw.ids else _nobody(asked)
        plan = propose(records)
        self._note(run_id, step="train", share=0.1, records=len(records), plan=_told(records, plan))
        scored = score(records, plan, progress=lambda step, share: self._note(run_id, step=step, share=share))
        made = cluster(len(records), scored, threshold=asked.threshold, review=asked.review, largest=asked.largest)
        found = self._pairs(run_id, records, scored, made, refused)
        found.plan = _told(records, plan) | {"compared": scored.compared, "scored": len(scored)} | found.plan
        return found

    def _pairs(
        self, run_id: str, records: Records, scored: Scored, made: Clusters, refused: set[tuple[str, str]]
    ) -> _Found:
        wanted = [("likely", _forest(scored, made)), ("cut", made.cut), ("grey", made.grey)]
        with self._w.state.read() as conn:
            places = np.unique(np.concatenate([at for _, at in wanted]))
            people = {records.ids[int(n)] for n in np.concatenate((scored.left[places], scored.right[places]))}
            fixed = queue.immutable_of(conn, people)
            known = queue.anchors_of(conn, people)
        found = _Found(len(records))
        impossible = again = 0
        for why, at in wanted:
            for place in at:
                a, b = sorted((records.ids[int(scored.left[place])], records.ids[int(scored.right[place])]))
                if a not in known or b not in known or _contradict(fixed.get(a, {}), fixed.get(b, {})):
                    impossible += 1
                elif (a, b) in refused:
                    again += 1
                else:
                    pair = _pair(run_id, (a, b), scored, int(place), why)
                    (found.likely if why == "likely" else found.doubtful).append(pair)
        found.plan = {"impossible": impossible, "rejected_before": again}
        return found

    def _keep(self, run_id: str, asked: Ask, found: _Found) -> int:
        """Put the pairs into the queue and, where the workspace says so, accept the likely ones; return how many."""
        self._note(run_id, step="keep", share=0.95)
        with self._w.state.write() as conn:
            conn.execute(link_pair.delete().where(link_pair.c.status == "open"))  # what an older run asked
            queue.keep(conn, found.likely + found.doubtful)
        if not asked.accept or not found.likely:
            return 0
        done = self._desk.answer([p.pair_id for p in found.likely], "accept", by=AUTOMATIC)
        return done["accepted"]

    def _note(self, run_id: str, **values: Any) -> None:
        if self._stopping and values.get("status") is None:
            raise Conflict("Homing is stopping, wanted the linkage to run on")
        with self._w.state.write() as conn:
            conn.execute(update(link_run).where(link_run.c.run_id == run_id).values(**values))


def _forest(scored: Scored, made: Clusters) -> np.ndarray[Any, Any]:
    """Of the accepted pairs those that are needed to join their people, the likeliest; the others follow from them."""
    parent: dict[int, int] = {}

    def root(x: int) -> int:
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    needed = []
    for place in made.accepted:
        a, b = root(int(scored.left[place])), root(int(scored.right[place]))
        if a != b:
            parent[a] = b
            needed.append(int(place))
    return np.array(needed, np.int64)


def _pair(run_id: str, people: Sequence[str], scored: Scored, place: int, why: str) -> Pair:
    a, b = people
    weights = {name: round(float(bits[place]), 3) for name, bits in scored.weights.items()}
    likely = round(float(scored.probability[place]), 6)
    return Pair(queue.pair_id(a, b), run_id, a, b, likely, round(scored.prior, 3), weights, why)


def _contradict(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return any(other.get(kind, value) != value for kind, value in one.items())


def _told(records: Records, plan: Plan) -> dict[str, Any]:
    return {
        "columns": [{"name": c.name, "role": c.role, "filled": round(c.filled, 4), "distinct": c.distinct, "by": c.by}
                    for c in records.columns],
        "blocks": [{"columns": list(b.columns), "pairs": b.pairs, "filled": round(b.filled, 4)} for b in plan.blocks],
    }  # fmt: skip


def _nobody(asked: Ask) -> Records:
    raise InvalidInput(
        f"no customer has a word of {', '.join(asked.sources) or 'any source'}, wanted sources that say who people are",
        field="sources",
    )
