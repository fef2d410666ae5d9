"""Which segments does an event concern, and how is each judged on one customer's memory?

A tree becomes a function that answers (does it hold, until when is that sure). `all` that is false stays false as
long as its longest-lasting false part, `all` that is true as long as its shortest-lasting true part; `any` the other
way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from homing.core.condition import Absent, All, Any_, Condition, Did, Not, Share, Trait
from homing.core.condition_values import Test, matcher
from homing.core.errors import InvalidInput
from homing.segments.compile import trait_names
from homing.segments.leaves import NEVER, Judge, Judgement, Leaf, Memory
from homing.segments.share import in_share, share_limit

TraitOf = Callable[[str, str], object]
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
    """Every running segment, indexed by what can change it."""

    trees: Mapping[str, Condition]
    evaluate: dict[str, Evaluate] = field(default_factory=dict)
    by_event: dict[str, tuple[Watched, ...]] = field(default_factory=dict)
    by_trait: dict[str, tuple[str, ...]] = field(default_factory=dict)
    leaves: dict[str, Leaf] = field(default_factory=dict)


def build(trees: Mapping[str, Condition], trait_of: TraitOf) -> Program:
    """The program of these segments; no tree may hold `in_segment` any more."""
    made = Program(trees)
    users: dict[str, set[str]] = {}
    traits: dict[str, set[str]] = {}
    for segment, tree in trees.items():
        leaves: dict[str, Leaf] = {}
        made.evaluate[segment] = _evaluator(tree, trait_of, leaves)
        for key, leaf in leaves.items():
            made.leaves[key] = leaf
            users.setdefault(key, set()).add(segment)
        for name in trait_names(tree):
            traits.setdefault(name, set()).add(segment)
    for key, leaf in made.leaves.items():
        watched = Watched(key, leaf, leaf.tests(), tuple(sorted(users[key])))
        made.by_event[leaf.event] = (*made.by_event.get(leaf.event, ()), watched)
    made.by_trait = {name: tuple(sorted(segments)) for name, segments in traits.items()}
    return made


def _evaluator(tree: Condition, trait_of: TraitOf, leaves: dict[str, Leaf]) -> Evaluate:
    if isinstance(tree, All | Any_):
        parts = tuple(_evaluator(child, trait_of, leaves) for child in tree.of)
        return _joined(parts, decides=isinstance(tree, Any_))
    if isinstance(tree, Not):
        return _negated(_evaluator(tree.of, trait_of, leaves))
    if isinstance(tree, Did | Absent):
        judge = Judge(tree)
        leaves[judge.key] = judge.leaf
        return lambda _customer, memories, now_us: judge(memories, now_us)
    if isinstance(tree, Trait):
        name, test = tree.name, matcher(tree.op, tree.value)
        return lambda customer, _memories, _now_us: (test(trait_of(customer, name)), NEVER)
    if isinstance(tree, Share):
        salt, limit = tree.salt, share_limit(tree.percent)
        return lambda customer, _memories, _now_us: (in_share(salt, customer, limit), NEVER)
    raise InvalidInput(f"segment {tree.segment!r} is not written out, wanted a tree without in_segment")


def _negated(part: Evaluate) -> Evaluate:
    def evaluate(customer: str, memories: dict[str, Memory], now_us: int) -> Judgement:
        ok, until = part(customer, memories, now_us)
        return not ok, until

    return evaluate


def _joined(parts: Iterable[Evaluate], *, decides: bool) -> Evaluate:
    parts = tuple(parts)

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
