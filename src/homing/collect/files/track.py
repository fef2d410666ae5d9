"""How does a row become one fact with plain properties? By a list of its texts and numbers; most kinds are no more.

The event's id follows from what the row says: the same row again is a duplicate, a changed one is an update.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homing.collect.files.feed import ImportRequest
from homing.collect.files.kind import Make
from homing.collect.files.records import Row, RowProblem, fingerprint
from homing.core.event import Event

Amend = Callable[[Row, dict[str, Any], ImportRequest], None]


@dataclass(frozen=True, slots=True)
class Track:
    """A row as one event.

    Args:
        event: its name.
        key: property whose value stands in the event's id, so that a person can find it; empty for none.
        texts: fields that are texts.
        numbers: fields that are numbers.
        needs: groups of fields; a row must have a value in one of each.
        timed: whether the row must say when; else it happened at the import.
        who: whether the row must name a person.
        about: whether it is about the person it names.
        amend: what else happens to the properties.
    """

    event: str
    key: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    timed: bool = True
    who: bool = False
    about: bool = True
    amend: Amend | None = None

    def maker(self, request: ImportRequest, now_us: int) -> Make:
        """What makes events of rows."""

        def make(row: Row) -> list[Event]:
            ids = row.ids() if self.about else ()
            if self.who and not ids:
                raise RowProblem("missing_value", "no identifier names anybody, wanted at least one")
            properties = row.rest()
            said = {n: row.text(n) for n in self.texts} | {n: row.number(n) for n in self.numbers}
            properties |= {n: v for n, v in said.items() if v is not None}
            for group in self.needs:
                if not any(n in properties for n in group):
                    raise RowProblem("missing_value", f"{' and '.join(group)} is empty, wanted a value")
            at = row.time(None if self.timed else now_us)
            if self.amend is not None:
                self.amend(row, properties, request)
            when = at if row.raw("time") is not None else None
            event_id = self._id(request.source, properties, fingerprint(ids, properties, when))
            return [Event(event_id=event_id, kind="track", name=self.event, happened_us=at, source_id=request.source,
                          ids=ids, properties=properties)]  # fmt: skip

        return make

    def _id(self, source: str, properties: dict[str, Any], print_of: str) -> str:
        word = self.event.lower().replace(" ", "_")
        return ":".join([word, source, *([str(properties[self.key])[:80]] if self.key in properties else []), print_of])
