"""Who would these people be, had we known then what we know now? Their events resolved again, in memory, in order.

An identifier takes part in an event if it belonged to these people then. Values that do not link today did not then:
alone they mean a customer of their own. Links made by hand or by likeness are made again at their places. What was
taken apart is apart from the beginning, up to where somebody merged it again. An event of a source that may not be read
today joins nothing: it is about whom the strongest of its identifiers means.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace as changed

from homing.core.event import CUSTOMER, OWN_SOURCE, Event, Id, Stored
from homing.core.turn import Step, Turn
from homing.identity.graph import SHARED, Resolution
from homing.identity.law import Law

if TYPE_CHECKING:
    from homing.identity.resolver import Resolver

Belonged = Callable[[Id, int], bool]  # did this identifier belong to these people at this offset?
END, LINK, LEAVE = range(3)  # what happens at one place, in this order
RUN = 64  # offsets nearer than this are read together
MOST = 2_000


class PastLaw(Law):
    """Today's law, looked back with: what does not link today is shared."""

    def standing(self, i: Id) -> str | None:
        """Shared, or None: it links."""
        return SHARED if super().standing(i) else None


class Retrace:
    """A past that is resolved again.

    Args:
        law: what forbids a join today.
        belonged: whether an identifier was these people's at an offset.
        scratch: makes the resolver that works in memory.
        closed: sources whose events join nothing.
    """

    def __init__(
        self, law: Law, belonged: Belonged, scratch: Callable[[Law], Resolver], closed: frozenset[str] = frozenset()
    ) -> None:
        self._closed = closed
        types = {kind: replace(rule, shared_after=0) for kind, rule in law.rules.types.items()}
        self.resolver = scratch(PastLaw(replace(law.rules, types=types), law.apart, law.still))
        self._belonged = belonged
        self.steps: list[Step] = []
        self.created: set[str] = set()
        self.left: list[tuple[Id, int, str]] = []  # an identifier that left for somebody else: until when, whose

    def run(
        self, events: Iterable[Stored], links: Sequence[Any], leaves: Sequence[tuple[int, Id]],
        ended: Sequence[tuple[int, str]], *, until: int,
    ) -> None:  # fmt: skip
        """Resolve everything before an offset.

        Args:
            events: of these people, in order.
            links: rows of links that hold.
            leaves: where an identifier left them for somebody else.
            ended: where a separation ended.
            until: that offset.
        """
        others: list[tuple[int, int, int, Any]] = [
            *((offset, END, n, name) for n, (offset, name) in enumerate(ended)),
            *((row.log_offset, LINK, n, row) for n, row in enumerate(links)),
            *((offset, LEAVE, n, i) for n, (offset, i) in enumerate(leaves)),
        ]
        waiting = sorted(others)
        for stored in events:
            if stored.offset >= until:
                break
            while waiting and waiting[0][0] <= stored.offset:
                self._other(*waiting.pop(0))
            self._event(stored)
        while waiting and waiting[0][0] < until:
            self._other(*waiting.pop(0))

    def link(self, row: Mapping[str, Any] | Any, at_us: int, offset: int) -> None:
        """Join two identifiers at a place of the log where no event of these people does."""
        a, b = Id(row["a_type"], row["a_value"]), Id(row["b_type"], row["b_value"])
        event = Event(event_id=row["event_id"], kind="track", happened_us=at_us, source_id=OWN_SOURCE)
        turn = Turn(at_us, offset)
        ids = sorted({a, b}, key=self.resolver.law.rules.priority)
        by_hand = row["how"] != "linked"
        found = self.resolver.join(event, ids, turn, by_hand=by_hand, reason=str(row["how"]))
        self._step(Stored(offset, at_us, event), None, found)

    def owner(self, i: Id) -> str | None:
        """Who holds an identifier in the end."""
        ident = self.resolver.cache.get(i)
        return ident.customer_id if ident else None

    def _event(self, stored: Stored) -> None:
        event = stored.event
        named = next((i.value for i in event.ids if i.type == CUSTOMER), None)
        if named is not None or (event.source_id == OWN_SOURCE and not event.ids):
            self.steps.append(Step(stored, named))  # an own event is about whom it names, whoever that is today
            return
        ids = tuple(i for i in event.ids if self._belonged(i, stored.offset))
        previous = event.previous if event.previous and self._belonged(event.previous, stored.offset) else None
        if event.source_id in self._closed:
            ids, previous = self.resolver.law.strongest(ids), None
            stored = without(stored, set(event.ids).difference(ids))
        seen = changed(event, ids=ids, previous=previous)
        found = self.resolver.resolve(seen, Turn(stored.received_us, stored.offset))
        self._step(without(stored, found.aside), found.customer_id, found)

    def _step(self, stored: Stored, customer_id: str | None, found: Resolution) -> None:
        if found.created and found.customer_id is not None:
            self.created.add(found.customer_id)
        self.steps.append(Step(stored, customer_id, tuple((m.loser, m.winner) for m in found.merges)))

    def _other(self, offset: int, what: int, _n: int, one: Any) -> None:
        if what == END:
            self.resolver.law.apart.end(one)
            return
        if what == LINK:
            ends = Id(one.a_type, one.a_value), Id(one.b_type, one.b_value)
            if all(self._belonged(i, offset) for i in ends):
                self.link(one._mapping, one.at_us, offset)
            return
        owner = self.owner(one)
        if owner is not None:
            self.left.append((one, offset, owner))
            self.resolver.drop(one)


def without(stored: Stored, aside: Collection[Id]) -> Stored:
    """The event without the identifiers that say nothing of its customer: no address of hers, no name."""
    if not aside:
        return stored
    kept = tuple(i for i in stored.event.ids if i not in aside)
    return stored._replace(event=changed(stored.event, ids=kept))


def read_events(read: Callable[[int, int], list[Stored]], offsets: Sequence[int]) -> Iterator[Stored]:
    """The events at these offsets (ascending), from the log."""
    start = 0
    while start < len(offsets):
        end = start + 1
        while (end < len(offsets) and offsets[end] - offsets[end - 1] <= RUN
               and offsets[end] - offsets[start] < MOST):  # fmt: skip
            end += 1
        wanted = set(offsets[start:end])
        for stored in read(offsets[start] - 1, offsets[end - 1] - offsets[start] + 1):
            if stored.offset in wanted:
                yield stored
        start = end
