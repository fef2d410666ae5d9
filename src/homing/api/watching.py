"""Which events does a watcher want to see? By source, name, customer, identifier and verdict; nothing given means all.

Whoever may not see personal data cannot search by it: for a viewer an identifier matches a customer's own id alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from homing.api.feed import Item, Refused, Seen
from homing.collect.quality.inspector import violations_of
from homing.govern import Caller

Verdict = Literal["accepted", "warned", "rejected"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show."""

    source: str = ""
    name: str = ""
    who: str = ""  # a customer id, or any identifier of hers
    verdict: Verdict | None = None

    def takes(self, item: Item, caller: Caller) -> bool:
        """Whether this is to be shown; what was skipped always is."""
        if isinstance(item, Seen):
            return self._takes_event(item, caller)
        return self._takes_refused(item, caller) if isinstance(item, Refused) else True

    def _takes_event(self, seen: Seen, caller: Caller) -> bool:
        event = seen.stored.event
        if self.source and event.source_id != self.source:
            return False
        if self.name and self.name.lower() not in (event.name or event.kind).lower():
            return False
        if self.who and seen.customer_id != self.who:
            known = {one.value for one in event.ids}
            if not caller.sees_personal or self.who not in known:
                return False
        warned = self.verdict == "warned" and bool(violations_of(event))
        return self.verdict in {None, "accepted"} or warned

    def _takes_refused(self, item: Refused, caller: Caller) -> bool:
        row = item.row
        if self.verdict not in {None, "rejected"} or (self.source and row.source_id != self.source):
            return False
        if self.name and self.name.lower() not in row.body.lower():
            return False
        return not self.who or (caller.sees_personal and f'"{self.who}"' in row.body)
