"""Which segments does an event concern, and how is each judged on one customer's memory?

A tree becomes a function that answers (does it hold, until when is that sure). `all` that is false stays false as
long as its longest-lasting false part, `all` that is true as long as its shortest-lasting true part; `any` the other
way round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from homing.core.condition import Absent, All, Any_, Condition, Did, Not, Share, Trait, fingerprint
from homing.core.condition_values import Test, matcher
from homing.segments.compile import trait_names
from homing.segments.leaves import NEVER, Judge, Judgement, Leaf, Memory
from homing.segments.share import in_share, share_limit

TraitOf = Callable[[str, str], object]
MemberOf = Callable[[str, str], bool]  # customer, segment
Evaluate = Callable[[str, dict[str, Memory], int], Judgement]  # customer, memories, now


@dataclass(frozen=True, slots=True)
class Watched:
    """A leaf as the stream looks at it: what an event must pass, and which segments it may change."""

    key: str
    leaf: Leaf
    tests: tuple[tuple[str, Test], ...]
    segments: tuple[str, ...]


@dataclass(slots=True)
class Program:
    """Every running segment, indexed by what can change it, and what others ask about now and then."""

    trees: Mapping[str, Condition]
    asked: Mapping[str, tuple[Condition, ...]]
    evaluate: dict[str, Evaluate] = field(default_factory=dict)
    answers: dict[bytes, Evaluate] = field(default_factory=dict)  # of what is only asked, by fingerprint
    by_event: dict[str, tuple[Watched, ...]] = field(default_factory=dict)
    by_trait: dict[str, tuple[str, ...]] = field(default_factory=dict)
    leaves: dict[str, Leaf] = field(default_factory=dict)


def build(
    trees: Mapping[str, Condition], asked: Mapping[str, tuple[Condition, ...]], trait_of: TraitOf, member_of: MemberOf
) -> Program:
    """The program of these segments, whose trees hold no `in_segment` any more, and of these questions by asker."""
    made = Program(trees, asked)
    evaluator = _Evaluators(trait_of, member_of)
    users: dict[str, set[str]] = {}
    traits: dict[str, set[str]] = {}
    for segment, tree in sorted(trees.items()):  # one order, so that a restart leaves the same bytes
        made.evaluate[segment] = evaluator.of(tree)
        for key, leaf in evaluator.taken().items():
            made.leaves[key] = leaf
            users.setdefault(key, set()).add(segment)
        for name in trait_names(tree):
            traits.setdefault(name, set()).add(segment)
    for tree in (tree for trees_ in asked.values() for tree in trees_):
        made.answers[fingerprint(tree)] = evaluator.of(tree)
    made.leaves = dict(sorted((made.leaves | evaluator.taken()).items()))
    for key, leaf in made.leaves.items():
        watched = Watched(key, leaf, leaf.tests(), tuple(sorted(users.get(key, ()))))
        made.by_event[leaf.event] = (*made.by_event.get(leaf.event, ()), watched)
    made.by_trait = {name: tuple(sorted(segments)) for name, segments in traits.items()}
    return made


class _Evaluators:
    """Makes functions of trees and notes the leaves they need."""

    def __init__(self, trait_of: TraitOf, member_of: MemberOf) -> None:
        self._trait_of = trait_of
        self._member_of = member_of
        self._leaves: dict[str, Leaf] = {}

    def taken(self) -> dict[str, Leaf]:
        """The leaves noted since this was last asked, by key."""
        leaves, self._leaves = self._leaves, {}
        return leaves

    def of(self, tree: Condition) -> Evaluate:
        """The function of one tree."""
        if isinstance(tree, All | Any_):
            return _joined(tuple(self.of(child) for child in tree.of), decides=isinstance(tree, Any_))
        if isinstance(tree, Not):
            return _negated(self.of(tree.of))
        if isinstance(tree, Did | Absent):
            judge = Judge(tree)
            self._leaves[judge.key] = judge.leaf
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
