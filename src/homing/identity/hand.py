"""What does the log say that somebody decided of identities? Own events, written by the API and read by this stage.

- `Customers Merged` {customers: [a, b]}: they are one person. A limit is no obstacle, an earlier separation ends;
  two different identifiers that belong to one person for good remain two people, and the attempt is a conflict.
- `Records Linked` {a: [type, value], b: [type, value], probability}: two records without a shared key are likely one.
- `Conflict Settled` {answer: merge | apart | dismiss, conflicts: [{id, customers: [a, b]}]}.
- `Customer Split` {customer, merge} or {customer, identifiers: [[type, value], ...]}: see `reconsider`.
- `Identifier Blocked` {type, value, status: blocked | shared, why: hand | learned}, `Identifier Unblocked`: the same.
- `Evidence Weighed` {source, counts, customers: [...]}: written by Homing when what a source said may no more be read,
  or may again; what its events join counts from there on, or not, and these customers are looked at.

Each carries `by` (who) and may carry `reason`. Replaying the log does the same at the same places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from homing.core.event import CUSTOMER, OWN_SOURCE, Event, Id, own_event
from homing.core.ids import ID_TYPES, stable_id
from homing.core.turn import Turn
from homing.identity.graph import NOBODY, SHARED, Merge, Resolution, active
from homing.identity.law import Separation
from homing.identity.writes import made_by
from homing.storage.schema import identity_separation

if TYPE_CHECKING:
    from homing.identity.resolver import Resolver

MERGED, LINKED, SETTLED = "Customers Merged", "Records Linked", "Conflict Settled"
SPLIT, BLOCK, UNBLOCK = "Customer Split", "Identifier Blocked", "Identifier Unblocked"
WEIGHED = "Evidence Weighed"
JOINING = frozenset({MERGED, LINKED, SETTLED})  # read like any event
PARTING = frozenset({SPLIT, BLOCK, UNBLOCK, WEIGHED})  # read by themselves: they recompute what was known
ANSWERS = {"merge": "merged", "apart": "apart", "dismiss": "dismissed"}  # what was said -> how the conflict stands


def join(resolver: Resolver, event: Event, turn: Turn) -> Resolution:
    """Carry out what an event of JOINING says."""
    said = event.properties
    if event.name == MERGED:
        return _merge(resolver, event, turn, _pair(said.get("customers")))
    if event.name == LINKED:
        return _link(resolver, event, turn)
    merges: list[Merge] = []
    for one in said.get("conflicts") or ():
        answer, pair = str(said.get("answer")), _pair(one.get("customers"))
        if answer not in ANSWERS:
            continue
        if pair is not None and answer == "merge":
            merges += _merge(resolver, event, turn, pair).merges
        elif pair is not None and answer == "apart":
            _keep_apart(resolver, event, turn, pair)
        resolver.writes.settled(str(one.get("id")), ANSWERS[answer], turn, made_by(event))
    named = next((i.value for i in event.ids if i.type == CUSTOMER), None)
    return Resolution(resolver.cache.winner(named) if named else None, tuple(merges))


def _merge(resolver: Resolver, event: Event, turn: Turn, pair: tuple[str, str] | None) -> Resolution:
    if pair is None:
        return NOBODY
    one, other = (resolver.cache.winner(c) for c in pair)
    a, b = anchor(resolver, one), anchor(resolver, other)
    if one == other or a is None or b is None:
        return Resolution(one)
    apart = resolver.law.apart
    for name in apart.all_between(set(resolver.cache.held(one)), set(resolver.cache.held(other))):
        apart.end(name)
        resolver.writes.ended(identity_separation, name, turn)
    resolver.writes.linked(event, a, b, "hand", turn)
    done = resolver.join(event, [a, b], turn, by_hand=True, reason="hand")
    return Resolution(resolver.cache.winner(one), done.merges)


def _link(resolver: Resolver, event: Event, turn: Turn) -> Resolution:
    ids = [Id(str(i[0]), str(i[1])) for i in (event.properties.get("a"), event.properties.get("b")) if i]
    if len(ids) < 2 or any(i.type not in ID_TYPES or resolver.law.standing(i) for i in ids):
        return NOBODY
    a, b = sorted(ids, key=resolver.law.rules.priority)
    likely = event.properties.get("probability")
    resolver.writes.linked(event, a, b, "linked", turn, None if likely is None else float(likely))
    return resolver.join(event, [a, b], turn, reason="linked")


def _keep_apart(resolver: Resolver, event: Event, turn: Turn, pair: tuple[str, str]) -> None:
    one, other = (resolver.cache.winner(c) for c in pair)
    if one != other:
        sides = [set(resolver.cache.held(c)) for c in (one, other)]
        separate(resolver, event, turn, *sides, reason="conflict")


def separate(
    resolver: Resolver, event: Event, turn: Turn, one: Iterable[Id], other: Iterable[Id], *, reason: str
) -> None:
    """Nothing of `one` is joined with anything of `other` from now on."""
    sides = frozenset(one), frozenset(other)
    if not all(sides):
        return
    name = stable_id("s", event.event_id, sorted(sides[0]), sorted(sides[1]))
    made = Separation(name, *sides, turn.offset, reason == "split")
    resolver.law.apart.add(made)
    resolver.writes.separated(event, made, reason, turn)


def anchor(resolver: Resolver, customer_id: str) -> Id | None:
    """The identifier a link of this customer hangs on: the strongest that links, else the strongest."""
    held = resolver.cache.held(customer_id)
    return min(active(held) or set(held), key=resolver.law.rules.priority, default=None)


def learned(event: Event, i: Id, customers: int) -> Event:
    """What the log is told of a value that links too many; its id follows from the event that showed it."""
    said = {"type": i.type, "value": i.value, "status": SHARED, "why": "learned", "customers": customers}
    return Event(event_id=stable_id("shared-", *i, event.event_id), kind="track", name=BLOCK, properties=said,
                 happened_us=event.happened_us, source_id=OWN_SOURCE)  # fmt: skip


# -- what the API writes -----------------------------------------------------------------------------------------------
def merged_event(event_id: str, one: str, other: str, now_us: int, *, by: str, reason: str = "") -> Event:
    """Somebody says that two customers are one person."""
    said = {"customers": [one, other], "by": by, "reason": reason}
    return own_event(event_id, MERGED, one, now_us, said)


def split_event(
    event_id: str, customer_id: str, now_us: int, *, by: str, merge: str | None = None,
    identifiers: Sequence[Id] = (), reason: str = "",
) -> Event:  # fmt: skip
    """Somebody says that a customer is two people: takes a merge back, or takes identifiers out."""
    said: dict[str, Any] = {"customer": customer_id, "by": by, "reason": reason}
    said |= {"merge": merge} if merge else {"identifiers": [list(i) for i in identifiers]}
    return own_event(event_id, SPLIT, customer_id, now_us, said)


def block_event(event_id: str, i: Id, status: str | None, now_us: int, *, by: str, reason: str = "") -> Event:
    """Somebody says that a value does not link (`blocked`, `shared`), or that it does (None)."""
    said = {"type": i.type, "value": i.value, "by": by, "reason": reason, "why": "hand"}
    said |= {"status": status} if status else {}
    return Event(event_id=event_id, kind="track", name=BLOCK if status else UNBLOCK, happened_us=now_us,
                 source_id=OWN_SOURCE, properties=said)  # fmt: skip


def weighed_event(source: str, customers: Sequence[str], turn: Turn, *, counts: bool) -> Event:
    """What the log is told of a source whose evidence counts no more, or again; its id follows from the turn."""
    said = {"source": source, "counts": counts, "customers": list(customers)}
    event_id = stable_id("weighed-", source, str(turn.now_us), str(turn.offset), *customers)
    return Event(event_id=event_id, kind="track", name=WEIGHED, happened_us=turn.now_us, source_id=OWN_SOURCE,
                 properties=said)  # fmt: skip


def settled_event(
    event_id: str, answer: str, conflicts: Sequence[dict[str, Any]], now_us: int, *, by: str, reason: str = ""
) -> Event:
    """Somebody answers conflicts: each {id, customers: [a, b] or None}."""
    said = {"answer": answer, "conflicts": list(conflicts), "by": by, "reason": reason}
    return Event(event_id=event_id, kind="track", name=SETTLED, happened_us=now_us, source_id=OWN_SOURCE,
                 properties=said)  # fmt: skip


def _pair(value: Any) -> tuple[str, str] | None:
    if isinstance(value, list | tuple) and len(value) == 2 and all(value):
        return str(value[0]), str(value[1])
    return None
