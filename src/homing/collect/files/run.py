"""How does a file get into the log? Read, mapped, appended batch by batch, with a verdict for every row.

Every event's id follows from what the file says, so the same file again changes nothing. How far a run has come is
noted beside it; one that was killed goes on behind its last note, for the batches of a file are always the same. Rows
refused are kept in the state and written to a file that can be mended and sent.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select, update

from homing.collect.files.feed import Feed, FeedBatch, ImportRequest, RowReject, Share
from homing.collect.files.fields import ColumnMap, kind_of, map_columns
from homing.collect.files.kinds import feed_of
from homing.collect.files.orders import OrderFeed
from homing.collect.files.refused import RefusedFile
from homing.collect.files.sidebyside import proof_in
from homing.collect.files.tally import ImportResult, Tally
from homing.collect.formats.lay import open_rows
from homing.collect.keeping import trim
from homing.collect.quality.checkpoint import Checkpoint
from homing.collect.rejects import Reject
from homing.core.errors import Conflict, NotFound, Overload
from homing.core.event import encode
from homing.core.ids import stable_id
from homing.storage.files import Scratch
from homing.storage.log import EventLog
from homing.storage.schema import import_run
from homing.storage.state import State
from homing.storage.state.store import upsert

SAMPLE_EVENTS = 3  # that a dry run shows
SAMPLE_REFUSED = 5
LAYOUT = "3:"  # before a fingerprint: how files are cut into batches; a run of another layout begins anew
IN_FLIGHT = 4  # batches handed to the log and not yet durable
SAVE_S = 0.2  # between two notes of progress
BUSY_TRIES = 600
Progress = Callable[[int, int], None]


class Cancelled(Exception):
    """The run was told to stop; what is in stays."""


def plan_import(
    request: ImportRequest, *, now_us: int, checkpoint: Checkpoint | None = None, folder: Path | None = None
) -> dict[str, Any]:
    """What an import would do, without doing it: the mapping, the counts, the first events, the first refusals.

    Raises:
        InvalidInput: the file or the mapping will not do.
    """
    with open_rows(request, folder=folder) as scratch:
        mapping = map_columns(request.kind, scratch.columns, request.mapping)
        feed = feed_of(scratch, mapping, request, now_us)
        tally = Tally(ImportResult("", request.kind))
        seen: set[int] = set()
        sample: list[Any] = []
        refused: list[RowReject] = []
        for read in _all(scratch, feed):
            batch = inspected(read, feed, checkpoint, "")
            sample += [msgspec.json.decode(body) for _, body in batch.encoded[: SAMPLE_EVENTS - len(sample)]]
            twice = set()
            if not isinstance(feed, OrderFeed):  # an order stands once in its feed
                for n, (event_id, _) in enumerate(batch.encoded):
                    if (known := hash(event_id)) in seen:
                        twice.add(n)
                    seen.add(known)
            tally.add(batch, twice)
            refused += batch.rejects[: SAMPLE_REFUSED - len(refused)]
        _describe(tally.result, feed, mapping, scratch)
        return tally.result.as_dict() | {
            "dry_run": True,
            "columns": _columns(mapping, scratch),
            "fields": list(kind_of(request.kind).fields),
            "sample": sample,
            "refused": [
                {"row": r.row, "code": r.code, "message": r.message,
                 "values": dict(zip(mapping.columns, r.values, strict=False))}
                for r in refused
            ],
        }  # fmt: skip


def run_import(
    request: ImportRequest,
    log: EventLog,
    state: State,
    *,
    now_us: int,
    rejected_dir: Path,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
    import_id: str | None = None,
    stop: Callable[[], bool] | None = None,
) -> ImportResult:
    """Bring a file in.

    Args:
        request: the file and how it is meant.
        log: where its events go.
        state: where the run and its refused rows are noted.
        now_us: nothing in the file may have happened later.
        rejected_dir: where the file of refused rows goes; made when needed.
        progress: told (rows done, rows in all) after each batch.
        checkpoint: looks at the events by plan and rules.
        import_id: of the run; one that began before goes on behind what it noted.
        stop: asked after each batch whether to stop.

    Returns:
        The counts; `rejected_file` is None when nothing was refused. Of a run that went on they are of all its parts;
        rows that became durable between its last note and the kill count as duplicates.

    Raises:
        InvalidInput: the file or the mapping will not do; nothing was written.
        Conflict: the run is to go on and the file is another one now.
        Cancelled: `stop` said so.
    """
    with ThreadPoolExecutor(1) as beside, open_rows(request, state, pieces=request.kind == "orders") as scratch:
        digest = beside.submit(_fingerprint, request.path)
        mapping = map_columns(request.kind, scratch.columns, request.mapping)
        now_us = _begun_us(state, import_id) or now_us
        proof = proof_in(scratch, mapping, request, now_us)
        print_of = LAYOUT + digest.result()
        run_id = import_id or stable_id("imp_", print_of, now_us, time.monotonic_ns())
        run = _Run(request, mapping, (log, state), now_us, RefusedFile(rejected_dir / f"{run_id}.csv", mapping.columns))
        run.begin(run_id, print_of, scratch.count() + len(scratch.broken))
        feed = feed_of(scratch, mapping, request, now_us, proof)
        try:
            run.take(scratch, feed, checkpoint, progress, stop)
        except Cancelled:
            run.note("cancelled")
            raise
        except BaseException as error:
            run.note("failed", error=f"{type(error).__name__}: {error}"[:300])
            raise
        finally:
            run.close()
        _describe(run.tally.result, feed, mapping, scratch)
        run.note("done")
        if run.tally.result.rejected:
            trim(state)
        return run.tally.result


class _Run:
    """One import under way."""

    def __init__(
        self,
        request: ImportRequest,
        mapping: ColumnMap,
        stores: tuple[EventLog, State],
        now_us: int,
        refused: RefusedFile,
    ) -> None:
        self._log, self._state = stores
        self._request, self._mapping = request, mapping
        self._kind = kind_of(request.kind)
        self.now_us = now_us
        self.tally = Tally(ImportResult("", request.kind))
        self._total = 0
        self._behind = 0  # rows an earlier part of this run settled
        self._refused = refused
        self._waiting: deque[tuple[FeedBatch, Future[frozenset[int]]]] = deque()
        self._noted = 0.0

    def begin(self, run_id: str, print_of: str, total: int) -> None:
        """Note that the run is under way, or take up where it was left."""
        r = self.tally.result
        r.import_id, self._total = run_id, total
        row = {
            "import_id": run_id, "source_id": self._request.source,
            "file_name": self._request.file_name or self._request.path.name, "kind": self._request.kind,
            "fingerprint": print_of, "started_us": self.now_us, "finished_us": None, "status": "running", "read": 0,
            "columns": {f: self._mapping.columns[at] for f, at in self._mapping.fields.items()},
            "accepted": 0, "duplicate": 0, "rejected": 0, "error": None, "total": total, "done": 0,
        }  # fmt: skip
        with self._state.write() as conn:
            old = conn.execute(select(import_run).where(import_run.c.import_id == run_id)).one_or_none()
            if old is not None:
                if old.fingerprint and _digest(old.fingerprint) != _digest(print_of):
                    raise Conflict("the file is another one than when the import began, wanted the same file")
                row["started_us"] = self.now_us = old.started_us
            if old is not None and old.fingerprint in {"", print_of}:  # else its batches were cut in another way
                self._behind = old.done
                r.read, r.accepted, r.duplicate, r.rejected = old.read, old.accepted, old.duplicate, old.rejected
                row |= {"done": old.done, "read": old.read, "accepted": old.accepted,
                        "duplicate": old.duplicate, "rejected": old.rejected}  # fmt: skip
            upsert(conn, import_run, [row])

    def take(
        self, scratch: Scratch, feed: Feed, checkpoint: Checkpoint | None, progress: Progress | None,
        stop: Callable[[], bool] | None,
    ) -> None:  # fmt: skip
        """Every batch into the log, a few at a time."""
        r, seen = self.tally.result, 0
        like = Reject(self.now_us, self._request.source, "", "", "", "", r.import_id, f"row:{self._request.kind}")
        for read in _all(scratch, feed):
            batch = inspected(read, feed, checkpoint, r.import_id)
            if batch.rejects:
                self._refused.keep(self._state, batch.rejects, like)
            seen += batch.rows
            if seen <= self._behind:
                continue
            self._waiting.append((batch, self._append(batch)))
            if len(self._waiting) >= IN_FLIGHT:
                self._settle_one()
            if stop is not None and stop():
                self._settle_all()
                raise Cancelled
            if progress is not None:
                progress(r.read, self._total)
        self._settle_all()
        if progress is not None:
            progress(r.read, self._total)

    def note(self, status: str, *, error: str | None = None) -> None:
        """Write how far the run has come."""
        r = self.tally.result
        finished = None if status == "running" else self.now_us
        values = {"status": status, "read": r.read, "accepted": r.accepted, "duplicate": r.duplicate,
                  "rejected": r.rejected, "done": r.read, "error": error, "finished_us": finished}  # fmt: skip
        with self._state.write() as conn:
            conn.execute(update(import_run).where(import_run.c.import_id == r.import_id).values(**values))
        self._noted = time.monotonic()

    def close(self) -> None:
        """Finish the file of refused rows."""
        self._refused.close()
        if self._refused.rows:
            self.tally.result.rejected_file = str(self._refused.path)

    def _append(self, batch: FeedBatch) -> Future[frozenset[int]]:
        if not batch.many:
            none: Future[frozenset[int]] = Future()
            none.set_result(frozenset())
            return none
        parts = batch.parts
        for _ in range(BUSY_TRIES):
            try:
                return self._log.append_packed(parts, dedupe="ever")
            except Overload:  # others are faster: let the log catch up
                time.sleep(0.1)
        return self._log.append_packed(parts, dedupe="ever")

    def _settle_all(self) -> None:
        while self._waiting:
            self._settle_one()

    def _settle_one(self) -> None:
        batch, answer = self._waiting.popleft()
        known = answer.result()
        if self._kind.keep is not None and batch.many:
            self._kind.keep(self._state, batch.events, self._request.source)
        self.tally.add(batch, known)
        if time.monotonic() - self._noted > SAVE_S:
            self.note("running")


def inspected(batch: FeedBatch, feed: Feed, checkpoint: Checkpoint | None, run: str) -> FeedBatch:
    """The batch by plan and rules; where none is in force, the batch as it is, its events never decoded."""
    if checkpoint is None or not checkpoint.active or not batch.many:
        return batch
    batch = batch.one_by_one
    events, at = batch.events, 0
    out = FeedBatch([], [], list(batch.rejects), batch.duplicates)
    for share in batch.shares:
        looked = [checkpoint.look(event, run) for event in events[at : at + share.events]]
        at += share.events
        refused = next((found.refused for _, found in looked if found.refused is not None), None)
        if refused is not None:
            rows = feed.rows_of(share.row)
            out.rejects.extend(RowReject(row, refused.code, refused.message, values) for row, values in rows)
            missing = share.rows - len(rows)
            if missing > 0:
                out.shares.append(Share(missing, 0, share.row))
            continue
        out.encoded.extend((event.event_id, encode(event)) for event, _ in looked)
        out.shares.append(share)
    return out


def _all(scratch: Scratch, feed: Feed) -> Iterator[FeedBatch]:
    """The rows the reader could not take apart, then the feed's own."""
    if scratch.broken:
        yield FeedBatch([], [], [RowReject(b.row, b.code, b.message, (b.text,)) for b in scratch.broken])
    yield from feed.batches()


def _describe(result: ImportResult, feed: Feed, mapping: ColumnMap, scratch: Scratch) -> None:
    """What a person wants to know beyond the counts."""
    if isinstance(feed, OrderFeed):
        result.unit = "lines" if feed.lines else "rows"
        result.extra |= feed.counts() | {"order_form": "lines" if feed.lines else "header"}
    if scratch.left_out:
        result.extra["left_out"] = scratch.left_out
    if scratch.encoding:
        result.extra["encoding"] = scratch.encoding
    result.extra["ignored"] = [mapping.columns[at] for at in mapping.rest] if not kind_of(result.kind).free else []


def _columns(mapping: ColumnMap, scratch: Scratch) -> list[dict[str, Any]]:
    field_at = {at: f for f, at in mapping.fields.items()}
    examples = scratch.examples()
    return [
        {"column": name, "field": field_at.get(at), "examples": examples[at]} for at, name in enumerate(mapping.columns)
    ]


def _begun_us(state: State, import_id: str | None) -> int | None:
    """When a run began that is to go on."""
    with state.read() as conn:
        return conn.execute(select(import_run.c.started_us).where(import_run.c.import_id == import_id)).scalar()


def _digest(fingerprint: str) -> str:
    """What a fingerprint says of the file, whatever its layout."""
    return fingerprint.rpartition(":")[2]


def _fingerprint(path: Path) -> str:
    if not path.is_file():
        raise NotFound(f"there is no file {path.name!r}")
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
