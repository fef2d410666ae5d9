"""Who judges a `did` or an `absent`, on which memory, and when need nobody judge again?

Counts of the same events share one leaf: it keeps what the longest window and the largest number ask for, and each
judge looks at its own part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from homing.core.condition import Absent, Did
from homing.core.condition_values import ORDERS, matcher, units_of
from homing.segments.leaves import Count, First, Holds, Judgement, Last, Leaf, Memory, Sum


class Judge:
    """Whether a customer's memory satisfies one `did` or `absent`, and until when that is sure."""

    __slots__ = ("holds", "key", "leaf", "least", "settled", "window_us")

    def __init__(self, node: Did | Absent, leaf: Leaf) -> None:
        self.leaf = leaf
        self.key = leaf.key
        self.window_us = node.window_us
        self.holds = _comparison(node)
        self.settled = _settled(node)  # the answer that more of what is measured cannot change
        self.least = _least(node)  # in a window: as many times give that answer, fewer the other; 0: not so simple

    def __call__(self, memories: dict[str, Memory], now_us: int) -> Judgement:
        """Judge at an instant."""
        return self.leaf.judge(memories.get(self.key), now_us, self.holds, self.window_us)


def judges_of(nodes: Mapping[bytes, Did | Absent]) -> dict[bytes, Judge]:
    """A judge for each node, under the same keys; counts of the same events share one leaf, absence is a count of 0."""
    counts: dict[tuple[object, ...], Count] = {}
    for node in nodes.values():
        if _counts(node):
            one, same = _count_leaf(node), counts.get(_events_of(node))
            if same is not None:
                longest = None if one.window_us is None else max(one.window_us, same.window_us or 0)
                one = Count(one.event, one.where, longest, keep=max(one.keep, same.keep))
            counts[_events_of(node)] = one
    return {key: Judge(node, counts[_events_of(node)] if _counts(node) else _leaf(node)) for key, node in nodes.items()}


def _counts(node: Did | Absent) -> bool:
    return isinstance(node, Absent) or node.measure == "count"


def _events_of(node: Did | Absent) -> tuple[object, ...]:
    """What tells the events of one count from those of another; `where` by its text, for 1 is not true."""
    return node.event, tuple(w.model_dump_json() for w in node.where), node.window_us is None


def _count_leaf(node: Did | Absent) -> Count:
    return Count(
        node.event, node.where, node.window_us, keep=1 if isinstance(node, Absent) else wanted_number(node) + 1
    )


def _leaf(node: Did | Absent) -> Leaf:
    if isinstance(node, Absent) or node.measure == "count":
        return _count_leaf(node)
    if node.measure == "sum":
        return Sum(node.event, node.where, node.window_us, node.property, ordered=node.op not in ("eq", "ne"))
    made: dict[str, Callable[..., Leaf]] = {"last": Last, "first": First}
    return made[node.measure](node.event, node.where, node.window_us, node.property)


def wanted_number(node: Did) -> int:
    """What a count or a sum is compared with: times, or ten-thousandths."""
    if node.measure == "count":
        return int(node.value)  # type: ignore[arg-type]  # checked with the tree
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
