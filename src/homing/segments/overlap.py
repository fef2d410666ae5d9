"""How much do segments share? Of every chosen pair how many are in both, and what part of both together that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from homing.core.errors import InvalidInput
from homing.storage.schema import segment_member

MOST = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """Two segments, or one with itself."""

    a: str
    b: str
    both: int
    jaccard: float | None  # None: both are empty


@dataclass(frozen=True, slots=True)
class Overlap:
    """The matrix, and how many are in exactly which of the segments."""

    sizes: dict[str, int]
    pairs: tuple[Pair, ...]
    exactly: tuple[tuple[tuple[str, ...], int], ...]  # largest first
    anyone: int  # in at least one of them


def overlap(conn: Connection, segments: Sequence[str]) -> Overlap:
    """What the segments share now, as the stream keeps their members.

    Raises:
        InvalidInput: fewer than two segments, one twice, or too many.
    """
    if not 2 <= len(segments) <= MOST or len(set(segments)) < len(segments):
        raise InvalidInput(f"{len(segments)} segments, wanted 2 to {MOST} different ones", field="ids")
    flag = {name: 1 << n for n, name in enumerate(segments)}
    rows = conn.execute(
        select(segment_member.c.customer_id, segment_member.c.segment_id)
        .where(segment_member.c.segment_id.in_(segments))
        .order_by(segment_member.c.customer_id)
    )
    masks: Counter[int] = Counter()
    who, mask = None, 0
    for customer_id, segment_id in rows:
        if customer_id != who:
            masks[mask] += 1
            who, mask = customer_id, 0
        mask |= flag[segment_id]
    masks[mask] += 1
    del masks[0]

    def held(wanted: int) -> int:
        return sum(n for one, n in masks.items() if one & wanted == wanted)

    sizes = {name: held(flag[name]) for name in segments}
    pairs = []
    for n, a in enumerate(segments):
        for b in segments[n:]:
            both = held(flag[a] | flag[b])
            union = sizes[a] + sizes[b] - both
            pairs.append(Pair(a, b, both, both / union if union else None))
    exactly = [(tuple(s for s in segments if one & flag[s]), n) for one, n in masks.items()]
    exactly.sort(key=lambda x: (-x[1], x[0]))
    return Overlap(sizes, tuple(pairs), tuple(exactly), masks.total())
