"""What was not as planned? Counted by source, event, reason and field over what was taken and what was refused.

What was refused is in no log: its event is read from what was kept of the call, its field from the reason.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import case, func, literal, select

from homing.collect.reasons import field_of
from homing.core.query import Query
from homing.storage.schema import rejected
from homing.storage.state import State
from homing.storage.warehouse import Warehouse

MAX_GROUPS = 1_000
_MARKED = """
SELECT source_id, kind, name, m.code, m.field, m.by, coalesce(m.said, ''), count(*) AS n,
  max(received_us), max(log_offset)
FROM (
  SELECT source_id, kind, name, received_us, log_offset,
    unnest(from_json(CAST(context AS JSON)->'violations',
      '[{"code":"VARCHAR","field":"VARCHAR","by":"VARCHAR","said":"VARCHAR"}]')) AS m
  FROM event_fact WHERE received_us >= $since AND variant_extract(context, 'violations') IS NOT NULL
    AND ($source = '' OR source_id = $source)
)
WHERE m.code IS NOT NULL GROUP BY ALL ORDER BY n DESC LIMIT $limit"""

_CALL = case((func.json_valid(rejected.c.body) == 1, rejected.c.body), else_=literal("{}"))
_KIND = (
    rejected.c.source_id, rejected.c.code, rejected.c.message, rejected.c.shape,
    func.json_extract(_CALL, "$.type").label("type"), func.json_extract(_CALL, "$.event").label("event"),
)  # fmt: skip


class Violations(NamedTuple):
    """How often one thing was not as wanted; `offset` is the newest event's, None when they were refused.

    `type` is the kind of call, of a refused row of a file `row:orders` and the like; `said` is what was met and wanted.
    """

    source: str
    type: str
    event: str
    code: str
    field: str
    by: str
    said: str
    n: int
    last_us: int
    offset: int | None


def violations(state: State, warehouse: Warehouse, *, since_us: int, source: str = "") -> list[Violations]:
    """Everything that was not as wanted since an instant, the most frequent first."""
    asked = {"since": since_us, "source": source, "limit": MAX_GROUPS}
    marked = [Violations(*row) for row in warehouse.ask(Query(_MARKED, asked))]
    r = rejected.c
    where = [r.at_us >= since_us, r.code.startswith("plan_") | r.code.startswith("rule_"), r.status != "replayed"]
    if source:
        where.append(r.source_id == source)
    with state.read() as conn:
        rows = conn.execute(select(*_KIND, func.count(), func.max(r.at_us)).where(*where).group_by(*_KIND)).all()
    refused = [
        Violations(s, shape if shape.startswith("row:") else str(kind or ""), str(name or ""), code,
                   field_of(code, said), "", said, n, last, None)
        for s, code, said, shape, kind, name, n, last in rows
    ]  # fmt: skip
    return sorted(marked + refused, key=lambda v: -v.n)[:MAX_GROUPS]
