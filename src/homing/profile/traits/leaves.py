"""Which memory does each trait need? Those that look at the same events share one, as long as the longest window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from homing.core.condition import Where
from homing.profile.traits.definition import (
    Aggregate,
    Decayed,
    Elasticity,
    Percentile,
    Said,
    Score,
    Trait,
    depends_on,
)
from homing.profile.traits.leanings import Leaning
from homing.profile.traits.memories import EverCount, EverNewest, EverSum, EverValues, Items, Leaf, Times
from homing.profile.traits.paths import read_path
from homing.profile.traits.said import Words

PERCENTILE = "percentile"  # the model that says a percentile; see `percentiles`
_COUNTED = frozenset({"count", "first_at", "last_at", "share"})
_SUMMED = frozenset({"sum", "average", "min", "max"})
_LISTED = frozenset({"distinct", "most_frequent"})


@dataclass(frozen=True, slots=True)
class Place:
    """A memory, and how far back a trait looks in it."""

    leaf: Leaf
    window_us: int | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a trait wants to know of some events."""

    measure: str
    event: str
    where: tuple[Where, ...]
    path: str | None
    window_us: int | None
    n: int

    @property
    def events(self) -> tuple[str, str]:
        """What tells these events from others; the filter by its text, for 1 is not true."""
        return self.event, "".join(w.model_dump_json() for w in self.where)


def places_of(traits: Sequence[Trait]) -> dict[str, tuple[Place, ...]]:
    """Each trait's memories, by its name; a formula has none of its own."""
    wanted = {trait.id: _wanted(trait.of) for trait in traits}
    shared = _Shared([one for some in wanted.values() for one in some])
    found: dict[str, tuple[Place, ...]] = {}
    for trait in traits:
        own = tuple(shared.place(one) for one in wanted[trait.id])
        found[trait.id] = own or _alone(trait)
    return found


def word_leaf(spec: Said | Score | Percentile, name: str) -> Words:
    """The memory of what is said under a name."""
    if isinstance(spec, Said):
        return Words("", extra=(spec.wins, spec.trait, None, None))
    if isinstance(spec, Percentile):
        return Words("", extra=("newest", name, PERCENTILE, None))
    return Words("", extra=("newest", spec.trait, spec.model, spec.version))


def _alone(trait: Trait) -> tuple[Place, ...]:
    spec = trait.of
    if isinstance(spec, Said | Score | Percentile):
        return (Place(word_leaf(spec, trait.id)),)
    if isinstance(spec, Decayed):
        return (Place(Leaning("", extra=(spec.half_life_us, spec.signals))),)
    if isinstance(spec, Elasticity):
        names = ("lines", spec.items, spec.product, spec.price, spec.quantity)
        leaf = Items(spec.event, path="lines:" + spec.items, window_us=spec.window_us, extra=names)
        return (Place(leaf, spec.window_us),)
    if depends_on(spec):
        return ()
    return ()


def _wanted(spec: Any) -> list[_Wanted]:
    if not isinstance(spec, Aggregate):
        return []
    one = _Wanted(spec.measure, spec.event, spec.where, spec.property, spec.window_us, spec.n)
    if spec.measure != "share":
        return [one]
    return [one, _Wanted("share", spec.event, (*spec.where, *spec.part), None, spec.window_us, spec.n)]


class _Shared:
    """The memories of all aggregates."""

    def __init__(self, wanted: Sequence[_Wanted]) -> None:
        self._longest: dict[tuple[tuple[str, str], str | None], int] = {}
        self._most: dict[tuple[tuple[str, str], str | None], int] = {}
        self._beside: dict[tuple[str, str], str] = {}  # where counts are read: the values of the same events
        for one in wanted:
            if one.window_us is not None and one.path is not None and not read_path(one.path).many:
                self._beside[one.events] = min(one.path, self._beside.get(one.events, one.path))
        for one in wanted:
            spot = (one.events, self._path(one))
            if one.window_us is not None:
                self._longest[spot] = max(one.window_us, self._longest.get(spot, 0))
            elif one.measure in ("newest", "last"):
                self._most[spot] = max(one.n if one.measure == "newest" else 1, self._most.get(spot, 0))

    def place(self, one: _Wanted) -> Place:
        """Where one trait finds what it wants."""
        if one.window_us is None:
            return Place(self._ever(one))
        path = self._path(one)
        made = Times if path is None else Items
        return Place(made(one.event, one.where, path, self._longest[one.events, path]), one.window_us)

    def _path(self, one: _Wanted) -> str | None:
        return self._beside.get(one.events) if one.window_us is not None and one.path is None else one.path

    def _ever(self, one: _Wanted) -> Leaf:
        if one.measure in _COUNTED:
            return EverCount(one.event, one.where)
        if one.measure in _SUMMED:
            return EverSum(one.event, one.where, one.path)
        if one.measure in _LISTED:
            return EverValues(one.event, one.where, one.path)
        n = -1 if one.measure == "first" else self._most[one.events, one.path]
        return EverNewest(one.event, one.where, one.path, extra=(n,))
