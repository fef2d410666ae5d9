"""Who is meant? One typed tree for segments, branches and the console's builder; it runs on the stream and in SQL.

A window `within: 30d` at the instant t holds what happened after t - 30 d and not after t: (t - 30 d, t]. A day is
exactly 24 hours. `during: this_week` is a window of the customer's own calendar, see `calendar`. Comparisons are
defined in `condition_values`. A `did` with count or sum over nothing is 0; with first or last over nothing it is false
whatever the operator. Among events of one instant the log's order decides. A customer's zone and place are those of
her traits as they are now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import yaml
from pydantic import Field, TypeAdapter, ValidationError

from homing.core.condition_parts import (
    LISTS,
    MAX_COUNT,
    NO_VALUE,
    ORDERED,
    ZONE_TRAIT,
    Absent,
    Circle,
    Clock,
    Did,
    InSegment,
    Leaf,
    Near,
    Node,
    Place,
    Sequence,
    Share,
    Step,
    Tag,
    Top,
    Trait,
    Where,
    check_pair,
)
from homing.core.errors import InvalidInput

__all__ = [
    "LISTS", "MAX_COUNT", "MAX_DEPTH", "MAX_INLINED", "MAX_NODES", "NO_VALUE", "ORDERED", "ZONE_TRAIT", "Absent",
    "All", "Any_", "Circle", "Clock", "Condition", "Did", "InSegment", "Leaf", "Near", "Node", "Not", "Place",
    "Sequence", "Share", "Step", "Tag", "Top", "Trait", "Where", "check_pair", "children", "dump", "events_read",
    "fingerprint", "inline", "parse", "parse_text", "plain", "reads_zone", "traits_read", "walk",
]  # fmt: skip

MAX_DEPTH = 12
MAX_NODES = 200
MAX_INLINED = 2_000  # nodes of a tree with every segment it names written out


class All(Node):
    """Every one of these holds."""

    type: Literal["all"] = "all"
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=50)]


class Any_(Node):  # noqa: N801 - `Any` is typing's
    """At least one of these holds."""

    type: Literal["any"] = "any"
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=50)]


class Not(Node):
    """This does not hold."""

    type: Literal["not"] = "not"
    of: Condition


Condition: TypeAlias = Annotated[
    All | Any_ | Not | Trait | Tag | Place | Near | Did | Absent | Sequence | Top | InSegment | Share,
    Field(discriminator="type"),
]
for _model in (All, Any_, Not):
    _model.model_rebuild()
_adapter: TypeAdapter[Condition] = TypeAdapter(Condition)


def parse(document: object, *, field: str = "condition") -> Condition:
    """The tree of a JSON or YAML document.

    Raises:
        InvalidInput: it is no tree, too deep or too large; `field` names the path to what is wrong.

    Example:
        >>> parse({"type": "absent", "event": "Order Completed", "within": "60d"}).within
        '60d'
    """
    _measure(document, field)
    try:
        return _adapter.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join([field, *_said(first["loc"])])
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{path}: {message}", field=path) from error


def parse_text(text: str, *, field: str = "condition") -> Condition:
    """The tree of a JSON or YAML text.

    Raises:
        InvalidInput: the text is neither, or no tree.
    """
    try:
        return parse(yaml.safe_load(text), field=field)
    except yaml.YAMLError as error:
        raise InvalidInput(f"{field} is neither JSON nor YAML", field=field) from error


def dump(tree: Condition) -> dict[str, Any]:
    """The tree as a JSON document; `parse` gives the same tree back."""
    return tree.model_dump(mode="json", exclude_none=True)


MAX_PRINTS = 20_000  # trees whose fingerprint is remembered
_prints: dict[int, tuple[Condition, bytes]] = {}  # by identity; the tree is held, so that no other can have its id


def fingerprint(tree: Condition) -> bytes:
    """The same bytes for the same tree only; `==` takes 1, 1.0 and true for one another, this does not."""
    known = _prints.get(id(tree))
    if known is None:
        if len(_prints) >= MAX_PRINTS:
            _prints.clear()
        known = _prints[id(tree)] = (tree, msgspec.json.encode(dump(tree), order="sorted"))
    return known[1]


def children(tree: Condition) -> tuple[Condition, ...]:
    """The trees right below this one."""
    if isinstance(tree, All | Any_):
        return tree.of
    return (tree.of,) if isinstance(tree, Not) else ()


def walk(tree: Condition) -> Iterator[Condition]:
    """Every part of the tree, from the top."""
    yield tree
    for child in children(tree):
        yield from walk(child)


def inline(tree: Condition, find: Callable[[str], Condition | None], *, path: tuple[str, ...] = ()) -> Condition:
    """The tree with every `in_segment` replaced by that segment's own tree, tags and places by their traits.

    Args:
        tree: the tree.
        find: a segment's tree by its id; None when there is no such segment.
        path: ids of the segments being written out, outermost first.

    Raises:
        InvalidInput: an unknown segment, a segment that leads back to itself, or too large when written out.
    """
    done = _inline(tree, find, path)
    n = sum(1 for _ in walk(done))
    if n > MAX_INLINED:
        raise InvalidInput(f"{n} conditions with segments written out, wanted at most {MAX_INLINED}", field="condition")
    return done


def _inline(tree: Condition, find: Callable[[str], Condition | None], path: tuple[str, ...]) -> Condition:
    if isinstance(tree, InSegment):
        if tree.segment in path:
            raise InvalidInput(f"segment {' → '.join((*path, tree.segment))} leads back to itself", field="condition")
        found = find(tree.segment)
        if found is None:
            raise InvalidInput(f"segment {tree.segment!r} does not exist, wanted one that does", field="condition")
        return inline(found, find, path=(*path, tree.segment))
    if isinstance(tree, All | Any_):
        return tree.model_copy(update={"of": tuple(_inline(child, find, path) for child in tree.of)})
    if isinstance(tree, Not):
        return tree.model_copy(update={"of": _inline(tree.of, find, path)})
    return plain(tree)


def plain(tree: Condition) -> Condition:
    """A tag or a place as the trait it asks of; anything else as it is."""
    return tree.as_trait() if isinstance(tree, Tag | Place) else tree


def reads_zone(tree: Condition) -> bool:
    """Whether the customer's time zone has a say in the tree, segments it names left out."""
    return any(isinstance(part, Did | Absent | Sequence) and part.zoned for part in walk(tree))


_TAGS = frozenset(
    {"all", "any", "not", "trait", "tag", "place", "near", "did", "absent", "sequence", "top", "in_segment", "share"}
)


def _said(location: tuple[int | str, ...]) -> Iterator[str]:
    """Where it is, as the author wrote it: pydantic also names the type it chose for each node."""
    before: int | str = "of"
    for part in location:
        if not (part in _TAGS and (before == "of" or isinstance(before, int))):
            yield str(part)
        before = part


def traits_read(node: Condition) -> tuple[str, ...]:
    """The traits one part of a tree looks at."""
    node = plain(node)
    if isinstance(node, Trait):
        return (node.name,)
    if isinstance(node, Near):
        return tuple(dict.fromkeys((node.lat_trait, node.lng_trait)))
    if isinstance(node, Top):
        return (node.trait,)
    return (ZONE_TRAIT,) if isinstance(node, Did | Absent | Sequence) and node.zoned else ()


def events_read(node: Condition) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The events one part of a tree looks at, each with the properties it looks at."""
    steps = node.steps if isinstance(node, Sequence) else (node,) if isinstance(node, Did | Absent) else ()
    for step in steps:
        names = [w.property for w in step.where]
        if step.near is not None:
            names += [step.near.lat_property, step.near.lng_property]
        if isinstance(step, Did) and step.property:
            names.append(step.property)
        yield step.event, tuple(dict.fromkeys(names))


def _measure(document: object, field: str) -> None:
    n, level = 0, [document]
    for depth in range(MAX_DEPTH + 1):
        n += len(level)
        if n > MAX_NODES:
            raise InvalidInput(f"a tree of more than {MAX_NODES} conditions, wanted fewer", field=field)
        below: list[object] = []
        for node in level:
            of = node.get("of") if isinstance(node, dict) else None
            below += of if isinstance(of, list | tuple) else [] if of is None else [of]
        if not below:
            return
        level = below
        if depth == MAX_DEPTH - 1:
            raise InvalidInput(f"a tree deeper than {MAX_DEPTH}, wanted a flatter one", field=field)
