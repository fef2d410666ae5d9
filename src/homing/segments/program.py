"""Which predicates do the running segments rest on, which event can change which, and what follows for each segment?

Every distinct predicate is a *bit*: a `did`, an `absent`, a trait or a share. A customer has a mask of the bits that
hold; a segment is a function of the mask alone. So an event judges only the bits it can change, and a segment is looked
at only when one of its bits changed. What journeys ask now and then is judged from memory, bit or no bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from homing.core.condition import Absent, All, Any_, Condition, Did, Not, Share, Trait, children, fingerprint, walk
from homing.core.condition_values import Test, matcher
from homing.segments.judges import Judge, judges_of
from homing.segments.leaves import NEVER, Judgement, Leaf, Memory
from homing.segments.share import in_share, share_limit

TraitOf = Callable[[str, str], object]
MemberOf = Callable[[str, str], bool]  # customer, segment
Evaluate = Callable[[str, dict[str, Memory], int], Judgement]  # customer, memories, now
Rule = Callable[[int], bool]  # of a mask


@dataclass(frozen=True, slots=True)
class Bit:
    """One predicate: its place in the mask, and how it is judged."""

    place: int
    flag: int  # 1 << place
    evaluate: Evaluate
    judge: Judge | None  # of a `did` or an `absent`
    settled: bool | None  # the answer that more of the same cannot change
    least: int  # see `Judge`
    window_us: int
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """A leaf as the stream looks at it: what an event must pass, and which bits it may change."""

    key: str
    leaf: Leaf
    tests: tuple[tuple[str, Test], ...]
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


def build(
    trees: Mapping[str, Condition], asked: Mapping[str, tuple[Condition, ...]], trait_of: TraitOf, member_of: MemberOf
) -> Program:
    """The program of these segments, whose trees hold no `in_segment` any more, and of these questions by asker."""
    made = Program(trees, asked)
    questions = [tree for of in asked.values() for tree in of]
    predicates, users = _predicates(trees)
    judges = judges_of(_measured([*trees.values(), *questions]))
    evaluator = _Evaluators(judges, trait_of, member_of)
    for place, key in enumerate(sorted(predicates)):  # one order, so that a restart leaves the same bytes
        tree = predicates[key]
        judge = judges.get(key)
        made.bits[key] = bit = Bit(
            place, 1 << place, evaluator.of(tree), judge, judge.settled if judge else None,
            judge.least if judge else 0,
            (judge.window_us or 0) if judge else 0, tuple(sorted(users[key])),
        )  # fmt: skip
        if isinstance(tree, Trait):
            made.by_trait[tree.name] = (*made.by_trait.get(tree.name, ()), bit)
    made.by_place = tuple(made.bits.values())
    made.rules = {name: _rule(tree, made.bits) for name, tree in sorted(trees.items())}
    for tree in questions:
        made.answers[fingerprint(tree)] = evaluator.of(tree)
    made.leaves = dict(sorted({judge.key: judge.leaf for judge in judges.values()}.items()))
    for name, leaf in made.leaves.items():
        bits = tuple(bit for bit in made.by_place if bit.judge is not None and bit.judge.key == name)
        made.by_event[leaf.event] = (*made.by_event.get(leaf.event, ()), Watched(name, leaf, leaf.tests(), bits))
    return made


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


def _measured(trees: Iterable[Condition]) -> dict[bytes, Did | Absent]:
    """Every part that is judged by what a customer did, by fingerprint."""
    return {fingerprint(p): p for tree in trees for p in walk(tree) if isinstance(p, Did | Absent)}


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

    def __init__(self, judges: Mapping[bytes, Judge], trait_of: TraitOf, member_of: MemberOf) -> None:
        self._judges = judges
        self._trait_of = trait_of
        self._member_of = member_of

    def of(self, tree: Condition) -> Evaluate:
        """The function of one tree."""
        if isinstance(tree, All | Any_):
            return _joined(tuple(self.of(child) for child in tree.of), decides=isinstance(tree, Any_))
        if isinstance(tree, Not):
            return _negated(self.of(tree.of))
        if isinstance(tree, Did | Absent):
            judge = self._judges[fingerprint(tree)]
            return lambda _customer, memories, now_us: judge(memories, now_us)
        if isinstance(tree, Trait):
            name, test, trait_of = tree.name, matcher(tree.op, tree.value), self._trait_of
            return lambda customer, _memories, _now_us: (test(trait_of(customer, name)), NEVER)
        if isinstance(tree, Share):
            salt, limit = tree.salt, share_limit(tree.percent)
            return lambda customer, _memories, _now_us: (in_share(salt, customer, limit), NEVER)
        segment, member_of = tree.segment, self._member_of
        return lambda customer, _memories, _now_us: (member_of(customer, segment), NEVER)


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
