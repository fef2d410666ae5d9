"""What would a tracking plan say of what arrives? Names, properties, types, what is always there, what is one of few.

Read from the newest events of each name, and shown with the n it rests on. A property is required when every event had
it, a set of values is proposed when few values came again and again; one who knows better changes the draft.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec

from homing.collect.quality.checks import is_type
from homing.core.event import OWN_SOURCE
from homing.core.query import Query
from homing.storage.warehouse import Warehouse

ROWS_A_NAME, NAMES = 2_000, 200
MIN_REQUIRED = 20  # events, before "always there" is believed
MIN_VALUES, MAX_VALUES, AGAIN = 50, 12, 3  # a set: at least so many seen, at most so many different, each so often
MAX_TEXT = 60
TYPES = ("boolean", "integer", "number", "time", "string", "array", "object")
_NAMES = """
SELECT kind, name, count(*) AS n FROM event_fact
WHERE received_us >= $since AND source_id <> $own AND ($source = '' OR source_id = $source)
GROUP BY kind, name ORDER BY n DESC, kind, name LIMIT $names"""
_ROWS = """
SELECT CAST(CAST(CASE WHEN kind IN ('identify', 'group') THEN traits ELSE properties END AS JSON) AS VARCHAR)
FROM event_fact
WHERE kind = $kind AND name = $name AND received_us >= $since AND source_id <> $own
  AND ($source = '' OR source_id = $source)
ORDER BY log_offset DESC LIMIT $rows"""


@dataclass(slots=True)
class _Property:
    seen: int = 0
    types: Counter[str] = field(default_factory=Counter)
    values: Counter[Any] = field(default_factory=Counter)
    many: bool = False
    low: float | None = None

    def add(self, value: Any) -> None:
        self.seen += 1
        self.types[next(t for t in TYPES if is_type(value, t))] += 1
        if isinstance(value, int | float) and not isinstance(value, bool):
            self.low = value if self.low is None else min(self.low, value)
        if self.many or not isinstance(value, str) or len(value) > MAX_TEXT:
            self.many = self.many or isinstance(value, str)
            return
        self.values[value] += 1
        self.many = len(self.values) > MAX_VALUES

    def type(self) -> str:
        """The one type all values have; whole and broken numbers are numbers."""
        met = set(self.types)
        if met <= {"integer", "number"}:
            return "number" if "number" in met else "integer"
        if met <= {"string", "time"}:
            return "string" if "string" in met else "time"
        return met.pop() if len(met) == 1 else "any"

    def as_wanted(self, n: int) -> dict[str, Any]:
        """The property as the plan would say it."""
        kind = self.type()
        out: dict[str, Any] = {"type": kind}
        if self.seen == n and n >= MIN_REQUIRED:
            out["required"] = True
        again = bool(self.values) and min(self.values.values()) >= AGAIN
        if kind == "string" and not self.many and self.seen >= MIN_VALUES and again:
            out["values"] = sorted(self.values)
        if kind in {"integer", "number"} and self.seen >= MIN_VALUES and self.low is not None and self.low >= 0:
            out["min"] = 0
        return out


def propose(warehouse: Warehouse, *, since_us: int, source: str = "", plan_id: str = "proposed") -> dict[str, Any]:
    """A draft of a plan.

    Args:
        warehouse: holds what arrived.
        since_us: events received from here on are looked at.
        source: only of this source; of all when empty.
        plan_id: the id the draft has.

    Returns:
        `document`, a plan that observes; `basis`, for every event its n, how many were looked at, and for every
        property how many had it and of which types.
    """
    asked = {"since": since_us, "own": OWN_SOURCE, "source": source}
    events, basis = [], []
    for kind, name, n in warehouse.ask(Query(_NAMES, asked | {"names": NAMES})):
        rows = warehouse.ask(Query(_ROWS, asked | {"kind": kind, "name": name, "rows": ROWS_A_NAME}))
        found: dict[str, _Property] = {}
        for (body,) in rows:
            payload = msgspec.json.decode(body) if body else {}
            for key, value in payload.items() if isinstance(payload, dict) else ():
                if value is not None and all(part.removesuffix("[]") for part in key.split(".")) and len(key) <= 200:
                    found.setdefault(key, _Property()).add(value)
        looked = len(rows)
        wanted = {key: found[key].as_wanted(looked) for key in sorted(found)}
        events.append({"event": name or "", "type": kind, "properties": wanted})
        basis.append({
            "event": name or "", "type": kind, "n": n, "looked": looked,
            "properties": {k: {"n": p.seen, "types": dict(p.types)} for k, p in sorted(found.items())},
        })  # fmt: skip
    document = {
        "kind": "plan", "id": plan_id, "name": {"en": "Tracking plan", "zh": "埋点方案"},
        **({"sources": [source]} if source else {}), "mode": "observe", "unknown": "observe", "events": events,
    }  # fmt: skip
    return {"document": document, "basis": basis}
