"""When is the quality of the sources judged? At night for the last days, every quarter of an hour for what is missing.

A finding is written beside the day it is about and goes into the log as an event, once a day, so that whoever is to be
told can be told by it. With no rules in force the watch does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import delete, select

from homing.collect.definitions.plan import Plan
from homing.collect.definitions.rules import Rules
from homing.collect.quality import Checkpoint
from homing.collect.quality.findings import NAME, Finding, find
from homing.collect.quality.score import bounds, days_before, score_day
from homing.core.event import OWN_SOURCE, Event
from homing.core.time import MINUTE
from homing.runtime.clock import Clock
from homing.runtime.rounds import Rounds
from homing.runtime.workspace import Workspace
from homing.storage import definitions
from homing.storage.schema import source_quality
from homing.storage.state.store import upsert

NIGHTS = 3  # days judged again every night: rows that were mended count as taken
EVERY_US = 15 * MINUTE
IDLE_S = 60.0
_log = structlog.get_logger("homing.quality")


@dataclass(frozen=True, slots=True)
class QualityBook:
    """Judges the sources of a workspace.

    Args:
        workspace: what is judged.
        checkpoint: told of products, orders and rates that came on other ways.
    """

    workspace: Workspace
    checkpoint: Checkpoint

    def judge(self, now_us: int, days: int = NIGHTS) -> int:
        """Score every source on the newest days, today so far included; return how many days of sources were scored."""
        w = self.workspace
        plans = [Plan.model_validate(d) for d in self._live("plan")]
        n = 0
        for day in days_before(now_us, days, w.settings.zone):
            start, until = bounds(day, w.settings.zone)
            found = score_day(w.state, w.warehouse, plans, start, min(until, now_us + 1))
            kept = self._findings_of(start)
            rows = [
                {"source_id": s.source, "day_us": start, "received": s.received, "rejected": s.rejected,
                 "warned": s.warned, "score": s.score, "findings": kept.pop(s.source, []),
                 "parts": {name: part._asdict() for name, part in s.parts.items()}}
                for s in found
            ]  # fmt: skip
            rows += [_empty(source, start, told) for source, told in kept.items() if told]
            with w.state.write() as conn:
                conn.execute(delete(source_quality).where(source_quality.c.day_us == start))
                if rows:
                    upsert(conn, source_quality, rows)
            n += len(found)
        return n

    def watch(self, now_us: int) -> list[Finding]:
        """Look for what the stream rules find now; write it down and tell of it, once a day."""
        w = self.workspace
        rules = [Rules.model_validate(d) for d in self._live("rules")]
        found = find(w.warehouse, rules, now_us, w.settings.zone)
        for one in found:
            self._write(one)
        events = [
            Event(event_id=one.key(), kind="track", name=NAME, happened_us=now_us, source_id=OWN_SOURCE,
                  properties={"source": one.source, **one.as_dict()})
            for one in found
        ]  # fmt: skip
        if events:
            w.log.append(events, dedupe="ever")
        return found

    def _live(self, kind: str) -> list[dict[str, Any]]:
        with self.workspace.state.read() as conn:
            return [d.document for d in definitions.published(conn, kind) if d.status == "live"]

    def _findings_of(self, day_us: int) -> dict[str, list[dict[str, Any]]]:
        columns = (source_quality.c.source_id, source_quality.c.findings)
        with self.workspace.state.read() as conn:
            return {s: list(f) for s, f in conn.execute(select(*columns).where(source_quality.c.day_us == day_us))}

    def _write(self, one: Finding) -> None:
        """Put the finding beside its day, in the place of the same one found earlier that day."""
        day_us, _ = bounds(one.day, self.workspace.settings.zone)
        here = (source_quality.c.source_id == one.source, source_quality.c.day_us == day_us)
        with self.workspace.state.write() as conn:
            row = conn.execute(select(source_quality).where(*here)).mappings().one_or_none()
            kept = dict(row) if row else _empty(one.source, day_us, [])
            said = one.as_dict()
            same = ("code", "event", "by")
            kept["findings"] = [f for f in kept["findings"] if any(f[k] != said[k] for k in same)] + [said]
            upsert(conn, source_quality, [kept])


class QualityWatch:
    """The thread that looks for findings by the workspace's clock.

    Args:
        book: what looks.
        clock: says when a quarter of an hour is over.
    """

    def __init__(self, book: QualityBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._next_us = 0
        self._rounds = Rounds("quality", self._round, log=_log, failed="quality_failed", retry_s=IDLE_S, clock=clock)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish the look in hand, then end."""
        self._rounds.stop()

    def _round(self) -> float:
        now = self._clock()
        if now >= self._next_us:
            self._next_us = now + EVERY_US  # the next look is in a quarter of an hour, whatever goes wrong with this
            if self._book.checkpoint.inspector.active:
                self._book.checkpoint.refresh()
                self._book.watch(now)
        return IDLE_S


def _empty(source: str, day_us: int, findings: list[dict[str, Any]]) -> dict[str, Any]:
    return {"source_id": source, "day_us": day_us, "received": 0, "rejected": 0, "warned": 0, "score": None,
            "parts": {}, "findings": findings}  # fmt: skip
