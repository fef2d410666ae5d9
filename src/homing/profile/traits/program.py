"""Which memories do the live traits rest on, which event can change which trait, and how is a value read?

Traits that look at the same events with the same filter share one memory: counts and sums over any windows are read
from the times and values that the longest of them needs. An event is met by name; only the memories it belongs to are
touched, and values are computed when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from homing.core.condition_values import Test, matcher
from homing.core.errors import InvalidInput
from homing.core.event import Event
from homing.core.time import iso
from homing.profile.traits import formula
from homing.profile.traits.definition import Formula, Said, Score, Trait, depends_on, type_of_spec
from homing.profile.traits.expression import Type, parse
from homing.profile.traits.leanings import Leaning
from homing.profile.traits.leaves import Place, places_of
from homing.profile.traits.memories import NEVER, Leaf, Memory
from homing.profile.traits.paths import getter, read_path, scalar
from homing.profile.traits.readers import Detail, detail_of, lines_getter, reader_of
from homing.profile.traits.said import Words

Memories = dict[str, Memory]
Read = Callable[[Memories, int], Any]
Add = Callable[[Memory | None, int, int, Any, int], Memory | None]
Get = Callable[[Event], Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A live trait: how it is read, and what can change it."""

    trait: Trait
    version: int
    type: Type
    read: Read
    detail: Callable[[Memories, int], Detail]
    places: tuple[Place, ...]  # the memories it rests on, those of the traits it reads included
    clocks: tuple[formula.Evaluate, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether its value can change without an event."""
        return bool(self.clocks) or any(place.window_us is not None for place in self.places)


@dataclass(frozen=True, slots=True)
class Feed:
    """Events of one name that pass one filter: what they are added to, and which traits that changes."""

    tests: tuple[tuple[str, Test], ...]
    adds: tuple[tuple[Get | None, tuple[tuple[str, Add], ...]], ...]
    traits: frozenset[str]
    leaves: tuple[str, ...]


@dataclass(slots=True)
class Program:
    """Every live trait, indexed by what can change it."""

    entries: dict[str, Entry] = field(default_factory=dict)
    leaves: dict[str, Leaf] = field(default_factory=dict)
    by_event: dict[str, tuple[Feed, ...]] = field(default_factory=dict)
    by_word: dict[str, tuple[Feed, ...]] = field(default_factory=dict)  # what identify events say, by trait said
    failed: dict[str, str] = field(default_factory=dict)  # traits that cannot be read, and why

    def value(self, name: str, memories: Memories, now_us: int) -> Any:
        """A trait's value as it is shown; None when there is none."""
        entry = self.entries.get(name)
        return None if entry is None else shown(entry.read(memories, now_us), entry.type)

    def changes_at(self, names: Iterable[str], memories: Memories, now_us: int) -> int:
        """The next instant at which any of these can change without an event; NEVER when none can."""
        return min([self._next(self.entries[n], memories, now_us) for n in names if n in self.entries], default=NEVER)

    def _next(self, entry: Entry, memories: Memories, now_us: int) -> int:
        due = NEVER
        for place in entry.places:
            if place.window_us is not None and (memory := memories.get(place.leaf.key)) is not None:
                due = min(due, place.leaf.leaves_us(memory, place.window_us, now_us))
        if entry.clocks:
            values = self._values(memories, now_us)
            for clock in entry.clocks:
                since = clock(values, now_us)
                if since is not None:
                    due = min(due, formula.next_day(since, now_us))
        return due

    def _values(self, memories: Memories, now_us: int) -> formula.Values:
        return partial(_typed, self.entries, memories, now_us)


def shown(value: Any, kind: Type) -> Any:
    """A typed value as JSON: whole numbers whole, instants as text."""
    if kind == "number":
        return scalar(value)
    return iso(value) if kind == "time" and value is not None else value


def build(traits: Sequence[tuple[Trait, int]], zone: ZoneInfo) -> Program:
    """The program of these traits, each with its version; one that reads what is not there is set aside in `failed`."""
    made = Program()
    known = {trait.id: (trait, version) for trait, version in traits}
    places = places_of([trait for trait, _ in traits])
    for name in in_order({name: depends_on(trait.of) for name, (trait, _) in known.items()}):
        trait, version = known[name]
        try:
            made.entries[name] = _entry(trait, version, places[name], made)
        except InvalidInput as error:
            made.failed[name] = error.message
    _index(made, zone)
    return made


def in_order(needs: Mapping[str, frozenset[str]]) -> list[str]:
    """Names after those they need; what leads back to itself comes last, in the order of names."""
    out: list[str] = []
    waiting = sorted(needs)
    while waiting:
        ready = [name for name in waiting if not needs[name] & set(waiting)]
        out += ready or waiting
        waiting = [name for name in waiting if name not in ready] if ready else []
    return out


def check(traits: Sequence[Trait], name: str) -> Type:
    """The type of one of these traits.

    Raises:
        InvalidInput: it reads what is not there, or leads back to itself, or its formula does not fit its parts.
    """
    made = build([(trait, 0) for trait in traits], ZoneInfo("UTC"))
    if name in made.failed:
        raise InvalidInput(made.failed[name], field="of")
    return made.entries[name].type


def _entry(trait: Trait, version: int, places: tuple[Place, ...], made: Program) -> Entry:
    spec = trait.of
    missing = sorted(depends_on(spec) - made.entries.keys())
    if missing:
        raise InvalidInput(
            f"reads {', '.join(missing)}, wanted traits that are defined and do not lead back", field="of"
        )
    if not isinstance(spec, Formula):
        return Entry(trait, version, type_of_spec(spec), reader_of(spec, places), detail_of(spec, places), places)
    tree = parse(spec.formula)
    kind = formula.type_of(tree, {name: entry.type for name, entry in made.entries.items()})
    evaluate = formula.function(tree)
    needed = {n: made.entries[n] for n in sorted(depends_on(spec))}

    def read(memories: Memories, now_us: int) -> Any:
        return formula.finite(evaluate(partial(_typed, needed, memories, now_us), now_us))

    below = tuple(dict.fromkeys(place for entry in needed.values() for place in entry.places))
    clocks = (*formula.clocks(tree), *(clock for entry in needed.values() for clock in entry.clocks))
    return Entry(trait, version, kind, read, lambda _memories, _now: Detail(), below, clocks)


def _typed(entries: Mapping[str, Entry], memories: Memories, now_us: int, name: str) -> Any:
    entry = entries[name]
    value = entry.read(memories, now_us)
    return float(value) if entry.type == "number" and value is not None else value


def _index(made: Program, zone: ZoneInfo) -> None:
    """By which event is which memory touched?"""
    touches: dict[str, set[str]] = {}
    for name, entry in made.entries.items():
        for place in entry.places:
            touches.setdefault(place.leaf.key, set()).add(name)
            made.leaves[place.leaf.key] = place.leaf
    made.leaves = dict(sorted(made.leaves.items()))
    events: dict[tuple[str, str], list[tuple[Leaf, str | None, Get | None, Add]]] = {}
    tests: dict[tuple[str, str], tuple[tuple[str, Test], ...]] = {}
    words: dict[str, list[Leaf]] = {}
    for leaf in made.leaves.values():
        if isinstance(leaf, Words):
            words.setdefault(str(leaf.extra[1]), []).append(leaf)
            continue
        for event, where, path, get, add in _met(leaf, zone):
            spot = (event, "".join(w.model_dump_json() for w in where))
            tests[spot] = tuple((w.property, matcher(w.op, w.value)) for w in where)
            events.setdefault(spot, []).append((leaf, path, get, add))
    for spot in sorted(events):
        feed = _feed(tests[spot], events[spot], touches)
        made.by_event[spot[0]] = (*made.by_event.get(spot[0], ()), feed)
    for name, leaves in sorted(words.items()):
        made.by_word[name] = tuple(
            Feed((), ((None, ((leaf.key, leaf.add),)),), frozenset(touches[leaf.key]), (leaf.key,)) for leaf in leaves
        )


def _met(leaf: Leaf, zone: ZoneInfo) -> list[tuple[str, tuple[Any, ...], str | None, Get | None, Add]]:
    """The events that touch a leaf: name, filter, path, what takes the value out, what adds it."""
    if isinstance(leaf, Leaning):
        return [
            (s.event, s.where, s.key, getter(read_path(s.key), zone), _speaker(leaf, s.weight)) for s in leaf.extra[1]
        ]
    if leaf.extra and leaf.extra[0] == "lines":
        return [(leaf.event, leaf.where, leaf.path, lines_getter(*leaf.extra[1:]), leaf.add)]
    get = None if leaf.path is None else getter(read_path(leaf.path), zone)
    return [(leaf.event, leaf.where, leaf.path, get, leaf.add)]


def _speaker(leaf: Leaning, weight: int) -> Add:
    speak = leaf.speak
    return lambda memory, at_us, _offset, keys, _now: speak(weight, memory, at_us, keys)


def _feed(
    tests: tuple[tuple[str, Test], ...], met: list[tuple[Leaf, str | None, Get | None, Add]],
    touches: Mapping[str, set[str]],
) -> Feed:  # fmt: skip
    by_path: dict[tuple[str | None, Any], tuple[Get | None, list[tuple[str, Add]]]] = {}
    for leaf, path, get, add in met:
        by_path.setdefault((path, leaf.extra[1:] if path and path.startswith("lines:") else None), (get, []))[1].append(
            (leaf.key, add)
        )
    traits = frozenset().union(*(touches[leaf.key] for leaf, *_ in met))
    adds = tuple((get, tuple(rest)) for get, rest in by_path.values())
    return Feed(tests, adds, traits, tuple(dict.fromkeys(leaf.key for leaf, *_ in met)))


def word_of(entry: Entry, memories: Memories) -> Memory | None:
    """Of a trait that is said: the word that counts, [time, offset, value, source, version]."""
    spec = entry.trait.of
    if not isinstance(spec, Said | Score) and spec.type != "percentile":
        return None
    leaf = entry.places[0].leaf
    trusted = spec.sources if isinstance(spec, Said) else ()
    return leaf.word(memories.get(leaf.key), trusted) if isinstance(leaf, Words) else None
