"""What would rows become? Their columns with the fields they feed, the first events and refusals; nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from homing.collect.connectors import Row
from homing.collect.files import kinds
from homing.collect.files.kinds import feed_of
from homing.collect.intake import RowsRequest, lay_out
from homing.core.errors import InvalidInput
from homing.core.event import Event, encode

EXAMPLES = 3
EVENTS = 3


def preview(rows: Sequence[Row], request: RowsRequest, *, now_us: int) -> dict[str, Any]:
    """What these rows would become.

    Raises:
        InvalidInput: an unknown kind, or a mapping that names no field of it.
    """
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    known = kinds.get(request.kind)
    shown: dict[str, Any] = {
        "kind": request.kind, "rows": [dict(row) for row in rows], "fields": list(known.fields) if known else [],
        "columns": [{"column": n, "field": None, "examples": _examples(rows, n)} for n in names],
        "sample": [], "refused": [], "missing": [], "events": 0,
    }  # fmt: skip
    if not rows:
        return shown
    try:
        scratch, mapping = lay_out(rows, request)
    except InvalidInput as error:
        missing = error.details.get("missing")
        if not isinstance(missing, list):
            raise
        return shown | {"missing": missing}
    fed = {mapping.columns[at]: field for field, at in mapping.fields.items()}
    shown["columns"] = [
        {"column": n, "field": fed.get(n), "examples": _examples(rows, n)} for n in dict.fromkeys([*names, *fed])
    ]
    events: list[Event] = []
    with scratch:
        for batch in feed_of(scratch, mapping, request.as_import(), now_us).batches():
            events += batch.events
            shown["refused"] += [{"row": r.row, "code": r.code, "message": r.message} for r in batch.rejects]
    shown["events"] = len(events)
    shown["sample"] = [msgspec.json.decode(encode(e)) for e in events[:EVENTS]]
    return shown


def _examples(rows: Sequence[Row], name: str) -> list[str]:
    said = (row.get(name) for row in rows)
    return list(dict.fromkeys(_text(value) for value in said if value is not None and value != ""))[:EXAMPLES]


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()[:200]
