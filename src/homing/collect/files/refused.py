"""Where do a file's refused rows go? Into a CSV file to be mended and sent again, the first into the state too."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import IO

import msgspec

from homing.collect.files.feed import RowReject
from homing.collect.rejects import MAX_BODY, Reject, write_rejects
from homing.core.ids import stable_id
from homing.storage.state import State

KEPT = 1_000  # rows of one import in the state; the file holds all


class RefusedFile:
    """The refused rows as a CSV file with their reasons, made when the first one comes."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self.path = path
        self.rows = 0
        self._columns = columns
        self._file: IO[str] | None = None

    def write(self, rejects: list[RowReject]) -> None:
        """Add rows to the file."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8-sig", newline="", errors="replace")
            csv.writer(self._file).writerow(["rejected_row", "rejected_code", "rejected_reason", *self._columns])
        csv.writer(self._file).writerows([r.row, r.code, r.message, *r.values] for r in rejects)
        self.rows += len(rejects)

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()

    def keep(self, state: State, rejects: list[RowReject], like: Reject) -> None:
        """Write rows to the file, and to the state while there are few; `like` says whose and when they are."""
        room = KEPT - self.rows
        self.write(rejects)
        rows = [self._kept(r, like) for r in rejects[: max(room, 0)]]
        if rows:
            with state.write() as conn:
                write_rejects(conn, rows)

    def _kept(self, r: RowReject, like: Reject) -> Reject:
        """As the state keeps it: under an id of its own, so that an import that goes on keeps it once."""
        body = self._body(r)
        whole = len(body) <= MAX_BODY and len(r.values) == len(self._columns)
        known = stable_id("r", like.import_id, r.row, r.code)
        return like._replace(place=f"row {r.row}", code=r.code, message=r.message, body=body,
                             shape=like.shape if whole else "", rejected_id=known)  # fmt: skip

    def _body(self, reject: RowReject) -> str:
        return msgspec.json.encode(dict(zip(self._columns, reject.values, strict=False))).decode()
