"""What became of a file? Counted in rows: read = accepted + duplicate + rejected.

A row is accepted when any of its events was new, a duplicate when the log knew them all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from homing.collect.files.feed import FeedBatch


@dataclass(slots=True)
class ImportResult:
    """What became of a file; the counts are rows, `read` = accepted + duplicate + rejected."""

    import_id: str
    kind: str
    unit: str = "rows"
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    rejected_file: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The result as every door shows it."""
        head = {"read": self.read, "accepted": self.accepted, "duplicate": self.duplicate, "rejected": self.rejected,
                "rejected_file": self.rejected_file}  # fmt: skip
        return head | {"import_id": self.import_id, "kind": self.kind, "unit": self.unit} | self.extra


class Tally:
    """Counts rows by what became of their events."""

    def __init__(self, result: ImportResult) -> None:
        self.result = result
        self.events = 0
        self.duplicate_events = 0

    def add(self, batch: FeedBatch, known: Collection[int]) -> None:
        """Count a batch; `known` are the positions of those of its events that the log knew already."""
        r = self.result
        if not known and (batch.ready is not None or all(share.events for share in batch.shares)):
            r.accepted += batch.shared
        else:
            self._one_by_one(batch.one_by_one, known)
        self.events += batch.many - len(known)
        self.duplicate_events += len(known)
        r.duplicate += batch.duplicates
        r.rejected += len(batch.rejects)
        r.read += batch.rows

    def _one_by_one(self, batch: FeedBatch, known: Collection[int]) -> None:
        r, at = self.result, 0
        for share in batch.shares:
            fresh = any(n not in known for n in range(at, at + share.events))
            at += share.events
            r.accepted += share.rows * fresh
            r.duplicate += share.rows * (not fresh)
