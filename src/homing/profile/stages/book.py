"""In which stage of each lifecycle is a customer now? Told when it changes, kept as the trait `lifecycle.ID`.

The conditions are judged with the segments'; this stage is told which of them hold and finds the first, in the model's
order. The model that is `main` gives the customers' `lifecycle_stage` as well; without one the built-in rule does.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from homing.core.event import own_event
from homing.core.turn import Turn
from homing.profile.book import ProfileBook
from homing.profile.stages.definition import KIND, PREFIX, Lifecycle
from homing.storage import definitions
from homing.storage.definitions import Definition
from homing.storage.schema import customer, customer_stage
from homing.storage.state.store import upsert

CHANGED = "Stage Changed"
NOTHING: frozenset[str] = frozenset()
CHUNK = 20_000
Live = tuple[Lifecycle, int]  # the definition in force and its version
Row = tuple[str, int, int]  # stage, since when, version of the model


class StageBook:
    """The lifecycles of one stream worker.

    Args:
        profile: where the stage stands as a trait.
    """

    def __init__(self, profile: ProfileBook) -> None:
        self._profile = profile
        self._live: dict[str, Live] = {}
        self._dirty: dict[tuple[str, str], Row | None] = {}  # of a customer and a model
        self._before: dict[str, tuple[str, int]] = {}  # model -> stage and since when, of customers computed anew

    def load(self, conn: Connection) -> None:
        """Read which lifecycles are live."""
        self._live = live_models(conn)
        self._profile.staged = self._main() is not None

    def marked(self, model_id: str, customer_id: str, holds: Container[str], turn: Turn) -> frozenset[str]:
        """Some of a model's conditions were judged anew; return the traits that changed."""
        known = self._live.get(model_id)
        if known is None:
            return NOTHING
        model, version = known
        found = next((s.id for s in model.judged() if s.condition is None or mark(model_id, s.id) in holds), None)
        old = self._profile.said(customer_id, PREFIX + model_id)
        was = old[0] if old else None
        if model.main:
            self._profile.restage(customer_id, found, turn)
        if was == found:
            return NOTHING
        self._put(customer_id, model_id, None if found is None else (found, turn.now_us, version), turn)
        self._tell(customer_id, model_id, was, found, turn)
        return self._names(model)

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers are one; the later stage of each model stands until the conditions are judged again."""
        for model_id, (_, version) in sorted(self._live.items()):
            self._dirty[loser, model_id] = None
            said = self._profile.said(winner, PREFIX + model_id)
            if said is not None and said[0] is not None:
                self._put(winner, model_id, (said[0], said[1], version), turn)

    def recompute(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """Nothing is known of these customers; what they did comes again."""
        self.flush(conn)
        self._before = {}
        row = customer_stage.c
        for found in conn.execute(select(customer_stage).where(row.customer_id.in_(customer_ids))).all():
            known = self._before.get(found.model_id)
            if known is None or known[1] > found.since_us:
                self._before[found.model_id] = (found.stage, found.since_us)
            self._dirty[found.customer_id, found.model_id] = None

    def recomputed(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """A stage that goes on has stood since it began; another one begins now and is told."""
        for customer_id in sorted(customer_ids):
            if not self._profile.knows(customer_id):
                continue
            for model_id, (_, version) in sorted(self._live.items()):
                said = self._profile.said(customer_id, PREFIX + model_id)
                now = said[0] if said else None
                stood, since = self._before.get(model_id, (None, turn.now_us))
                if now != stood:
                    self._tell(customer_id, model_id, stood, now, turn)
                began = since if now == stood else turn.now_us
                self._put(customer_id, model_id, None if now is None else (now, began, version), turn)
        self._before = {}

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> dict[str, frozenset[str]]:
        """A lifecycle comes into force, changes or is taken back; return whose traits changed by that alone."""
        had = self._main()
        old = self._live.pop(definition.id, None)
        if definition.status == "live":
            self._live[definition.id] = (Lifecycle.model_validate(definition.document), definition.version)
        changed: dict[str, frozenset[str]] = {}
        if old is not None and definition.status != "live":
            self.flush(conn)
            whose = select(customer_stage.c.customer_id).where(customer_stage.c.model_id == definition.id)
            for customer_id in conn.execute(whose.order_by(customer_stage.c.customer_id)).scalars().all():
                self._put(customer_id, definition.id, None, turn)
                changed[customer_id] = self._names(old[0])
        self._profile.staged = self._main() is not None
        if had is not None and self._main() is None:
            self._built_in(turn, conn)
        return changed

    def flush(self, conn: Connection) -> None:
        """Write what changed."""
        gone = [{"c": c, "m": m} for (c, m), row in sorted(self._dirty.items()) if row is None]
        if gone:
            match = (customer_stage.c.customer_id == bindparam("c"), customer_stage.c.model_id == bindparam("m"))
            conn.execute(delete(customer_stage).where(*match), gone)
        names = ("customer_id", "model_id", "stage", "since_us", "version")
        rows = [dict(zip(names, (*key, *row), strict=True)) for key, row in self._dirty.items() if row is not None]
        upsert(conn, customer_stage, rows)
        self._dirty.clear()

    def forget(self) -> None:
        """Drop what memory holds."""
        self._live, self._before = {}, {}
        self._dirty.clear()

    # -- inside --------------------------------------------------------------------------------------------------------
    def _main(self) -> str | None:
        return next((name for name, (model, _) in sorted(self._live.items()) if model.main), None)

    def _built_in(self, turn: Turn, conn: Connection) -> None:
        """The built-in rule gives everybody's stage again."""
        whose = select(customer.c.customer_id).where(customer.c.merged_into.is_(None)).order_by(customer.c.customer_id)
        for n, customer_id in enumerate(conn.execute(whose).scalars().all(), start=1):
            self._profile.restage(customer_id, None, turn)
            if n % CHUNK == 0:
                self._profile.flush(conn)

    def _put(self, customer_id: str, model_id: str, row: Row | None, turn: Turn) -> None:
        stage, since = (row[0], row[1]) if row is not None else (None, turn.now_us)
        self._profile.put(customer_id, PREFIX + model_id, [stage, since, KIND, turn.offset], turn)
        self._dirty[customer_id, model_id] = row

    @staticmethod
    def _names(model: Lifecycle) -> frozenset[str]:
        return frozenset({PREFIX + model.id} | ({"lifecycle_stage"} if model.main else set()))

    @staticmethod
    def _tell(customer_id: str, model_id: str, was: str | None, now: str | None, turn: Turn) -> None:
        told: dict[str, Any] = {"model": model_id, "from": was, "to": now}
        event_id = f"stage:{model_id}:{customer_id}:{turn.now_us}:{turn.offset}:{now or ''}"
        turn.emit(own_event(event_id, CHANGED, customer_id, turn.now_us, told))


def mark(model_id: str, stage_id: str) -> str:
    """What a stage's condition is called where conditions are judged."""
    return f"{KIND}:{model_id}#{stage_id}"


def live_models(conn: Connection) -> dict[str, Live]:
    """The lifecycles in force, by id."""
    found = (d for d in definitions.published(conn, KIND) if d.status == "live")
    return {d.id: (Lifecycle.model_validate(d.document), d.version) for d in found}
