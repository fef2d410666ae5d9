"""What does a segment's document say? An id, a name in both languages, a condition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import Connection

from homing.core.condition import Condition, InSegment, fingerprint, inline, parse, walk
from homing.core.document import Name
from homing.storage import definitions

KIND = "segment"


class Segment(BaseModel):
    """The customers who satisfy a condition."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["segment"] = "segment"
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    name: Name
    condition: Annotated[Condition, BeforeValidator(parse)]


def written_out(conn: Connection, tree: Condition, *, segment: str | None = None) -> Condition:
    """The tree with every segment it names written out, each in its version in force, else its newest.

    Args:
        conn: reads the definitions.
        tree: the tree.
        segment: the id of the segment the tree belongs to, so that a circle is found.

    Raises:
        InvalidInput: it names a segment that does not exist, leads back to itself, or is too large written out.
    """
    if not any(isinstance(part, InSegment) for part in walk(tree)):
        return _alone(fingerprint(tree))
    live = {d.id: d.document for d in definitions.published(conn, KIND)}

    def find(name: str) -> Condition | None:
        if name in live:
            return tree_of(live[name])
        saved = definitions.find(conn, KIND, name)
        return tree_of(saved.document) if saved else None

    return inline(tree, find, path=(segment,) if segment else ())


def tree_of(document: Mapping[str, Any]) -> Condition:
    """The condition of a segment's document; the same document gives the same tree, read once."""
    return _read(msgspec.json.encode(document["condition"]))


@lru_cache(maxsize=4_096)
def _read(condition: bytes) -> Condition:
    return parse(msgspec.json.decode(condition))


@lru_cache(maxsize=4_096)
def _alone(condition: bytes) -> Condition:
    """Written out, of a tree that names no segment: nothing but the tree itself decides."""
    return inline(_read(condition), lambda _: None)


def used_by(conn: Connection, segment: str) -> list[str]:
    """The ids of the segments that name this one, directly."""
    found = []
    for known in definitions.all_of(conn, KIND):
        text = _named(known.document.get("condition"))
        if segment in text and known.id != segment:
            found.append(known.id)
    return found


def _named(node: object) -> set[str]:
    if not isinstance(node, dict):
        return set()
    if node.get("type") == "in_segment":
        return {str(node.get("segment"))}
    of = node.get("of")
    below = of if isinstance(of, list) else [of]
    return set().union(*(_named(child) for child in below))
