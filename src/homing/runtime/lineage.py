"""What depends on a dataset or a field? The definitions are walked; each says what it reads.

A field is used *in earnest* when something that sends or spends stands on it: a live journey or campaign, or a segment
or content that one of those names. That is what its value grade goes by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from homing.act.render import named_in
from homing.collect.catalogue import Field
from homing.collect.catalogue.names import CALL, CUSTOMERS, EVENT, SEGMENT, SOURCE
from homing.core.condition import Condition, InSegment, events_read, parse, traits_read, walk
from homing.core.errors import InvalidInput
from homing.core.time import DAY
from homing.predict.definitions import MODELS
from homing.profile.groups.definition import HouseholdRules
from homing.profile.groups.keys import watched
from homing.runtime.documents import ORDER, names_in
from homing.runtime.naming import conditions_in
from homing.runtime.naming import traits_read as traits_behind
from homing.storage import definitions
from homing.storage.definitions import Definition

FRESH_US = 30 * DAY  # data seen within it is fresh
ACTING = frozenset({"journey", "campaign"})


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A dataset, or with `field` one of its fields."""

    dataset: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A definition that uses data."""

    kind: str
    id: str
    name: Any
    status: str
    acts: bool  # a live journey or campaign stands on it, or it is one


@dataclass(frozen=True, slots=True)
class Lineage:
    """Who uses what."""

    users: Mapping[Place, tuple[User, ...]]

    def of(self, dataset: str, field: str | None = None) -> tuple[User, ...]:
        """The users of a field, or of a dataset and any of its fields."""
        if field is not None:
            return self.users.get(Place(dataset, field), ())
        found = [u for place, users in self.users.items() if place.dataset == dataset for u in users]
        return tuple({(u.kind, u.id): u for u in sorted(found, key=lambda u: (u.kind, u.id))}.values())


def lineage(conn: Connection) -> Lineage:
    """Walk every definition that is not deleted."""
    known = [d for kind in ORDER for d in definitions.all_of(conn, kind)]
    acting = _acting(known)
    users: dict[Place, dict[tuple[str, str], User]] = {}
    for one in known:
        user = User(one.kind, one.id, one.document.get("name"), one.status, (one.kind, one.id) in acting)
        for place in read_by(one.document):
            users.setdefault(place, {})[(one.kind, one.id)] = user
    return Lineage({place: tuple(found[key] for key in sorted(found)) for place, found in users.items()})


def read_by(document: Mapping[str, Any]) -> set[Place]:
    """The datasets and fields a document reads."""
    walker = _WALKERS.get(str(document.get("kind")))
    return set(walker(document)) if walker else set()


def grade_of(one: Field, users: Sequence[User], now_us: int) -> str:
    """The value grade: what a person said, else what use and freshness say.

    Returns:
        A: something that sends or spends stands on it. B: a definition uses it. C: nobody uses it, though it is filled
        in at least half of the rows and was seen within 30 days. D: neither.
    """
    said = one.said.get("grade")
    if said:
        return said
    if any(u.acts for u in users):
        return "A"
    if users:
        return "B"
    filled = one.fill is None or one.fill >= 0.5
    return "C" if filled and one.last_us > now_us - FRESH_US else "D"


def _acting(known: Iterable[Definition]) -> set[tuple[str, str]]:
    """Live journeys and campaigns and all they stand on, however far."""
    by_name = {(d.kind, d.id): d for d in known}
    todo = [key for key, d in by_name.items() if d.kind in ACTING and d.status == "live"]
    found: set[tuple[str, str]] = set()
    while todo:
        key = todo.pop()
        if key in found or key not in by_name:
            continue
        found.add(key)
        todo += names_in(by_name[key].document)
    return found


def _in_condition(raw: Any) -> Iterator[Place]:
    tree: Condition = parse(raw)
    for node in walk(tree):
        if isinstance(node, InSegment):
            yield Place(SEGMENT + node.segment)
            continue
        yield from (Place(CUSTOMERS, trait) for trait in traits_read(node))
        for event, properties in events_read(node):
            yield Place(EVENT + event)
            yield from (Place(EVENT + event, name) for name in properties)


def _segment(document: Mapping[str, Any]) -> Iterator[Place]:
    yield from _in_condition(document["condition"])


def _conditioned(document: Mapping[str, Any]) -> Iterator[Place]:
    """A tag or a lifecycle: all its conditions, and the number a model tag is made of."""
    for tree in conditions_in(document):
        yield from _in_condition(tree)
    model = document.get("model")
    if isinstance(model, Mapping):
        yield Place(CUSTOMERS, str(model["trait"]))


def _trait(document: Mapping[str, Any]) -> Iterator[Place]:
    """A trait reads events, what is said of customers, or other traits."""
    of = document["of"]
    for one in (of, *of.get("signals", ())):
        if one.get("event", "*") != "*":
            yield from _event({"event": one["event"], "where": (*one.get("where", ()), *one.get("part", ()))})
            for path in (one.get("property"), one.get("key") if one is not of else None, one.get("items")):
                if path and not path.startswith(("$", "context.")):
                    yield Place(EVENT + one["event"], path.partition("[")[0])
    names = {name for _, name in traits_behind(document)} | ({of["trait"]} if of.get("trait") else set())
    yield from (Place(CUSTOMERS, name) for name in sorted(names))


def _event(raw: Mapping[str, Any]) -> Iterator[Place]:
    """An event by name and the properties it is narrowed by."""
    yield Place(EVENT + raw["event"])
    yield from (Place(EVENT + raw["event"], w["property"]) for w in raw.get("where", ()))


def _journey(document: Mapping[str, Any]) -> Iterator[Place]:
    entry = document["entry"]
    if entry.get("type") == "event":
        yield from _event(entry)
    else:
        yield Place(SEGMENT + entry["segment"])
    for out in document.get("exit_on", ()):
        yield from _event(out)
    for node in document["nodes"]:
        if node["type"] == "branch":
            yield from _in_condition(node["condition"])
        elif node["type"] == "wait_for":
            for awaited in node["events"]:
                yield from _event(awaited)
        elif node["type"] == "delay_until" and node.get("trait"):
            yield Place(CUSTOMERS, node["trait"])


def _campaign(document: Mapping[str, Any]) -> Iterator[Place]:
    yield Place(SEGMENT + document["segment"])
    outcome = {"event": "Order Completed", "value": "revenue"} | dict(document.get("outcome") or {})
    yield Place(EVENT + outcome["event"])
    yield Place(EVENT + outcome["event"], outcome["value"])


def _content(document: Mapping[str, Any]) -> Iterator[Place]:
    for part in ("subject", "body"):
        texts = document.get(part) or {}
        for text in texts.values() if isinstance(texts, Mapping) else (texts,):
            try:
                named = named_in(str(text))
            except InvalidInput:  # a draft may be unfinished; what can be read of the others still counts
                continue
            for path in named:
                root, _, field = path.partition(".")
                if root == "customer" and field:
                    yield Place(CUSTOMERS, field.removeprefix("traits."))
    if (document.get("blocks") or {}).get("recommendations") is not None:
        yield from (Place(EVENT + "Order Completed"), Place("products"))


def _plan(document: Mapping[str, Any]) -> Iterator[Place]:
    for event in document.get("events", ()):
        kind = event.get("type", "track")
        dataset = EVENT + event.get("event", "") if kind == "track" else CALL + kind
        dataset = CUSTOMERS if kind == "identify" else dataset
        yield Place(dataset)
        yield from (Place(dataset, path) for path in event.get("properties", {}))


def _rules(document: Mapping[str, Any]) -> Iterator[Place]:
    yield Place(SOURCE + document["source"])
    for rule in document.get("rules", ()):
        if rule.get("event"):
            yield Place(EVENT + rule["event"])
            if rule.get("field"):
                yield Place(EVENT + rule["event"], rule["field"])


def _source(document: Mapping[str, Any]) -> Iterator[Place]:
    yield Place(SOURCE + document["id"])


def _agreement(document: Mapping[str, Any]) -> Iterator[Place]:
    yield from (Place(SOURCE + source) for source in document.get("sources", ()))


def _household(document: Mapping[str, Any]) -> Iterator[Place]:
    yield from (Place(CUSTOMERS, name) for name in sorted(watched(HouseholdRules.model_validate(document))))


def _model(document: Mapping[str, Any]) -> Iterator[Place]:
    """A model reads whom it is about and what it is to tell; its features are everything that is left."""
    label = document.get("label") or {}
    named = (document.get("seed_segment"), document.get("among"), label.get("segment"))
    yield from (Place(SEGMENT + segment) for segment in named if segment)
    if label.get("trait"):
        yield Place(CUSTOMERS, label["trait"])
    if document["kind"] == "association":
        yield from (Place(EVENT + "Order Completed"), Place(EVENT + "Order Completed", "products"))


_WALKERS: dict[str, Callable[[Mapping[str, Any]], Iterator[Place]]] = {
    "segment": _segment,
    "trait": _trait,
    "tag": _conditioned,
    "lifecycle": _conditioned,
    "journey": _journey,
    "campaign": _campaign,
    "content": _content,
    "plan": _plan,
    "rules": _rules,
    "source": _source,
    "agreement": _agreement,
    "household": _household,
    **dict.fromkeys(MODELS, _model),
}
