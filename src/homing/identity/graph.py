"""When may two customers become one, and which of the two goes on?

The older known customer goes on. Known means holding an identifier that says who somebody is; a cookie or a device
does not. A customer is as old as the oldest identifier it holds. Two different immutable identifiers of one type never
meet in one customer, no customer holds more identifiers of a type than its limit (of those seen within its window),
and what somebody took apart stays apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from homing.core.event import Id
from homing.core.ids import ID_TYPES

if TYPE_CHECKING:
    from homing.identity.law import Law

ANONYMOUS = frozenset({"anonymous_id", "device_id"})  # they follow whoever signed in last; they never say who it is
ACTIVE, DEMOTED, BLOCKED, SHARED = "active", "demoted", "blocked", "shared"
SEPARATED = "separated"
TRUSTED = "!"  # the rival of a value somebody said is nobody's but its own: it is never learned to be shared


class Merge(NamedTuple):
    """Two customers turned out to be one: everything of `loser` now belongs to `winner`."""

    loser: str
    winner: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whom an event is about, and what that taught us."""

    customer_id: str | None
    merges: tuple[Merge, ...] = ()
    created: bool = False
    aside: frozenset[Id] = frozenset()  # identifiers of the event that say nothing of this customer


NOBODY = Resolution(None)


@dataclass(slots=True)
class Ident:
    """One identifier as the hot cache holds it."""

    id: Id
    customer_id: str
    first_us: int
    last_us: int
    source_id: str
    status: str = ACTIVE
    rivals: tuple[str, ...] = ()  # customers it was seen with who cannot be one person with its own

    @property
    def age(self) -> tuple[int, str, str]:
        """Sorts the identifier seen longest ago first; ties by its text, so that replay gives the same."""
        return (self.last_us, *self.id)


Held = Mapping[Id, Ident]  # what one customer holds


def priority(of: Id) -> tuple[int, str, str]:
    """Sorts the strongest identifier first, by what the types ship with."""
    return (ID_TYPES[of.type].priority, *of)


def obstacle(
    group: Iterable[Id], other: Iterable[Id], law: Law, *, stale: Iterable[Id] = (), by_hand: bool = False
) -> str | None:
    """Why these two sets of identifiers may not be one person's; None when they may.

    Args:
        group: the identifiers of one.
        other: those of the other.
        law: what forbids a join.
        stale: identifiers that were not seen within the window of their type: no limit counts them.
        by_hand: somebody says that they are one: a limit is no obstacle.

    Returns:
        `separated`, `immutable:TYPE` (two different ids that belong to one person for good), `limit:TYPE`, or None.
    """
    mine, new, uncounted = set(group), set(other), set(stale)
    if law.apart.between(mine, new) is not None:
        return SEPARATED
    coming = {i.type for i in new - mine}
    counts = Counter(i.type for i in (mine | new) - uncounted)
    for kind in sorted(coming):
        rule = law.rules.types[kind]
        if counts[kind] > rule.limit and not (by_hand and not rule.immutable):
            return f"{'immutable' if rule.immutable else 'limit'}:{kind}"
    return None


def active(held: Held) -> set[Id]:
    """The identifiers that link."""
    return {i for i, ident in held.items() if ident.status == ACTIVE}


def stale(held: Held, law: Law, at_us: int) -> set[Id]:
    """The identifiers that were not seen within the window of their type, looking back from an instant."""
    windows = {kind: rule.window_us for kind, rule in law.rules.types.items() if rule.window_us is not None}
    if not windows:
        return set()
    return {i for i, ident in held.items() if i.type in windows and ident.last_us < at_us - windows[i.type]}


def seniority(customer_id: str, held: Held) -> tuple[bool, int, str]:
    """Sorts the customer that goes on first: known before anonymous, then the older one, then by id."""
    known = any(i.type not in ANONYMOUS for i in held)
    return (not known, min((ident.first_us for ident in held.values()), default=0), customer_id)


def evidence(event_ids: Iterable[Id], loser: Held, winner: Held) -> dict[str, Any]:
    """What a merge rests on: the identifiers the event named, and which side held which of them."""
    named = list(event_ids)
    return {
        "named": [list(i) for i in named],
        "loser_held": [list(i) for i in named if i in loser],
        "winner_held": [list(i) for i in named if i in winner],
    }
