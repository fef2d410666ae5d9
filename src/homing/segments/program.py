"""Which predicates do the running segments rest on, which event can change which, and what follows for each segment?

Every distinct predicate is a *bit*: a `did`, an `absent`, a sequence, a trait, a place, a share. A customer has a mask
of the bits that hold; a segment is a function of the mask alone. So an event judges only the bits it can change, and a
segment is looked at only when one of its bits changed. What journeys ask now and then is judged from memory, bit or no
bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homing.core.calendar import Zones
from homing.core.condition import (
    ZONE_TRAIT,
    Absent,
    All,
    Any_,
    Condition,
    Did,
    InSegment,
    Near,
    Not,
    Sequence,
    Share,
    Top,
    Trait,
    children,
    fingerprint,
    plain,
    traits_read,
    walk,
)
from homing.core.condition_values import matcher
from homing.core.event import Stored
from homing.core.geo import Disc
from homing.segments.judges import AnyJudge, Follows, Judge, Measured, Zoned, judges_of
from homing.segments.kept import Path
from homing.segments.leaves import NEVER, Judgement, Leaf, Memory
from homing.segments.person import Person
from homing.segments.share import in_share, share_limit

TraitOf = Callable[[str, str], object]
MemberOf = Callable[[str, str], bool]  # customer, segment
Stands = Callable[[bytes, str], bool]  # fingerprint of a `top`, customer
Evaluate = Callable[[str, dict[str, Memory], int], Judgement]  # customer, memories, now
Rule = Callable[[int], bool]  # of a mask
OUT = object()  # an event that does not count


@dataclass(frozen=True, slots=True)
class Bit:
    """One predicate: its place in the mask, and how it is judged."""

    place: int
    flag: int  # 1 << place
    evaluate: Evaluate
    judge: Judge | Follows | None  # of what is judged by memory and the instant alone
    settled: bool | None  # the answer that more of the same cannot change
    least: int  # see `Judge`
    window_us: int
    segments: tuple[str, ...]
    key: str  # of the memory it is judged by; "" for none


@dataclass(frozen=True, slots=True)
class Watched:
    """A leaf as the stream looks at it: what an event must pass, and which bits it may change."""

    key: str
    leaf: Leaf
    read: Callable[[Mapping[str, Any]], Any] | None  # what is measured of an event's properties, or `OUT`
    bits: tuple[Bit, ...]


@dataclass(slots=True)
class Program:
    """Every running segment, indexed by what can change it, and what others ask about now and then."""

    trees: Mapping[str, Condition]
    asked: Mapping[str, tuple[Condition, ...]]
    bits: dict[bytes, Bit] = field(default_factory=dict)  # by the predicate's fingerprint, in the order of places
    rules: dict[str, Rule] = field(default_factory=dict)
    answers: dict[bytes, Evaluate] = field(default_factory=dict)  # of what is only asked, by fingerprint
    by_event: dict[str, tuple[Watched, ...]] = field(default_factory=dict)
    by_trait: dict[str, tuple[Bit, ...]] = field(default_factory=dict)
    by_place: tuple[Bit, ...] = ()
    leaves: dict[str, Leaf] = field(default_factory=dict)
    tops: dict[bytes, Top] = field(default_factory=dict)  # by fingerprint, asked ones too
    top_bits: dict[bytes, Bit] = field(default_factory=dict)

    @property
    def idle(self) -> bool:
        """Whether nothing is judged and nothing remembered."""
        return not (self.by_place or self.leaves or self.tops)

    def remember(self, person: Person, stored: Stored, now_us: int) -> list[Bit] | None:
        """Put an event into memory; return the predicates it may have changed, None when it concerns no leaf.

        A count in a window is judged on the spot: with `least` times it has its settled answer until the oldest of so
        many newest leaves. Another predicate that more of the same cannot change is left as it is: until when it is
        sure can only move on.
        """
        event, memories, mask, until = stored.event, person.memories, person.mask, person.until
        properties = event.properties
        found: list[Bit] | None = None
        for watched in self.by_event.get(event.name, ()):
            value = None if watched.read is None else watched.read(properties)
            if value is OUT:
                continue
            leaf, key = watched.leaf, watched.key
            memory = leaf.add(memories.get(key), [event.happened_us, stored.offset, value], now_us)
            if memory is None:
                continue
            memories[key] = memory
            if found is None:
                found = []
            settles = leaf.settles(memory)
            for bit in watched.bits:
                least = bit.least
                if least:
                    if len(memory) >= least and (sure := memory[-least] + bit.window_us) > now_us:
                        if bit.settled == (mask & bit.flag != 0):
                            until[bit.place] = sure
                        else:
                            found.append(bit)
                elif not settles or bit.settled is None or bit.settled != (mask & bit.flag != 0):
                    found.append(bit)
        return found


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the answers come from that are not in a customer's memory."""

    trait_of: TraitOf
    member_of: MemberOf
    stands: Stands
    zone: str = "UTC"  # of customers who name none

    def zone_of(self, customer: str) -> str:
        """The zone a customer is in now."""
        return Zones(self.zone).of(self.trait_of(customer, ZONE_TRAIT))


def build(trees: Mapping[str, Condition], asked: Mapping[str, tuple[Condition, ...]], sources: Sources) -> Program:
    """The program of these segments, whose trees hold no `in_segment` any more, and of these questions by asker."""
    made = Program(trees, asked)
    questions = [tree for of in asked.values() for tree in of]
    predicates, users = _predicates(trees)
    judges = judges_of(_measured([*trees.values(), *questions]))
    evaluator = _Evaluators(judges, sources)
    for place, key in enumerate(sorted(predicates)):  # one order, so that a restart leaves the same bytes
        tree, judge = predicates[key], judges.get(key)
        made.bits[key] = bit = _bit(place, evaluator.of(tree), judge, tuple(sorted(users[key])))
        for name in () if isinstance(tree, Top) else traits_read(tree):  # who is among the first is ranked apart
            made.by_trait[name] = (*made.by_trait.get(name, ()), bit)
        if isinstance(tree, Top):
            made.top_bits[key] = bit
    made.by_place = tuple(made.bits.values())
    made.rules = {name: _rule(tree, made.bits) for name, tree in sorted(trees.items())}
    for tree in questions:
        made.answers[fingerprint(tree)] = evaluator.of(tree)
    made.tops = {fingerprint(p): p for tree in (*trees.values(), *questions) for p in walk(tree) if isinstance(p, Top)}
    made.leaves = dict(sorted({judge.key: judge.leaf for judge in judges.values()}.items()))
    for name, leaf in made.leaves.items():
        bits = tuple(bit for bit in made.by_place if bit.key == name)
        for event in leaf.names():
            watched = Watched(name, leaf, _reading(leaf, event), bits)
            made.by_event[event] = (*made.by_event.get(event, ()), watched)
    return made


def _reading(leaf: Leaf, event: str) -> Callable[[Mapping[str, Any]], Any] | None:
    """How an event of that name is read for a leaf; None: it counts as it is."""
    if isinstance(leaf, Path):
        fits = leaf.fits(event)
        return lambda properties: fits(properties) or OUT
    passes, of = leaf.passes(), leaf.of
    if passes is None:
        return None if of is None else lambda properties: properties.get(of)
    if of is None:
        return lambda properties: None if passes(properties) else OUT
    return lambda properties: properties.get(of) if passes(properties) else OUT


def _bit(place: int, evaluate: Evaluate, judge: AnyJudge | None, segments: tuple[str, ...]) -> Bit:
    if judge is None:
        return Bit(place, 1 << place, evaluate, None, None, 0, 0, segments, "")
    alone = None if isinstance(judge, Zoned) else judge
    return Bit(
        place, 1 << place, evaluate, alone, judge.settled, judge.least, judge.window_us or 0, segments, judge.key
    )


def _predicates(trees: Mapping[str, Condition]) -> tuple[dict[bytes, Condition], dict[bytes, set[str]]]:
    """Every distinct predicate, and the segments that rest on it, both by fingerprint."""
    found: dict[bytes, Condition] = {}
    users: dict[bytes, set[str]] = {}
    for name, tree in trees.items():
        for part in walk(tree):
            if not children(part):
                key = fingerprint(part)
                found[key] = part
                users.setdefault(key, set()).add(name)
    return found, users


def _measured(trees: Iterable[Condition]) -> dict[bytes, Measured]:
    """Every part that is judged by what a customer did, by fingerprint."""
    return {fingerprint(p): p for tree in trees for p in walk(tree) if isinstance(p, Did | Absent | Sequence)}


def _rule(tree: Condition, bits: Mapping[bytes, Bit]) -> Rule:
    """A tree as a function of the mask; parts that are predicates are looked at all at once."""
    if isinstance(tree, Not):
        of = _rule(tree.of, bits)
        return lambda mask: not of(mask)
    if not isinstance(tree, All | Any_):
        flag = bits[fingerprint(tree)].flag
        return lambda mask: mask & flag != 0
    plain, negated, rest = 0, 0, []
    for part in tree.of:
        inner = part.of if isinstance(part, Not) else part
        if isinstance(inner, All | Any_ | Not):
            rest.append(_rule(part, bits))
        elif inner is part:
            plain |= bits[fingerprint(part)].flag
        else:
            negated |= bits[fingerprint(inner)].flag
    rules = tuple(rest)
    if isinstance(tree, All):
        if not rules:
            both = plain | negated  # a predicate that is wanted and not wanted at once is in both, and never fits
            wanted = plain if not plain & negated else -1
            return lambda mask: mask & both == wanted
        return lambda mask: mask & plain == plain and not mask & negated and all(rule(mask) for rule in rules)
    return lambda mask: mask & plain != 0 or mask & negated != negated or any(rule(mask) for rule in rules)


class _Evaluators:
    """Makes functions of trees that are judged from memory."""

    def __init__(self, judges: Mapping[bytes, AnyJudge], sources: Sources) -> None:
        self._judges = judges
        self._from = sources

    def of(self, tree: Condition) -> Evaluate:
        """The function of one tree."""
        tree = plain(tree)
        if isinstance(tree, All | Any_):
            return _joined(tuple(self.of(child) for child in tree.of), decides=isinstance(tree, Any_))
        if isinstance(tree, Not):
            return _negated(self.of(tree.of))
        if isinstance(tree, Did | Absent | Sequence):
            return self._by_memory(self._judges[fingerprint(tree)])
        holds = self._standing(tree)
        return lambda customer, _memories, _now_us: (holds(customer), NEVER)

    def _by_memory(self, judge: AnyJudge) -> Evaluate:
        if isinstance(judge, Zoned):
            zone_of = self._from.zone_of
            return lambda customer, memories, now_us: judge(memories, now_us, zone_of(customer))
        return lambda _customer, memories, now_us: judge(memories, now_us)

    def _standing(self, tree: Condition) -> Callable[[str], bool]:
        """What is judged by who the customer is."""
        trait_of = self._from.trait_of
        if isinstance(tree, Trait):
            name, test = tree.name, matcher(tree.op, tree.value)
            return lambda customer: test(trait_of(customer, name))
        if isinstance(tree, Near):
            inside, lat, lng = Disc(tree.lat, tree.lng, tree.km).holds(), tree.lat_trait, tree.lng_trait
            return lambda customer: inside(trait_of(customer, lat), trait_of(customer, lng))
        if isinstance(tree, Top):
            key, stands = fingerprint(tree), self._from.stands
            return lambda customer: stands(key, customer)
        if isinstance(tree, Share):
            salt, limit = tree.salt, share_limit(tree.percent)
            return lambda customer: in_share(salt, customer, limit)
        assert isinstance(tree, InSegment)  # noqa: S101 - every other kind was met above
        segment, member_of = tree.segment, self._from.member_of
        return lambda customer: member_of(customer, segment)


def _negated(part: Evaluate) -> Evaluate:
    def evaluate(customer: str, memories: dict[str, Memory], now_us: int) -> Judgement:
        ok, until = part(customer, memories, now_us)
        return not ok, until

    return evaluate


def _joined(parts: tuple[Evaluate, ...], *, decides: bool) -> Evaluate:
    def evaluate(customer: str, memories: dict[str, Memory], now_us: int) -> Judgement:
        shortest, longest = NEVER, -1
        for part in parts:
            ok, until = part(customer, memories, now_us)
            if ok == decides:
                if until == NEVER:
                    return decides, NEVER
                longest = max(longest, until)
            elif until < shortest:
                shortest = until
        return (decides, longest) if longest >= 0 else (not decides, shortest)

    return evaluate
