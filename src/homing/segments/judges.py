"""Who judges a `did`, an `absent` or a `sequence`, on which memory, and when need nobody judge again?

Counts of the same events share one leaf: it keeps what the longest window and the largest number ask for, and each
judge looks at its own part of it. Where the customer's zone has a say, `Zoned` judges what it finds inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from homing.core.calendar import Hours, bounds, horizon_us, next_change
from homing.core.condition import Absent, Clock, Did, Sequence
from homing.core.condition_values import ORDERS, matcher, units_of
from homing.segments.kept import Kept, Path, latest_start
from homing.segments.leaves import NEVER, Answering, Count, First, Holds, Judgement, Last, Memory, Sum

Measured = Did | Absent | Sequence


class Judge:
    """Whether a customer's memory satisfies one `did` or `absent`, and until when that is sure."""

    __slots__ = ("holds", "key", "leaf", "least", "settled", "window_us")

    def __init__(self, node: Did | Absent, leaf: Answering) -> None:
        self.leaf = leaf
        self.key = leaf.key
        self.window_us = node.window_us
        self.holds = _comparison(node)
        self.settled = _settled(node)  # the answer that more of what is measured cannot change
        self.least = _least(node)  # in a window: as many times give that answer, fewer the other; 0: not so simple

    def __call__(self, memories: dict[str, Memory], now_us: int) -> Judgement:
        """Judge at an instant."""
        return self.leaf.judge(memories.get(self.key), now_us, self.holds, self.window_us)


class Follows:
    """Whether a customer did the steps of a sequence inside a rolling window."""

    __slots__ = ("gaps", "key", "leaf", "least", "settled", "span_us", "window_us")

    def __init__(self, node: Sequence, leaf: Path) -> None:
        self.leaf = leaf
        self.key = leaf.key
        self.window_us = node.window_us or 0
        self.gaps = tuple(step.gap_us for step in node.steps)
        self.span_us = node.span_us
        self.settled: bool | None = True  # more events take no chain away
        self.least = 0

    def __call__(self, memories: dict[str, Memory], now_us: int) -> Judgement:
        """Judge at an instant: it holds until the chain that began last begins to leave."""
        gone = now_us - self.window_us
        items = [item for item in memories.get(self.key, ()) if item[0] > gone]
        start = latest_start(items, self.gaps, self.span_us)
        return (False, NEVER) if start is None else (True, start + self.window_us)


class Zoned:
    """Whether a memory satisfies a condition in which the customer's calendar or clock has a say."""

    __slots__ = ("_during", "_hours", "_judge", "_steps", "key", "leaf", "least", "settled", "window_us")

    def __init__(self, node: Measured, leaf: Kept | Path) -> None:
        self.leaf = leaf
        self.key = leaf.key
        self.window_us = node.window_us
        self.settled: bool | None = None
        self.least = 0
        self._during = node.during
        steps = node.steps if isinstance(node, Sequence) else ()
        self._steps = [hours for n, step in enumerate(steps) if (hours := _hours(step.clock, 1 << n))]
        self._hours = None if isinstance(node, Sequence) else _hours(node.clock, 0)
        self._judge = _chained(node) if isinstance(node, Sequence) else _measured(node)

    def __call__(self, memories: dict[str, Memory], now_us: int, zone: str) -> Judgement:
        """Judge at an instant, in the zone the customer is in now."""
        items: Memory = memories.get(self.key, [])
        if self._during is None:
            gone = now_us - (self.window_us or 0)
            return self._judge(self._counted([item for item in items if item[0] > gone], zone), now_us)
        begin, end = bounds(self._during, now_us, zone)
        items = self._counted([item for item in items if item[0] >= begin], zone)
        ok, _ = self._judge([item for item in items if item[0] < end], now_us)
        return ok, next_change(self._during, [item[0] for item in items], now_us, zone)

    def _counted(self, items: Memory, zone: str) -> Memory:
        """The events the clock lets through."""
        if self._hours is not None:
            hours = self._hours[1]
            return [item for item in items if hours.hold(item[0], zone)]
        if not self._steps:
            return items
        found = []
        for at, offset, bits in items:
            kept = bits
            for bit, hours in self._steps:
                if kept & bit and not hours.hold(at, zone):
                    kept ^= bit
            if kept:
                found.append([at, offset, kept])
        return found


AnyJudge = Judge | Follows | Zoned


def judges_of(nodes: Mapping[bytes, Measured]) -> dict[bytes, AnyJudge]:
    """A judge for each node, under the same keys; counts of the same events share one leaf, absence is a count of 0."""
    counts: dict[tuple[object, ...], Count] = {}
    for node in nodes.values():
        if not isinstance(node, Sequence) and _counts(node):
            one, same = _count_leaf(node), counts.get(_events_of(node))
            if same is not None:
                longest = None if one.window_us is None else max(one.window_us, same.window_us or 0)
                one = Count(one.event, one.where, longest, keep=max(one.keep, same.keep), near=one.near)
            counts[_events_of(node)] = one
    return {key: _judge_of(node, counts) for key, node in nodes.items()}


def _judge_of(node: Measured, counts: Mapping[tuple[object, ...], Count]) -> AnyJudge:
    if isinstance(node, Sequence):
        horizon = horizon_us(node.during) if node.during else node.window_us
        path = Path(node.steps[0].event, (), horizon, steps=node.steps)
        return Zoned(node, path) if node.zoned else Follows(node, path)
    if node.zoned:
        horizon = horizon_us(node.during) if node.during else node.window_us
        of, amounts = (node.property, node.measure == "sum") if isinstance(node, Did) else (None, False)
        return Zoned(node, Kept(node.event, node.where, horizon, of, near=node.near, amounts=amounts))
    return Judge(node, counts[_events_of(node)] if _counts(node) else _leaf(node))


def _hours(clock: Clock | None, bit: int) -> tuple[int, Hours] | None:
    return None if clock is None else (bit, Hours(clock.minutes, clock.days))


def _chained(node: Sequence) -> Callable[[Memory, int], Judgement]:
    gaps, span, window = tuple(step.gap_us for step in node.steps), node.span_us, node.window_us or 0

    def judge(items: Memory, _now_us: int) -> Judgement:
        start = latest_start(items, gaps, span)
        return (False, NEVER) if start is None else (True, start + window)

    return judge


def _measured(node: Did | Absent) -> Callable[[Memory, int], Judgement]:
    """What an ordinary leaf says of the events that are left; in a calendar window they are all there is."""
    inner, holds, window = _leaf(node), _comparison(node), node.window_us

    def judge(items: Memory, now_us: int) -> Judgement:
        return inner.judge(_as_memory(inner, items) if items else None, now_us, holds, window)

    return judge


def _as_memory(leaf: Answering, items: Memory) -> Memory:
    if isinstance(leaf, Count):
        return [len(items)] if leaf.window_us is None else [item[0] for item in items]
    if isinstance(leaf, Sum):
        total = sum(item[2] for item in items)
        return [total] if leaf.window_us is None else [total, sum(item[2] < 0 for item in items), items]
    return list(items[-1]) if isinstance(leaf, Last) else items


def _counts(node: Did | Absent) -> bool:
    return not node.zoned and (isinstance(node, Absent) or node.measure == "count")


def _events_of(node: Did | Absent) -> tuple[object, ...]:
    """What tells the events of one count from those of another; `where` by its text, for 1 is not true."""
    near = node.near.model_dump_json() if node.near else None
    return node.event, tuple(w.model_dump_json() for w in node.where), node.window_us is None, near


def _count_leaf(node: Did | Absent) -> Count:
    keep = 1 if isinstance(node, Absent) else wanted_number(node) + 1
    return Count(node.event, node.where, node.window_us, keep=keep, near=node.near)


def _leaf(node: Did | Absent) -> Answering:
    if isinstance(node, Absent) or node.measure == "count":
        return _count_leaf(node)
    if node.measure == "sum":
        ordered = node.op not in ("eq", "ne")
        return Sum(node.event, node.where, node.window_us, node.property, ordered=ordered, near=node.near)
    made: dict[str, Callable[..., Answering]] = {"last": Last, "first": First}
    return made[node.measure](node.event, node.where, node.window_us, node.property, near=node.near)


def wanted_number(node: Did) -> int:
    """What a count or a sum is compared with: times, or ten-thousandths."""
    if node.measure == "count":
        return node.times()
    return units_of(node.value) or 0


def _comparison(node: Did | Absent) -> Holds:
    if isinstance(node, Absent):
        return lambda n: n == 0
    if node.measure in ("count", "sum"):
        order, wanted = ORDERS[node.op], wanted_number(node)
        return lambda n: order(n, wanted)
    return matcher(node.op, node.value)


def _settled(node: Did | Absent) -> bool | None:
    if isinstance(node, Absent):
        return False
    if node.measure not in ("count", "sum"):
        return None
    return {"gt": True, "gte": True, "lt": False, "lte": False}.get(node.op)


def _least(node: Did | Absent) -> int:
    if node.window_us is None:
        return 0
    if isinstance(node, Absent):
        return 1
    if node.measure != "count" or node.op not in ("gt", "gte", "lt", "lte"):
        return 0
    return max(0, wanted_number(node) + (node.op in ("gt", "lte")))
