"""What does the workspace know of its data, and what is hidden from those who may not see personal data?

The found part is looked up every night and on demand, the said part comes from people. The veil follows both
at once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from homing.collect.catalogue import Entry, Scanned, say, scan, veil_of
from homing.govern.masking import Veil
from homing.storage.state import State
from homing.storage.warehouse import Warehouse

REST_S = 60.0  # real seconds between two nights' looks: under a clock that runs ahead nights follow one another closely


class CatalogueBook:
    """The catalogue of a workspace.

    Args:
        warehouse: what is looked at.
        state: where the catalogue is kept.
    """

    def __init__(self, warehouse: Warehouse, state: State) -> None:
        self._warehouse = warehouse
        self._state = state
        self._veil: Veil | None = None
        self._looked_s: float | None = None

    @property
    def veil(self) -> Veil:
        """What is hidden now."""
        if self._veil is None:
            with self._state.read() as conn:
                self._veil = veil_of(conn)
        return self._veil

    def scan(self, now_us: int) -> Scanned:
        """Look at everything again."""
        found = scan(self._warehouse, self._state, now_us)
        self._veil = None
        return found

    def nightly(self, now_us: int) -> bool:
        """Look at everything again, unless that was done a moment ago; return whether it was."""
        now_s = time.monotonic()
        if self._looked_s is not None and now_s - self._looked_s < REST_S:
            return False
        self.scan(now_us)
        self._looked_s = time.monotonic()
        return True

    def say(self, entries: Sequence[Entry], *, at_us: int, by: str) -> None:
        """Keep what a person says; hidden or shown accordingly from the next answer on."""
        with self._state.write() as conn:
            say(conn, entries, at_us=at_us, by=by)
        self._veil = None
