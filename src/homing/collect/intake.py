"""How do rows that came by wire get into the log? Mapped as a file's rows are, appended, counted once they are durable.

A row says the same thing however often it is read: its events' ids follow from what it says, and a refused row is kept
once. So a source may give rows again, after a kill or to be sure, and nothing is doubled.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from homing.collect.connectors.connector import Row
from homing.collect.files.feed import Encoded, FeedBatch, ImportRequest, RowReject, packed
from homing.collect.files.fields import ColumnMap, map_columns
from homing.collect.files.kinds import feed_of, kinds
from homing.collect.files.run import inspected
from homing.collect.files.tally import ImportResult, Tally
from homing.collect.normalise import blank
from homing.collect.quality.checkpoint import Checkpoint
from homing.collect.rejects import MAX_BODY, Reject, write_rejects
from homing.core.errors import InvalidInput, Overload
from homing.core.ids import stable_id
from homing.core.time import iso
from homing.storage.files.rows import RowScratch
from homing.storage.files.scratch import unique_names
from homing.storage.log import EventLog
from homing.storage.state import State

SQL_KINDS = frozenset({"orders"})  # kinds whose rows are put together in SQL
BUSY_TRIES = 600
BUSY_S = 0.1
_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class RowsRequest:
    """How rows are to be understood.

    Args:
        kind: orders, customers, products, events …
        mapping: field to column, where the names do not say it; `customer.phone` is a place inside a column.
        source: whose data it is; part of the events' ids.
        zone: IANA zone of times without an offset.
        region: ISO country of phone numbers without one.
        currency: of amounts where no column says it.
        import_id: the run the rows belong to; None when there is none.
        live: whether the rows tell what happened just now: an event that does not say when, happened when it came.
    """

    kind: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    source: str = "file"
    zone: str = "UTC"
    region: str = "US"
    currency: str = "USD"
    import_id: str | None = None
    live: bool = False

    def as_import(self) -> ImportRequest:
        """The same, as files ask it."""
        return ImportRequest(Path(), self.kind, self.mapping, self.source, self.zone, self.region, self.currency)


def take_rows(
    rows: Sequence[Row], request: RowsRequest, log: EventLog, state: State, *, now_us: int,
    checkpoint: Checkpoint | None = None,
) -> ImportResult:  # fmt: skip
    """Bring rows in.

    Args:
        rows: JSON objects; those of one order in line form must come together.
        request: how they are meant.
        log: where their events go.
        state: where refused rows are kept.
        now_us: nothing in them may have happened later.
        checkpoint: looks at the events by agreement, plan and rules.

    Returns:
        The counts, in rows; everything accepted is durable, every refused row is kept.

    Raises:
        InvalidInput: the kind or the mapping will not do, whatever the rows are.
        Overload: the log was too busy for a minute; what was taken of the rows is a duplicate the next time.
    """
    tally = Tally(ImportResult(request.import_id or "", request.kind))
    if not rows:
        return tally.result
    if request.live and request.kind == "events":
        rows = _timed(rows, request, now_us)
    try:
        scratch, mapping = lay_out(rows, request)
    except InvalidInput as error:
        if "missing" not in error.details:
            raise
        refused = [RowReject(n, "missing_value", _without_advice(error), ()) for n in range(1, len(rows) + 1)]
        _keep(state, rows, refused, request, now_us)
        tally.add(FeedBatch([], [], refused), ())
        return tally.result
    with scratch:
        feed = feed_of(scratch, mapping, request.as_import(), now_us)
        for read in feed.batches():
            batch = inspected(read, feed, checkpoint, request.import_id or "")
            _keep(state, rows, batch.rejects, request, now_us)
            tally.add(batch, _append(log, batch.encoded))
            keep = kinds[request.kind].keep
            if keep is not None and batch.encoded:
                keep(state, batch.events, request.source)
    return tally.result


def lay_out(rows: Sequence[Row], request: RowsRequest) -> tuple[RowScratch, ColumnMap]:
    """The rows as a file's rows, and which column feeds which field.

    Raises:
        InvalidInput: the mapping will not do; `details["missing"]` names fields no column feeds.
    """
    names = dict.fromkeys(str(name) for row in rows for name in row)
    plain = {_plain(name) for name in names}
    absent = [c for c in dict.fromkeys(request.mapping.values()) if c and c not in names]
    inside = [c for c in absent if "." in c and any(c.split(".", 1)[0] in row for row in rows)]
    if inside:
        rows = [{**row, **{c: _dig(row, c) for c in inside}} for row in rows]
    empty = [c for c in absent if c not in inside and _plain(c) not in plain]
    columns = [*names, *inside, *empty]
    unique_names(columns)
    mapping = map_columns(request.kind, columns, request.mapping)
    return RowScratch(rows, columns, texts=request.kind in SQL_KINDS), mapping


def _timed(rows: Sequence[Row], request: RowsRequest, now_us: int) -> list[Row]:
    """Rows with a time; one that had neither time nor id is known again by all it says."""
    at, known, now = request.mapping.get("time", "time"), request.mapping.get("message_id", "message_id"), iso(now_us)
    out = []
    for row in rows:
        said = {at: _dig(row, at), known: _dig(row, known)}
        if blank(said[at]):
            said[at] = now
            if blank(said[known]):
                said[known] = stable_id("live-", request.source, _encoder.encode(row).decode())
        out.append({**row, **said})
    return out


def _append(log: EventLog, rows: list[Encoded]) -> frozenset[int]:
    """Append events; the positions of those that were known already."""
    if not rows:
        return frozenset()
    for _ in range(BUSY_TRIES):
        try:
            return log.append_packed(packed(rows), dedupe="ever").result()
        except Overload:  # others are faster: let the log catch up
            time.sleep(BUSY_S)
    return log.append_packed(packed(rows), dedupe="ever").result()


def _keep(state: State, rows: Sequence[Row], refused: list[RowReject], request: RowsRequest, now_us: int) -> None:
    """The refused rows, each once: the same row refused again for the same reason is the same."""
    kept = []
    for one in refused:
        body = _encoder.encode(rows[one.row - 1]).decode()
        shape = f"row:{request.kind}" if len(body) <= MAX_BODY else ""
        known = stable_id("r", request.source, request.kind, one.code, body)
        kept.append(Reject(now_us, request.source, f"row {one.row}", one.code, one.message, body,
                           request.import_id, shape, known))  # fmt: skip
    if kept:
        with state.write() as conn:
            write_rejects(conn, kept)


def _dig(row: Row, path: str) -> Any:
    """What stands at a place such as `customer.phone` or `lines.0.sku`; None when nothing does."""
    found: Any = row
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _without_advice(error: InvalidInput) -> str:
    missing = error.details["missing"]
    return f"no value for {', '.join(missing) if isinstance(missing, list) else missing}"
