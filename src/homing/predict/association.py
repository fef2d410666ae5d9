"""What is bought together more than chance would have it? Rules "who buys A also buys B", each tested, all corrected.

A rule says: of the baskets with A so many hold B (confidence), so many times as often as in all baskets (lift).
Its p-value is Fisher's: the chance of so many together, or more, if A and B were dealt out independently. Among a
thousand rules fifty look significant by chance, so q bounds the share of false ones among those shown
(Benjamini-Hochberg, over every rule that was looked at, not only those that are kept). A rule that a shorter one with
the same right side already says as strongly is marked `redundant`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtri

from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.core.stats import LEVEL, wilson
from homing.core.time import DAY, duration_us, iso
from homing.predict.definitions import Association
from homing.predict.ground import Ground, Learned
from homing.predict.metrics import benjamini_hochberg
from homing.predict.patterns import Frequent, Ints, frequent_sets

_LINES = """
SELECT {basket} AS basket, {item} AS item, {word} AS word FROM order_lines
WHERE customer_id IS NOT NULL AND happened_us <= $at AND happened_us > $since AND {item} IS NOT NULL {inside}"""
TINIEST = 1e-300  # a p-value is never 0
_ITEM = {"product": "product_id", "category": "category", "brand": "brand"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: who has the left side has the right side too; counts are baskets."""

    left: tuple[int, ...]
    right: int
    together: int
    with_left: int
    with_right: int
    baskets: int
    p: float
    q: float = 1.0
    redundant: bool = False

    @property
    def confidence(self) -> float:
        """Share of the baskets with the left side that hold the right one."""
        return self.together / self.with_left

    @property
    def lift(self) -> float:
        """Confidence against the share in all baskets; 1 is chance."""
        return self.confidence * self.baskets / self.with_right


def train(document: Association, ground: Ground) -> Learned:
    """Find the rules.

    Raises:
        InvalidInput: there are no baskets, or too many sets are as frequent as that.
    """
    ground.progress(0.05, "baskets")
    since = ground.as_of_us - duration_us(document.lookback)
    basket, item, things, words, baskets = _lines(document, ground, since)
    ground.progress(0.3, "sets")
    least = max(1, int(np.ceil(document.min_support * baskets - 1e-9)))
    sets = frequent_sets(basket, item, baskets=baskets, min_count=least, max_items=document.max_items)
    ground.progress(0.7, "rules")
    looked_at = rules_of(sets)
    kept = [r for r in looked_at if r.confidence >= document.min_confidence and r.lift >= document.min_lift
            and r.q <= document.level]  # fmt: skip
    kept.sort(key=lambda r: (-r.lift, -r.together, r.left, r.right))
    card = {
        "task": "association", "as_of": iso(ground.as_of_us), "item": document.item, "basket": document.basket,
        "data": {"from": iso(since), "to": iso(ground.as_of_us), "baskets": baskets, "lines": len(item),
                 "things": len(things), "lookback_days": (ground.as_of_us - since) / DAY},
        "min_count": least, "sets": len(sets.counts), "tested": len(looked_at), "significant": len(kept),
        "level": document.level, "rules": [_told(r, things, words) for r in kept[: document.top]],
    }  # fmt: skip
    return Learned(card, {})


def rules_of(sets: Frequent) -> list[Rule]:
    """Every rule with one thing on the right side that frequent sets give, tested and corrected together."""
    rules = list(_rules(sets))
    if not rules:
        return []
    table = np.array([(r.together, r.baskets, r.with_right, r.with_left) for r in rules])
    from scipy.stats import hypergeom  # noqa: PLC0415 - slow to import, and few ask

    p = hypergeom.sf(table[:, 0] - 1, table[:, 1], table[:, 2], table[:, 3])
    q = benjamini_hochberg(np.asarray(p, dtype=np.float64))
    best: dict[tuple[tuple[int, ...], int], float] = {(r.left, r.right): r.confidence for r in rules}
    return [
        Rule(
            r.left, r.right, r.together, r.with_left, r.with_right, r.baskets, float(p[n]), float(q[n]), _said(r, best)
        )
        for n, r in enumerate(rules)
    ]


def _rules(sets: Frequent) -> Iterator[Rule]:
    counts = sets.counts
    for things, together in sets.counts.items():
        if len(things) < 2:
            continue
        for right in things:
            left = tuple(t for t in things if t != right)
            yield Rule(left, right, together, counts[left], counts[right,], sets.baskets, 1.0)


def _said(rule: Rule, best: dict[tuple[tuple[int, ...], int], float]) -> bool:
    """Whether a rule with one thing less on the left is as sure."""
    if len(rule.left) < 2:
        return False
    shorter = (tuple(t for t in rule.left if t != gone) for gone in rule.left)
    return any(best.get((left, rule.right), 0.0) >= rule.confidence for left in shorter)


def _lines(document: Association, ground: Ground, since: int) -> tuple[Ints, Ints, list[str], list[str], int]:
    """Basket and thing of each line as numbers, the things' codes and words, and how many baskets there are."""
    params: dict[str, Any] = {"at": ground.as_of_us, "since": since}
    inside = ""
    if document.among is not None:
        params["inside"] = sorted(ground.members(ground.tree(document.among), ground.as_of_us))
        inside = "AND list_contains($inside, customer_id)"
    statement = _LINES.format(
        basket="log_offset" if document.basket == "order" else "customer_id", item=_ITEM[document.item], inside=inside,
        word="product_name" if document.item == "product" else _ITEM[document.item],
    )  # fmt: skip
    table = ground.warehouse.ask_arrow(Query(statement, params)).combine_chunks()
    if not table.num_rows:
        raise InvalidInput("there are no order lines with such things in that time, wanted some", field="lookback")
    baskets = pc.dictionary_encode(table["basket"]).combine_chunks()
    items = pc.dictionary_encode(table["item"]).combine_chunks()
    of_basket, of_item = (_plain(one) for one in (baskets, items))
    codes = _plain_dictionary(items)
    order = np.argsort(np.array(codes, dtype=object), kind="stable")  # numbers that do not hang on the rows' order
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    words = dict.fromkeys(codes)
    named = table.select(["item", "word"]).group_by("item").aggregate([("word", "min")]).to_pylist()
    words |= {row["item"]: row["word_min"] for row in named}
    things = [codes[i] for i in order]
    n = len(_plain_dictionary(baskets))
    return of_basket, rank[of_item], things, [words[t] or t for t in things], n


def _plain(column: Any) -> Ints:
    one = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    return np.asarray(one.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _plain_dictionary(column: Any) -> list[Any]:
    one = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    found: list[Any] = one.dictionary.to_pylist()
    return found


def _told(rule: Rule, things: list[str], words: list[str]) -> dict[str, Any]:
    low, high = wilson(rule.together, rule.with_left)
    base = rule.with_right / rule.baskets
    # the interval of a ratio of two shares, on the logarithm (Katz 1978)
    spread = sqrt(max(0.0, 1 / rule.together - 1 / rule.with_left + 1 / rule.with_right - 1 / rule.baskets))
    reach = float(ndtri((1 + LEVEL) / 2)) * spread
    return {
        "left": [{"id": things[i], "name": words[i]} for i in rule.left],
        "right": {"id": things[rule.right], "name": words[rule.right]},
        "together": rule.together, "with_left": rule.with_left, "with_right": rule.with_right,
        "support": _short(rule.together / rule.baskets),
        "confidence": {"estimate": _short(rule.confidence), "low": _short(low), "high": _short(high),
                       "n": rule.with_left},
        "lift": {"estimate": _short(rule.lift), "low": _short(exp(log(rule.lift) - reach)),
                 "high": _short(exp(log(rule.lift) + reach)), "n": rule.baskets},
        "leverage": _short(rule.together / rule.baskets - rule.with_left / rule.baskets * base),
        "p": _tiny(rule.p), "q": _tiny(rule.q), "redundant": rule.redundant,
    }  # fmt: skip


def _tiny(value: float) -> float:
    return float(f"{max(value, TINIEST):.3g}")


def _short(value: float) -> float:
    return float(f"{value:.6g}")
