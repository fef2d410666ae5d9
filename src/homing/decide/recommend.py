"""Which products for whom? What she buys again, what is liked in the categories she likes, what everyone likes.

Three signals, each fading with time: her own purchases, the popularity of products weighted by her share of each
category, and popularity alone, which is all there is for someone new. What she bought in the last two days is never
among them, nor is anything without a name or a category. Popularity is counted once a day; asking is one small query.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from homing.core.query import Query
from homing.core.time import DAY
from homing.storage.warehouse import Warehouse

HALF_LIFE_DAYS = 60
FRESH_US = 2 * DAY  # bought so lately that it is not wanted again yet: whole yesterday in any zone
IN_CATEGORY = 12  # products of a category that are considered
OVERALL = 60
HABITS = 30  # her strongest habits that are considered
LIKED = 8  # and her most bought categories
RELOAD_EVENTS = 50_000  # so much new history makes yesterday's popularity old within the day
OWN, CATEGORY, POPULAR = 0.6, 0.3, 0.1
BOUGHT_ONCE = 0.5  # one purchase says half as much as a habit

Reason = Literal["again", "category", "popular"]

_POPULAR = """
WITH sold AS (
  SELECT product_id, sum(pow(0.5, ($as_of - happened_us) / $half_life)) AS weight
  FROM order_line WHERE happened_us <= $as_of AND product_id IS NOT NULL GROUP BY product_id
), named AS (
  SELECT p.product_id, p.product_name, p.category, p.price::DOUBLE AS price, p.url, p.image_url,
    coalesce(s.weight, 0) AS weight
  FROM product p LEFT JOIN sold s USING (product_id)
  WHERE trim(coalesce(p.product_name, '')) <> '' AND trim(coalesce(p.category, '')) <> ''
)
SELECT product_id, product_name, category, price, url, image_url, weight,
  row_number() OVER (PARTITION BY category ORDER BY weight DESC, product_id) AS place,
  row_number() OVER (ORDER BY weight DESC, product_id) AS overall
FROM named WHERE weight > 0
QUALIFY place <= $in_category OR overall <= $overall
ORDER BY overall
"""

_CATEGORIES = "SELECT product_id, category FROM product WHERE trim(coalesce(category, '')) <> ''"
_ALIASES = "SELECT loser, winner FROM customer_alias WHERE winner IN $ids"
_BOUGHT = """
SELECT customer_id, product_id, happened_us FROM order_line
WHERE customer_id IN $ids AND happened_us <= $as_of AND product_id IS NOT NULL
"""
_SHOWN = """
SELECT product_id, product_name, category, price::DOUBLE, url, image_url FROM product
WHERE product_id IN $ids AND trim(coalesce(product_name, '')) <> ''
"""


class Product(NamedTuple):
    """A product as a message shows it."""

    product_id: str
    name: str
    category: str
    price: float | None
    url: str | None
    image_url: str | None


@dataclass(frozen=True, slots=True)
class Popular:
    """What is liked: by category and overall, each from 0 to 1, best first; and every product's category."""

    by_category: Mapping[str, tuple[tuple[Product, float], ...]]
    overall: tuple[tuple[Product, float], ...]
    category_of: Mapping[str, str]


@dataclass(slots=True)
class _Taste:
    """What one customer bought, faded."""

    own: dict[str, float] = field(default_factory=dict)  # product -> how strong a habit
    times: dict[str, int] = field(default_factory=dict)
    categories: dict[str, float] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)

    def take(self, product_id: str, category: str, happened_us: int, as_of_us: int) -> None:
        """Count one purchase."""
        weight = 0.5 ** ((as_of_us - happened_us) / (HALF_LIFE_DAYS * DAY))
        self.own[product_id] = self.own.get(product_id, 0.0) + weight
        self.times[product_id] = self.times.get(product_id, 0) + 1
        self.categories[category] = self.categories.get(category, 0.0) + weight
        if happened_us > as_of_us - FRESH_US:
            self.fresh.add(product_id)

    def habits(self) -> list[tuple[str, float]]:
        """The strongest habits, from 0 to 1; bought once counts half."""
        habits = {
            p: w * (1.0 if self.times[p] > 1 else BOUGHT_ONCE) for p, w in self.own.items() if p not in self.fresh
        }
        best = sorted(habits.items(), key=lambda h: (-h[1], h[0]))[:HABITS]
        return [(p, w / best[0][1]) for p, w in best]

    def shares(self) -> list[tuple[str, float]]:
        """The categories she buys most, with their shares."""
        total = sum(self.categories.values())
        best = sorted(self.categories.items(), key=lambda c: (-c[1], c[0]))[:LIKED]
        return [(c, w / total) for c, w in best]


class Recommender:
    """Picks products for customers.

    Args:
        warehouse: order lines and the catalogue.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._lock = threading.Lock()
        self._popular: tuple[tuple[int, int], Popular] | None = None

    def recommend(self, customer_ids: Sequence[str], n: int, as_of_us: int) -> dict[str, list[dict[str, Any]]]:
        """Products for each customer, best first.

        Args:
            customer_ids: whom it is for.
            n: how many each, at least 1.
            as_of_us: what was bought later is not known.

        Returns:
            For each customer up to `n` products {product_id, name, category, price, url, image_url, reason}; fewer only
            when the catalogue has no more. No two of a category while other categories have some.
        """
        if not customer_ids:
            return {}
        popular = self._popularity(as_of_us)
        tastes = self._tastes(customer_ids, popular, as_of_us)
        shown = self._shown({p for taste in tastes.values() for p, _ in taste.habits()})
        return {who: _pick(tastes.get(who, _Taste()), popular, shown, n) for who in customer_ids}

    def _popularity(self, as_of_us: int) -> Popular:
        """Counted as of the beginning of the day (UTC), so that every message of a day sees the same."""
        key = (as_of_us // DAY, self._warehouse.mark() // RELOAD_EVENTS)
        with self._lock:
            if self._popular is None or self._popular[0] != key:
                self._popular = (key, self._count(key[0] * DAY))
            return self._popular[1]

    def _count(self, as_of_us: int) -> Popular:
        asked = {"as_of": as_of_us, "half_life": HALF_LIFE_DAYS * DAY, "in_category": IN_CATEGORY, "overall": OVERALL}
        rows = self._warehouse.ask(Query(_POPULAR, asked))
        top = max((float(r[6]) for r in rows), default=1.0)
        best: dict[str, float] = {}
        by_category: dict[str, list[tuple[Product, float]]] = defaultdict(list)
        overall: list[tuple[Product, float]] = []
        for *shown, weight, place, rank in rows:
            product = Product(*shown)
            best.setdefault(product.category, float(weight))
            if place <= IN_CATEGORY:
                by_category[product.category].append((product, float(weight) / best[product.category]))
            if rank <= OVERALL:
                overall.append((product, float(weight) / top))
        categories = dict(self._warehouse.ask(Query(_CATEGORIES)))
        return Popular({c: tuple(found) for c, found in by_category.items()}, tuple(overall), categories)

    def _tastes(self, customer_ids: Sequence[str], popular: Popular, as_of_us: int) -> dict[str, _Taste]:
        names = {who: who for who in customer_ids}
        names |= dict(self._warehouse.ask(Query(_ALIASES, {"ids": list(customer_ids)})))
        tastes: dict[str, _Taste] = {}
        bought = self._warehouse.ask(Query(_BOUGHT, {"ids": list(names), "as_of": as_of_us}))
        for who, product_id, happened_us in bought:
            category = popular.category_of.get(product_id)
            if category is not None:
                tastes.setdefault(names[who], _Taste()).take(product_id, category, happened_us, as_of_us)
        return tastes

    def _shown(self, product_ids: set[str]) -> dict[str, Product]:
        if not product_ids:
            return {}
        rows = self._warehouse.ask(Query(_SHOWN, {"ids": sorted(product_ids)}))
        return {row[0]: Product(*row) for row in rows}


def _pick(taste: _Taste, popular: Popular, shown: Mapping[str, Product], n: int) -> list[dict[str, Any]]:
    """The best `n`, one of each category first."""
    ranked = sorted(_scored(taste, popular, shown).values(), key=lambda s: (-s[1], s[0].product_id))
    seen: set[str] = set()
    first: list[tuple[Product, float, Reason]] = []
    later: list[tuple[Product, float, Reason]] = []
    for found in ranked:
        (later if found[0].category in seen else first).append(found)
        seen.add(found[0].category)
    return [product._asdict() | {"reason": reason} for product, _, reason in (first + later)[:n]]


def _scored(
    taste: _Taste, popular: Popular, shown: Mapping[str, Product]
) -> dict[str, tuple[Product, float, Reason]]:  # fmt: skip
    """Every candidate with its score and the signal that weighs most."""
    found: dict[str, dict[Reason, float]] = defaultdict(dict)
    products: dict[str, Product] = {}
    for product, reason, score in _signals(taste, popular, shown):
        if product.product_id not in taste.fresh:
            products.setdefault(product.product_id, product)
            found[product.product_id][reason] = score
    return {
        key: (products[key], sum(scores.values()), max(scores, key=lambda r: scores[r]))
        for key, scores in found.items()
    }


def _signals(taste: _Taste, popular: Popular, shown: Mapping[str, Product]) -> Iterator[tuple[Product, Reason, float]]:
    for product_id, habit in taste.habits():
        if product_id in shown:
            yield shown[product_id], "again", OWN * habit
    for category, share in taste.shares():
        for product, liked in popular.by_category.get(category, ()):
            yield product, "category", CATEGORY * liked * share
    for product, liked in popular.overall:
        yield product, "popular", POPULAR * liked
