"""How does a mended row get in? Through the same door it was refused at, and once, however often that is tried.

Its event's id follows from the row, so a process that is killed after the log has it and before the row is settled
finds the same event there when it tries again. What is refused again stays open, with the new reason; so does a line of
an order that the log holds without it, for an order's lines come together or not at all.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Row, select, update

from homing.collect.doors.segment_api import Arrival, translate
from homing.collect.files.fields import kind_of
from homing.collect.files.kinds import feed_of
from homing.collect.intake import RowsRequest, lay_out
from homing.collect.quality.callbody import SHAPE as CALL
from homing.collect.quality.checkpoint import Checkpoint
from homing.collect.quality.rejected import rows_of, settle
from homing.core.errors import InvalidInput, Overload
from homing.core.event import Event, Verdict, decode, encode
from homing.core.settings import Settings
from homing.storage import definitions
from homing.storage.log import EventLog
from homing.storage.schema import import_run, rejected
from homing.storage.state import State

AT_ONCE = 500
BUSY_TRIES = 100
BUSY_S = 0.1
ORDERS = "orders"
Keep = Callable[[State, Sequence[Event], str], None]


class Outcome(NamedTuple):
    """What became of one row."""

    rejected_id: str
    status: Literal["replayed", "duplicate", "failed"]
    code: str = ""
    message: str = ""


class _Ready(NamedTuple):
    """Rows that were read, and the events they became together."""

    rows: list[Row[Any]]
    events: list[Event]
    keep: Keep | None = None  # what else the kind does with its events
    whole: bool = False  # the events say all there is of what they name, so another one by the same id is another


@dataclass(frozen=True, slots=True)
class Replayer:
    """Sends refused rows again.

    Args:
        state: where they are kept.
        log: where their events go.
        checkpoint: looks at them by plan and rules, as at all others.
        settings: zone, region and currency.
    """

    state: State
    log: EventLog
    checkpoint: Checkpoint
    settings: Settings

    def replay(self, ids: Sequence[str], *, now_us: int) -> list[Outcome]:
        """Send these rows again; those that are settled already are left alone.

        Args:
            ids: of rows.
            now_us: nothing in a row of a file may have happened later.
        """
        out: list[Outcome] = []
        for start in range(0, len(ids), AT_ONCE):
            with self.state.read() as conn:
                rows = [r for r in rows_of(conn, ids[start : start + AT_ONCE]) if r.status == "open"]
            out += self._portion(rows, now_us)
        return out

    def _portion(self, rows: list[Row[Any]], now_us: int) -> list[Outcome]:
        calls = [r for r in rows if r.shape == CALL]
        groups: dict[tuple[str, str | None, str], list[Row[Any]]] = defaultdict(list)
        out = []
        for row in rows:
            if row.shape.startswith("row:"):
                groups[row.source_id, row.import_id, row.shape.removeprefix("row:")].append(row)
            elif row.shape != CALL:
                out.append(Outcome(row.rejected_id, "failed", "not_replayable", "what was kept of it is not whole"))
        out += self._calls(calls, now_us)
        for (source, import_id, kind), group in groups.items():
            out += self._rows(group, self._request(source, import_id, kind), now_us)
        return out

    # -- calls ---------------------------------------------------------------------------------------------------------
    def _calls(self, rows: list[Row[Any]], now_us: int) -> list[Outcome]:
        failed: list[Outcome] = []
        ready: list[_Ready] = []
        for row in rows:
            same = partial(str, f"replay-{row.rejected_id}")
            arrival = Arrival(row.source_id, row.at_us, self.settings.region, new_id=same)
            (taken,) = self.checkpoint.pass_all([translate(row.body.encode(), None, arrival)])
            if taken.event is None:
                failed.append(Outcome(row.rejected_id, "failed", taken.code, taken.message))
            else:
                ready.append(_Ready([row], [taken.event]))
        self._fail(failed)
        return failed + self._take(ready, now_us)

    # -- rows ----------------------------------------------------------------------------------------------------------
    def _rows(self, rows: list[Row[Any]], request: RowsRequest, now_us: int) -> list[Outcome]:
        """Rows of one file or source, read together: lines of one order belong to one order."""
        failed: list[Outcome] = []
        ready: list[_Ready] = []
        for together in _together(rows, request):
            read = self._read(together, request, now_us)
            if isinstance(read, Outcome):
                failed += [read._replace(rejected_id=r.rejected_id) for r in together]
            else:
                events, refused = read
                if refused and request.kind == ORDERS:  # all lines of an order, or none
                    failed += [refused[0]._replace(rejected_id=r.rejected_id) for r in together]
                    continue
                failed += refused
                gone = {o.rejected_id for o in refused}
                left = [r for r in together if r.rejected_id not in gone]
                ready.append(_Ready(left, events, kind_of(request.kind).keep, whole=request.kind == ORDERS))
        self._fail(failed)
        return failed + self._take(ready, now_us)

    def _read(
        self, rows: list[Row[Any]], request: RowsRequest, now_us: int
    ) -> tuple[list[Event], list[Outcome]] | Outcome:
        """The events of rows and those refused again; or why none of them can be read."""
        try:
            documents = [msgspec.json.decode(r.body, type=dict[str, Any]) for r in rows]
            scratch, mapping = lay_out(documents, request)
        except msgspec.MsgspecError:
            return Outcome("", "failed", "bad_json", "the text is not a JSON object")
        except InvalidInput as error:
            return Outcome("", "failed", "missing_value", error.message)
        events: list[Event] = []
        refused: list[Outcome] = []
        with scratch:
            for batch in feed_of(scratch, mapping, request.as_import(), now_us).batches():
                events += batch.events
                refused += [Outcome(rows[r.row - 1].rejected_id, "failed", r.code, r.message) for r in batch.rejects]
        passed: list[Event] = []
        for event in events:
            kept, looked = self.checkpoint.look(event, request.import_id or "")
            if looked.refused is not None:
                return Outcome("", "failed", looked.refused.code, looked.refused.message)
            passed.append(kept)
        return passed, refused

    def _request(self, source: str, import_id: str | None, kind: str) -> RowsRequest:
        """How the rows were understood when they were refused."""
        s = self.settings
        with self.state.read() as conn:
            run = conn.execute(select(import_run.c.columns).where(import_run.c.import_id == import_id)).scalar()
            known = definitions.find(conn, "source", source)
            document = known.document if known else {}
            shared = definitions.find(conn, "mapping", document["mapping"]) if document.get("mapping") else None
        mapping = run or document.get("map") or (shared.document.get("map") if shared else None) or {}
        zone, currency = document.get("zone") or s.zone, document.get("currency") or s.currency
        return RowsRequest(kind, mapping, source, zone, s.region, currency, import_id)

    # -- into the log --------------------------------------------------------------------------------------------------
    def _take(self, ready: list[_Ready], now_us: int) -> list[Outcome]:
        """Append, then settle the rows whose events are in the log."""
        verdicts = iter(self._append([event for one in ready for event in one.events]))
        for one in ready:
            if one.keep is not None and one.events:
                one.keep(self.state, one.events, one.events[0].source_id)
        out: list[Outcome] = []
        failed: list[Outcome] = []
        for one in ready:
            fresh = [next(verdicts).status == "accepted" for _ in one.events]
            known = one.whole and not any(fresh) and not all(self._same(event) for event in one.events)
            for row in one.rows:
                if known:
                    said = "the order is in the log already, without this row"
                    failed.append(Outcome(row.rejected_id, "failed", "order_known", said))
                else:
                    out.append(Outcome(row.rejected_id, "replayed" if any(fresh) else "duplicate"))
        with self.state.write() as conn:
            settle(conn, [o.rejected_id for o in out], "replayed", now_us=now_us)
        self._fail(failed)
        return out + failed

    def _same(self, event: Event) -> bool:
        """Whether the log holds this very event, not another one by its id."""
        found = self.log.find(event.event_id)
        return found is not None and found.event.properties == decode(encode(event)).properties

    def _append(self, events: list[Event]) -> list[Verdict]:
        for _ in range(BUSY_TRIES):
            try:
                return self.log.append(events, dedupe="ever") if events else []
            except Overload:  # others are faster: let the log catch up
                time.sleep(BUSY_S)
        return self.log.append(events, dedupe="ever")

    def _fail(self, failed: list[Outcome]) -> None:
        with self.state.write() as conn:
            for one in failed:
                here = rejected.c.rejected_id == one.rejected_id
                conn.execute(
                    update(rejected).where(here).values(status="open", code=one.code, message=one.message[:300])
                )


def _together(rows: list[Row[Any]], request: RowsRequest) -> Iterator[list[Row[Any]]]:
    """Rows that are read at once: of orders the lines of one order, of all else each row alone."""
    if request.kind != ORDERS:
        yield from ([row] for row in rows)
        return
    column = request.mapping.get("order_id", "order_id")
    orders: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        try:
            found = msgspec.json.decode(row.body, type=dict[str, Any]).get(column)
        except msgspec.MsgspecError:
            found = None
        orders[row.rejected_id if found is None else f"order {found}"].append(row)
    yield from orders.values()
