"""How is a value read from memory? One function a measure; what cannot be computed is None, never 0.

A count or a sum over nothing is 0, as in conditions; an average, an extreme, a share, a first or a last of nothing is
missing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from homing.core.condition_values import UNITS, number_of, units_of
from homing.core.event import Event
from homing.profile.traits.definition import Aggregate, Decayed, Elasticity, Spec
from homing.profile.traits.leanings import Leaning
from homing.profile.traits.leaves import Place
from homing.profile.traits.memories import EverValues, Times
from homing.profile.traits.paths import key_of, scalar, value_of
from homing.profile.traits.said import Words

Read = Callable[[dict[str, Any], int], Any]
LEVEL = 0.95
SHARES = 10_000  # a share has four decimals
MIN_FREEDOM = 3  # degrees of freedom below which an elasticity says nothing


@dataclass(frozen=True, slots=True)
class Detail:
    """What a value rests on: how many, and between what it lies with 95 % confidence."""

    n: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Slope:
    """A least-squares slope with what it rests on."""

    value: float
    se: float
    freedom: int
    n: int

    def detail(self) -> Detail:
        """Its n and its interval."""
        half = student(self.freedom) * self.se
        return Detail(self.n, self.value - half, self.value + half)


def reader_of(spec: Spec, places: tuple[Place, ...]) -> Read:
    """The function that reads a trait's typed value; formulas are read in `program`."""
    if isinstance(spec, Aggregate):
        return _aggregate(spec, places)
    place = places[0]
    key = place.leaf.key
    if isinstance(spec, Decayed) and isinstance(place.leaf, Leaning):
        leaf = place.leaf
        return lambda memories, _now: leaning(spec, leaf.weights(memories.get(key)))
    if isinstance(spec, Elasticity):
        return lambda memories, now: None if (s := _slope(spec, place, memories, now)) is None else s.value
    if not isinstance(place.leaf, Words):
        raise TypeError(f"no reader for {spec!r}")
    return _word(place.leaf, getattr(spec, "sources", ()), getattr(spec, "value", "number"))


def detail_of(spec: Spec, places: tuple[Place, ...]) -> Callable[[dict[str, Any], int], Detail]:
    """The function that says what a value rests on."""
    if isinstance(spec, Elasticity):
        return lambda memories, now: s.detail() if (s := _slope(spec, places[0], memories, now)) else Detail()
    if isinstance(spec, Aggregate) and spec.measure == "share":
        base = _count(places[0])
        return lambda memories, now: Detail(base(memories, now))
    if isinstance(spec, Aggregate) and spec.measure in ("average", "min", "max", "sum"):
        numbers = _numbers(places[0])
        return lambda memories, now: Detail(numbers(memories, now)[0])
    return lambda _memories, _now: Detail()


def typed(value: Any, kind: str) -> Any:
    """A value as the type its definition promises; None when it is another."""
    if kind == "number":
        return number_of(value)
    if kind == "text":
        return value if type(value) is str else None
    if kind == "boolean":
        return value if type(value) is bool else None
    return value


def leaning(spec: Decayed, weights: list[tuple[int, str]]) -> Any:
    """What is shown of the keys a customer leans to."""
    if not weights:
        return None
    if spec.show == "top":
        return weights[0][1]
    if spec.show == "keys":
        return [key for _, key in weights[: spec.n]]
    total = sum(weight for weight, _ in weights)
    if spec.show == "share":
        return share(next((weight for weight, key in weights if key == spec.key), 0), total)
    return {key: share(weight, total) for weight, key in weights[: spec.n]}


def share(part: int, total: int) -> float:
    """A share with four decimals, rounded half up; the same whole numbers in both engines."""
    return (2 * part * SHARES + total) // (2 * total) / SHARES


@lru_cache(maxsize=2_000)
def student(freedom: int) -> float:
    """The half-width of a 95 % interval in standard errors, by Student's t."""
    from scipy.stats import t  # noqa: PLC0415 - a third of a second, and few traits ask

    return float(t.ppf(0.5 + LEVEL / 2, freedom))


# -- aggregates --------------------------------------------------------------------------------------------------------
def _aggregate(spec: Aggregate, places: tuple[Place, ...]) -> Read:  # noqa: PLR0911 - one line a measure
    place = places[0]
    if spec.measure == "count":
        return _count(place)
    if spec.measure == "share":
        base, part = _count(places[0]), _count(places[1])
        return lambda memories, now: part(memories, now) / n if (n := base(memories, now)) else None
    if spec.measure in ("first_at", "last_at"):
        return _at(place, first=spec.measure == "first_at")
    if spec.measure in ("sum", "average", "min", "max"):
        return _amount(spec.measure, place)
    if spec.measure == "distinct":
        return _distinct(place)
    if spec.measure == "most_frequent":
        most = _most_frequent(place)
        return lambda memories, now: typed(most(memories, now), spec.value)
    values = _values(place)
    if spec.measure == "newest":
        return lambda memories, now: (values(memories, now)[::-1][: spec.n]) or None
    edge = 0 if spec.measure == "first" else -1
    return lambda memories, now: typed(v[edge], spec.value) if (v := values(memories, now)) else None


def _times(memory: Any, place: Place) -> list[int]:
    times: list[int] = memory if isinstance(place.leaf, Times) else memory[0]
    return times


def _count(place: Place) -> Read:
    key, window = place.leaf.key, place.window_us
    if window is None:
        return lambda memories, _now: m[0] if (m := memories.get(key)) else 0

    def count(memories: dict[str, Any], now: int) -> int:
        memory = memories.get(key)
        if memory is None:
            return 0
        times = _times(memory, place)
        return len(times) - bisect_right(times, now - window)

    return count


def _at(place: Place, *, first: bool) -> Read:
    key, window = place.leaf.key, place.window_us

    def at(memories: dict[str, Any], now: int) -> int | None:
        memory = memories.get(key)
        if memory is None:
            return None
        if window is None:
            return int(memory[1 if first else 2])
        times = _times(memory, place)
        start = bisect_right(times, now - window)
        return None if start == len(times) else times[start if first else -1]

    return at


def _numbers(place: Place) -> Callable[[dict[str, Any], int], tuple[int, int, float | None, float | None]]:
    """(how many numbers, their sum in ten-thousandths, the smallest, the largest)."""
    key, window = place.leaf.key, place.window_us

    def numbers(memories: dict[str, Any], now: int) -> tuple[int, int, float | None, float | None]:
        memory = memories.get(key)
        if memory is None:
            return 0, 0, None, None
        if window is None:
            return memory[0], memory[1], memory[2], memory[3]
        inside = memory[2][bisect_right(memory[0], now - window) :]
        units = [u for one in inside if (u := units_of(one)) is not None]
        if not units:
            return 0, 0, None, None
        sizes = [number_of(one) or 0.0 for one in inside if units_of(one) is not None]
        return len(units), sum(units), min(sizes), max(sizes)

    return numbers


def _amount(measure: str, place: Place) -> Read:
    numbers = _numbers(place)
    if measure == "sum":
        return lambda memories, now: numbers(memories, now)[1] / UNITS
    if measure == "average":
        return lambda memories, now: m[1] / (UNITS * m[0]) if (m := numbers(memories, now))[0] else None
    which = 2 if measure == "min" else 3
    return lambda memories, now: numbers(memories, now)[which]


def _values(place: Place) -> Callable[[dict[str, Any], int], list[Any]]:
    """The values that are there, oldest first."""
    key, window = place.leaf.key, place.window_us

    def values(memories: dict[str, Any], now: int) -> list[Any]:
        memory = memories.get(key)
        if memory is None:
            return []
        if window is None:
            return [item[3] for item in memory]
        start = bisect_right(memory[0], now - window)
        return [one for one in memory[2][start:] if one is not None]

    return values


def _distinct(place: Place) -> Read:
    key = place.leaf.key
    if isinstance(place.leaf, EverValues):
        return lambda memories, _now: len(memories.get(key, ()))
    values = _values(place)
    return lambda memories, now: len({key_of(one) for one in values(memories, now)})


def _most_frequent(place: Place) -> Read:
    """The value that came most often; of several the one that came last."""
    key = place.leaf.key
    if isinstance(place.leaf, EverValues):
        return lambda memories, _now: (
            value_of(max(m.items(), key=lambda one: one[1])[0]) if (m := memories.get(key)) else None
        )
    values = _values(place)

    def most(memories: dict[str, Any], now: int) -> Any:
        counts: dict[str, tuple[int, int]] = {}
        for n, one in enumerate(values(memories, now)):
            counts[key_of(one)] = (counts.get(key_of(one), (0, 0))[0] + 1, n)
        return value_of(max(counts.items(), key=lambda one: one[1])[0]) if counts else None

    return most


def _word(leaf: Words, trusted: tuple[str, ...], kind: str) -> Read:
    key = leaf.key

    def word(memories: dict[str, Any], _now: int) -> Any:
        found = leaf.word(memories.get(key), trusted)
        return None if found is None else typed(found[2], kind)

    return word


# -- elasticity --------------------------------------------------------------------------------------------------------
def lines_getter(items: str, product: str, price: str, quantity: str) -> Callable[[Event], list[Any]]:
    """Takes [product, price, quantity] of every line of an order that has all three, the numbers above zero."""

    def lines(event: Event) -> list[Any]:
        found = event.properties.get(items)
        return [] if type(found) is not list else [made for one in found if (made := _line(one))]

    def _line(one: Any) -> list[Any] | None:
        if type(one) is not dict:
            return None
        name, cost, many = scalar(one.get(product)), number_of(one.get(price)), number_of(one.get(quantity))
        if name is None or cost is None or many is None or cost <= 0 or many <= 0:
            return None
        return [key_of(name), cost, many]

    return lines


def _slope(spec: Elasticity, place: Place, memories: dict[str, Any], now: int) -> Slope | None:
    memory = memories.get(place.leaf.key)
    if memory is None:
        return None
    start = 0 if place.window_us is None else bisect_right(memory[0], now - place.window_us)
    by_product: dict[str, list[tuple[float, float]]] = {}
    for name, price, quantity in memory[2][start:]:
        by_product.setdefault(name, []).append((math.log(price), math.log(quantity)))
    moved = [lines for lines in by_product.values() if len({x for x, _ in lines}) > 1]
    sums = [0.0, 0.0, 0.0]
    for lines in moved:
        mean_x, mean_y = (math.fsum(line[n] for line in lines) / len(lines) for n in (0, 1))
        sums[0] += math.fsum((x - mean_x) ** 2 for x, _ in lines)
        sums[1] += math.fsum((x - mean_x) * (y - mean_y) for x, y in lines)
        sums[2] += math.fsum((y - mean_y) ** 2 for _, y in lines)
    return slope(*sums, n=sum(map(len, moved)), products=len(moved), min_lines=spec.min_lines)


def slope(sxx: float, sxy: float, syy: float, *, n: int, products: int, min_lines: int) -> Slope | None:
    """The slope within products; None when there is too little to say anything."""
    freedom = n - products - 1
    if n < min_lines or freedom < MIN_FREEDOM or sxx <= 0:
        return None
    value = sxy / sxx
    return Slope(value, math.sqrt(max(0.0, syy - value * sxy) / freedom / sxx), freedom, n)


__all__ = [
    "Detail",
    "Leaning",
    "detail_of",
    "leaning",
    "lines_getter",
    "reader_of",
    "share",
    "slope",
    "student",
    "typed",
]
