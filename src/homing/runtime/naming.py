"""Which definitions does a condition stand on? Segments, tags and lifecycles, and none of them in a circle.

A segment is named by `in_segment`, a tag by its trait `tag.ID`, a lifecycle by `lifecycle.ID`; `lifecycle_stage` stands
for the model that is `main`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from homing.act.content import traits_in as traits_in_content
from homing.act.definitions import Content, Fault
from homing.core.chinese import in_chinese
from homing.core.condition import InSegment, Trait, parse, plain, walk
from homing.core.errors import InvalidInput
from homing.profile import stages, tags, traits

Name = tuple[str, str]  # kind, id
Known = Mapping[str, Mapping[str, Mapping[str, Any]]]  # kind -> id -> document
STAGE_TRAIT = "lifecycle_stage"
_JUDGED = frozenset({"segment", "journey", tags.KIND, stages.KIND})
_PREFIXES = {tags.PREFIX: tags.KIND, stages.PREFIX: stages.KIND}


def conditions_in(document: Mapping[str, Any]) -> Iterator[Any]:
    """Every condition of a segment, a tag, a lifecycle or a journey, as it stands in the document."""
    if document.get("condition") is not None:
        yield document["condition"]
    parts = (document.get(name) or () for name in ("cases", "stages", "nodes"))
    for part in chain.from_iterable(parts):
        if part.get("condition") is not None:
            yield part["condition"]


def traits_in(document: Mapping[str, Any]) -> set[str]:
    """The traits a segment, a tag, a lifecycle or a journey looks at."""
    nodes = (plain(node) for tree in conditions_in(document) for node in walk(parse(tree)))
    found = {node.name for node in nodes if isinstance(node, Trait)}
    model = document.get("model")
    return found | ({str(model["trait"])} if isinstance(model, Mapping) else set())


def named_in_content(document: Mapping[str, Any]) -> set[Name]:
    """(kind, id) of every tag and lifecycle the templates of a content read."""
    return _marks(traits_in_content(Content.model_validate(document)))


def named_in(document: Mapping[str, Any]) -> set[Name]:
    """(kind, id) of every definition these conditions name."""
    found = {
        ("segment", node.segment)
        for tree in conditions_in(document)
        for node in walk(parse(tree))
        if isinstance(node, InSegment)
    }
    return found | _marks(traits_in(document))


def _marks(names: Iterable[str]) -> set[Name]:
    return {(kind, n.removeprefix(prefix)) for n in names for prefix, kind in _PREFIXES.items() if n.startswith(prefix)}


def faults_of(document: Mapping[str, Any], known: Known) -> list[Fault]:
    """What keeps a tag or a lifecycle from coming into force: a circle, or a second main model."""
    found = []
    way = _circle(document, known)
    if way:
        text = " → ".join(f"{kind} {name}" for kind, name in way)
        found.append(Fault(None, {"en": f"it leads back to itself: {text}", "zh": f"条件循环引用：{text}"}))
    if document["kind"] == stages.KIND and document.get("main"):
        others = [n for n, d in known.get(stages.KIND, {}).items() if d.get("main") and n != document["id"]]
        if others:
            en = f"the lifecycle {others[0]} is the main one, wanted one main model at most"
            found.append(Fault(None, {"en": en, "zh": f"主模型已是 {others[0]}，最多只能有一个"}))
    return found


def _circle(document: Mapping[str, Any], known: Known) -> list[Name]:
    """The way from a document back to itself; empty when there is none."""
    begin = (str(document["kind"]), str(document["id"]))
    todo: list[list[Name]] = [[begin]]
    seen: set[Name] = set()
    while todo:
        way = todo.pop()
        kind, name = way[-1]
        one = document if way[-1] == begin else known.get(kind, {}).get(name)
        for target in sorted(_stands_on(one, known)) if one is not None else ():
            if target == begin:
                return [*way, target]
            if target not in seen:
                seen.add(target)
                todo.append([*way, target])
    return []


def _stands_on(document: Mapping[str, Any], known: Known) -> set[Name]:
    found = named_in(document)
    if STAGE_TRAIT in traits_in(document):
        found |= {(stages.KIND, n) for n, d in known.get(stages.KIND, {}).items() if d.get("main")}
        if document["kind"] == stages.KIND and document.get("main"):
            found.add((stages.KIND, str(document["id"])))
    return found


def traits_read(document: Mapping[str, Any]) -> set[Name]:
    """(kind, id) of every trait that a trait is computed from."""
    return {(traits.KIND, name) for name in traits.depends_on(traits.Trait.model_validate(document).of)}


def traits_judged(document: Mapping[str, Any]) -> set[Name]:
    """(kind, id) of every trait that something is judged by or filled with, defined or said."""
    if document["kind"] == "content":
        return {(traits.KIND, name) for name in traits_in_content(Content.model_validate(document))}
    return {(traits.KIND, name) for name in traits_in(document)} if document["kind"] in _JUDGED else set()


def trait_faults(document: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> list[Fault]:
    """What keeps a trait from coming into force: what it reads is not there, leads back, or does not fit."""
    named = {name: traits.Trait.model_validate(one) for name, one in known.items()}
    named[str(document["id"])] = traits.Trait.model_validate(document)
    try:
        traits.check(list(named.values()), str(document["id"]))
    except InvalidInput as error:
        return [Fault(None, {"en": error.message, "zh": f"特征无法计算：{in_chinese(error.message)}"})]
    return []
