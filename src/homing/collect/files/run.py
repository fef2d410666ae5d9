"""How does a file get into the log? Read, mapped, appended batch by batch, with a verdict for every row.

Every event's id follows from what the file says, so the same file again changes nothing, and an import that was killed
is finished by running it again. Rows refused are kept in the state and written to a file that can be mended and sent.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert, update

from homing.collect.files.feed import Encoded, Feed, FeedBatch, ImportRequest, RowReject
from homing.collect.files.fields import FIELDS, ColumnMap, map_columns
from homing.collect.files.kinds import feed_of
from homing.collect.files.orders import OrderFeed
from homing.collect.files.refused import RefusedFile
from homing.collect.files.tally import ImportResult, Tally
from homing.collect.rejects import Reject
from homing.core.errors import Overload
from homing.core.event import Verdict
from homing.core.ids import stable_id
from homing.storage.files import Scratch, read_file
from homing.storage.log import EventLog
from homing.storage.schema import import_run
from homing.storage.state import State

SAMPLE_EVENTS = 3  # that a dry run shows
IN_FLIGHT = 4  # batches handed to the log and not yet durable
SAVE_EVERY = 10  # batches between two notes of progress
BUSY_TRIES = 600
Progress = Callable[[int, int], None]


def plan_import(request: ImportRequest, *, now_us: int) -> dict[str, Any]:
    """What an import would do, without doing it: the mapping, the counts, the first events, the first refusals.

    Raises:
        InvalidInput: the file or the mapping will not do.
    """
    with read_file(request.path, encoding=request.encoding) as scratch:
        mapping = map_columns(request.kind, scratch.columns, request.mapping)
        feed = feed_of(scratch, mapping, request, now_us)
        tally = Tally(ImportResult("", request.kind))
        seen: set[str] = set()
        sample: list[Any] = []
        refused: list[RowReject] = []
        for batch in _all(scratch, feed):
            verdicts = []
            for event_id, body in batch.encoded:
                verdicts.append(Verdict("duplicate" if event_id in seen else "accepted"))
                seen.add(event_id)
                if len(sample) < SAMPLE_EVENTS:
                    sample.append(msgspec.json.decode(body))
            tally.add(batch, verdicts)
            refused += batch.rejects[: 5 - len(refused)]
        _describe(tally.result, feed, mapping, scratch)
        return tally.result.as_dict() | {
            "dry_run": True,
            "columns": _columns(mapping, scratch),
            "fields": list(FIELDS[request.kind]),
            "sample": sample,
            "refused": [{"row": r.row, "code": r.code, "message": r.message} for r in refused],
        }


def run_import(
    request: ImportRequest,
    log: EventLog,
    state: State,
    *,
    now_us: int,
    rejected_dir: Path,
    progress: Progress | None = None,
) -> ImportResult:
    """Bring a file in.

    Args:
        request: the file and how it is meant.
        log: where its events go.
        state: where the run and its refused rows are noted.
        now_us: nothing in the file may have happened later.
        rejected_dir: where the file of refused rows goes; made when needed.
        progress: told (rows done, rows in all) after each batch.

    Returns:
        The counts; `rejected_file` is None when nothing was refused.

    Raises:
        InvalidInput: the file or the mapping will not do; nothing was written.
    """
    with read_file(request.path, encoding=request.encoding) as scratch:
        mapping = map_columns(request.kind, scratch.columns, request.mapping)
        feed = feed_of(scratch, mapping, request, now_us)
        run = _Run(request, mapping, (log, state), now_us, rejected_dir)
        try:
            run.take(scratch, feed, progress)
        except BaseException as error:
            run.note("failed", error=f"{type(error).__name__}: {error}"[:300])
            raise
        finally:
            run.close()
        _describe(run.tally.result, feed, mapping, scratch)
        run.note("done")
        return run.tally.result


class _Run:
    """One import under way."""

    def __init__(
        self, request: ImportRequest, mapping: ColumnMap, stores: tuple[EventLog, State], now_us: int, folder: Path
    ) -> None:
        self._log, self._state = stores
        self._now_us = now_us
        print_of = _fingerprint(request.path)
        import_id = stable_id("imp_", print_of, now_us, time.monotonic_ns())
        self.tally = Tally(ImportResult(import_id, request.kind))
        self._refused = RefusedFile(folder / f"{import_id}.csv", mapping.columns)
        self._like = Reject(now_us, request.source, "", "", "", "", import_id)
        self._waiting: deque[tuple[FeedBatch, Future[list[Verdict]]]] = deque()
        row = {
            "import_id": import_id, "source_id": request.source,
            "file_name": request.file_name or request.path.name, "kind": request.kind,
            "fingerprint": print_of, "columns": {f: mapping.columns[at] for f, at in mapping.fields.items()},
            "started_us": now_us, "finished_us": None, "status": "running", "read": 0, "accepted": 0, "duplicate": 0,
            "rejected": 0, "error": None, "total": None, "done": 0,
        }  # fmt: skip
        with self._state.write() as conn:
            conn.execute(insert(import_run), [row])

    def take(self, scratch: Scratch, feed: Feed, progress: Progress | None) -> None:
        """Every batch into the log, a few at a time."""
        total = scratch.count() + len(scratch.broken)
        for n, batch in enumerate(_all(scratch, feed), start=1):
            if batch.rejects:
                self._refused.keep(self._state, batch.rejects, self._like)
            self._waiting.append((batch, self._append(batch.encoded)))
            if len(self._waiting) >= IN_FLIGHT:
                self._settle_one()
            if n % SAVE_EVERY == 0:
                self.note("running")
            if progress is not None:
                progress(self.tally.result.read, total)
        while self._waiting:
            self._settle_one()
        if progress is not None:
            progress(self.tally.result.read, total)

    def note(self, status: str, *, error: str | None = None) -> None:
        """Write how far the run has come."""
        r = self.tally.result
        finished = None if status == "running" else self._now_us
        values = {"status": status, "read": r.read, "accepted": r.accepted, "duplicate": r.duplicate,
                  "rejected": r.rejected, "error": error, "finished_us": finished}  # fmt: skip
        with self._state.write() as conn:
            conn.execute(update(import_run).where(import_run.c.import_id == r.import_id).values(**values))

    def close(self) -> None:
        """Finish the file of refused rows."""
        self._refused.close()
        if self._refused.rows:
            self.tally.result.rejected_file = str(self._refused.path)

    def _append(self, rows: list[Encoded]) -> Future[list[Verdict]]:
        if not rows:
            none: Future[list[Verdict]] = Future()
            none.set_result([])
            return none
        for _ in range(BUSY_TRIES):
            try:
                return self._log.append_encoded(rows, dedupe="ever")
            except Overload:  # others are faster: let the log catch up
                time.sleep(0.1)
        return self._log.append_encoded(rows, dedupe="ever")

    def _settle_one(self) -> None:
        batch, answer = self._waiting.popleft()
        self.tally.add(batch, answer.result())


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
    if scratch.encoding:
        result.extra["encoding"] = scratch.encoding
    result.extra["ignored"] = [mapping.columns[at] for at in mapping.rest] if result.kind == "orders" else []


def _columns(mapping: ColumnMap, scratch: Scratch) -> list[dict[str, Any]]:
    field_at = {at: f for f, at in mapping.fields.items()}
    examples = scratch.examples()
    return [
        {"column": name, "field": field_at.get(at), "examples": examples[at]} for at, name in enumerate(mapping.columns)
    ]


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
