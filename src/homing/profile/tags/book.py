"""Who has which tag now? This stage hears people, files and rules, and knows when a tag's time is over.

`Tag Added` and `Tag Removed` said by a person or a file are commands: the stage acts when it reads them. What a rule or
the clock does is told in the same words, with `by: homing`; those the stage does not act on. Of two words about one tag
the later counts, also when two customers turn out to be one.
A tag whose time is over while its rule still holds is gone until the rule has ceased and holds anew.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from sqlalchemy import Connection

from homing.core.errors import InvalidInput
from homing.core.event import OWN_SOURCE, Stored, own_event
from homing.core.time import zone_of
from homing.core.turn import Timer, Turn
from homing.profile.book import ProfileBook
from homing.profile.tags.days import DayBook
from homing.profile.tags.definition import JUDGED, KIND, PREFIX, Tag
from homing.profile.tags.held import Held, Shelf
from homing.storage import definitions
from homing.storage.definitions import Definition
from homing.storage.state import State

ADDED, REMOVED = "Tag Added", "Tag Removed"
NAMES = frozenset({ADDED, REMOVED})
HOMING = "homing"  # who gave it, when nobody did
NOTHING: frozenset[str] = frozenset()
Live = tuple[Tag, int]  # the definition in force and its version


class TagBook:
    """The tags of one stream worker.

    Args:
        state: where they are kept.
        profile: where the value of each stands as the trait `tag.ID`.
        zone: IANA zone in which days begin and end.
    """

    def __init__(self, state: State, profile: ProfileBook, *, zone: str) -> None:
        self._profile = profile
        self._zone = zone
        self._shelf = Shelf(state)
        self._days = DayBook(zone_of(zone))
        self._live: dict[str, Live] = {}
        self._before: dict[str, Held] = {}  # of customers that are computed anew
        self._counted: dict[str, int] = {}
        self._again = False

    def load(self, conn: Connection) -> None:
        """Read which tags are live, and what fits of who has them."""
        self._live = live_tags(conn)
        self._shelf.load(conn)
        self._days.load(conn)

    def flush(self, conn: Connection) -> None:
        """Write what changed."""
        self._shelf.flush(conn)
        self._days.flush(conn)

    def forget(self) -> None:
        """Drop what memory holds."""
        self._live, self._again = {}, False
        self._shelf.forget()
        self._days.forget()

    # -- what is said --------------------------------------------------------------------------------------------------
    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> frozenset[str]:
        """Take an event; return the traits it changed."""
        event = stored.event
        if event.name not in NAMES or customer_id is None or event.properties.get("by") == HOMING:
            return NOTHING
        return self._said(stored, customer_id, turn)

    def _said(self, stored: Stored, customer_id: str, turn: Turn) -> frozenset[str]:
        event = stored.event
        tag_id = str(event.properties.get("tag", ""))
        known = self._live.get(tag_id)
        own = event.source_id == OWN_SOURCE
        if known is None or known[0].how != ("manual" if own else "import"):
            return NOTHING
        tag, version = known
        old = self._shelf.of(customer_id).get(tag_id)
        at = event.happened_us
        if old is not None and old.word > (at, stored.offset):
            return NOTHING
        if event.name == REMOVED:
            return self._take(customer_id, tag_id, turn) if old is not None else NOTHING
        try:
            value = (tag.checked if own else tag.read)(event.properties.get("value"))
        except InvalidInput:
            return NOTHING  # a value this tag does not have
        p = event.properties
        by = str(p.get("by") or event.source_id)
        if own and isinstance(p.get("given"), int):
            at = min(at, p["given"])  # given back as it was
        batch = str(p.get("batch" if own else "file") or "")
        until = tag.until_us(at, self._zone)
        held = Held(value, at, until, tag.how, by, event.event_id, batch, version, stored.offset)
        if held.until_us is not None and held.until_us <= turn.now_us:
            if old is None:
                self._tell(REMOVED, customer_id, tag_id, turn, because="expired")
            return self._take(customer_id, tag_id, turn) if old is not None else NOTHING
        return self._give(customer_id, tag_id, held, turn)

    # -- what rules find -----------------------------------------------------------------------------------------------
    def marked(self, tag_id: str, customer_id: str, holds: Container[str], turn: Turn) -> frozenset[str]:
        """Some of a tag's rules were judged anew; return the traits that changed.

        Args:
            tag_id: whose rules.
            customer_id: of whom.
            holds: the names of the rules that hold now; see `mark`.
            turn: the instant.
        """
        known = self._live.get(tag_id)
        if known is None:
            return NOTHING
        tag, version = known
        found = next((value for n, (value, _) in enumerate(tag.rules()) if mark(tag_id, n) in holds), None)
        old = self._shelf.of(customer_id).get(tag_id)
        if found is None:
            if old is None:
                return NOTHING
            if not old.lapsed:
                self._tell(REMOVED, customer_id, tag_id, turn, was=old.value)
            return self._take(customer_id, tag_id, turn)
        if old is not None and old.value == found and type(old.value) is type(found):
            return NOTHING
        now = turn.now_us
        held = Held(found, now, tag.until_us(now, self._zone), tag.how, HOMING, _event_id(tag_id, customer_id, turn),
                    "", version, turn.offset)  # fmt: skip
        if held.until_us is not None and held.until_us <= now:
            return NOTHING
        self._tell(ADDED, customer_id, tag_id, turn, value=found, **({} if old is None else {"was": old.value}))
        return self._give(customer_id, tag_id, held, turn)

    def wake(self, timer: Timer, turn: Turn) -> frozenset[str]:
        """The time of a customer's tag is over."""
        tag_id, _, customer_id = timer.key.partition(":")
        old = self._shelf.of(customer_id).get(tag_id)
        if old is None or old.until_us is None or old.until_us > turn.now_us:
            return NOTHING
        self._tell(REMOVED, customer_id, tag_id, turn, because="expired", was=old.value)
        changed = self._take(customer_id, tag_id, turn)
        if old.how in JUDGED:
            self._shelf.put(customer_id, tag_id, old.lapse())
        return changed

    # -- customers who are one, or two ---------------------------------------------------------------------------------
    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers are one: of each tag the later word counts."""
        for tag_id, theirs in sorted(self._shelf.of(loser).items()):
            mine = self._shelf.of(winner).get(tag_id)
            self._drop(loser, tag_id, theirs, turn)
            if mine is None or mine.word < theirs.word:
                if mine is not None:
                    self._drop(winner, tag_id, mine, turn)
                self._shelf.put(winner, tag_id, theirs)
                self._count(tag_id, int(not theirs.lapsed), 0, turn)
                self._arm(winner, tag_id, theirs, turn)
        for tag_id, held in sorted(self._shelf.of(winner).items()):
            self._show(winner, tag_id, held, turn)

    def recompute(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """Nothing is known of these customers; what was said of them comes again."""
        self._before, self._counted, self._again = {}, {}, True
        for customer_id in sorted(customer_ids):
            for tag_id, held in sorted(self._shelf.of(customer_id).items()):
                known = self._before.get(tag_id)
                if known is None or known.word < held.word:
                    self._before[tag_id] = held
                self._counted[tag_id] = self._counted.get(tag_id, 0) + (not held.lapsed)
                self._drop(customer_id, tag_id, held, turn)

    def recomputed(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """What a rule gave before and gives still goes on as it was; what differs is told, now."""
        after: dict[str, int] = {}
        for customer_id in sorted(customer_ids):
            if not self._profile.knows(customer_id):
                continue
            mine = self._shelf.of(customer_id)
            for tag_id in sorted(self._before.keys() | mine.keys()):
                old, held = self._before.get(tag_id), mine.get(tag_id)
                if held is not None and held.how in JUDGED:
                    held = self._judged_again(customer_id, tag_id, held, old, turn)
                elif held is None and old is not None and not old.lapsed:
                    self._tell(REMOVED, customer_id, tag_id, turn, was=old.value)
                after[tag_id] = after.get(tag_id, 0) + (held is not None and not held.lapsed)
                self._show(customer_id, tag_id, held, turn)
        self._again = False
        for tag_id in sorted(after.keys() | self._counted.keys()):
            more = after.get(tag_id, 0) - self._counted.get(tag_id, 0)
            if more:
                self._days.count(tag_id, max(0, more), max(0, -more), turn.now_us)
        self._before, self._counted = {}, {}

    def _judged_again(self, customer_id: str, tag_id: str, held: Held, old: Held | None, turn: Turn) -> Held:
        """A rule holds for a customer computed anew: since when does she have the tag, and until when?"""
        tag, version = self._live[tag_id]
        if old is not None and old.value == held.value:
            held = old
        elif not held.lapsed:
            until = tag.until_us(turn.now_us, self._zone)
            held = Held(held.value, turn.now_us, until, tag.how, HOMING, _event_id(tag_id, customer_id, turn), "",
                        version, turn.offset)  # fmt: skip
            self._tell(ADDED, customer_id, tag_id, turn, value=held.value)
        self._shelf.put(customer_id, tag_id, held)
        self._arm(customer_id, tag_id, held, turn)
        return held

    # -- definitions ---------------------------------------------------------------------------------------------------
    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> dict[str, frozenset[str]]:
        """A tag comes into force, changes or is taken back; return whose traits changed by that."""
        old = self._live.pop(definition.id, None)
        changed: dict[str, frozenset[str]] = {}
        now = Tag.model_validate(definition.document)
        if definition.status != "live" or (old is not None and old[0].how != now.how):
            for customer_id in self._shelf.holders(conn, definition.id):
                held = self._shelf.of(customer_id)[definition.id]
                self._drop(customer_id, definition.id, held, turn)
                changed[customer_id] = self._show(customer_id, definition.id, None, turn)
            self._days.drop(definition.id, conn)
        if definition.status == "live":
            self._live[definition.id] = (now, definition.version)
        return changed

    # -- rows ----------------------------------------------------------------------------------------------------------
    def _give(self, customer_id: str, tag_id: str, held: Held, turn: Turn) -> frozenset[str]:
        old = self._shelf.of(customer_id).get(tag_id)
        self._shelf.put(customer_id, tag_id, held)
        had = old is not None and not old.lapsed
        if not held.lapsed and not had:
            self._count(tag_id, 1, 0, turn)
        self._arm(customer_id, tag_id, held, turn)
        return self._show(customer_id, tag_id, held, turn)

    def _take(self, customer_id: str, tag_id: str, turn: Turn) -> frozenset[str]:
        old = self._shelf.of(customer_id).get(tag_id)
        if old is None:
            return NOTHING
        self._drop(customer_id, tag_id, old, turn)
        return NOTHING if old.lapsed else self._show(customer_id, tag_id, None, turn)

    def _drop(self, customer_id: str, tag_id: str, held: Held, turn: Turn) -> None:
        self._shelf.put(customer_id, tag_id, None)
        turn.cancel_timer(KIND, f"{tag_id}:{customer_id}")
        if not held.lapsed:
            self._count(tag_id, 0, 1, turn)

    def _count(self, tag_id: str, added: int, removed: int, turn: Turn) -> None:
        if not self._again and added + removed:
            self._days.count(tag_id, added, removed, turn.now_us)

    def _arm(self, customer_id: str, tag_id: str, held: Held, turn: Turn) -> None:
        key = f"{tag_id}:{customer_id}"
        if held.until_us is not None:
            turn.set_timer(KIND, key, held.until_us, customer_id)
        else:
            turn.cancel_timer(KIND, key)

    def _show(self, customer_id: str, tag_id: str, held: Held | None, turn: Turn) -> frozenset[str]:
        value = None if held is None or held.lapsed else held.value
        at = turn.now_us if held is None else held.given_us
        shown = self._profile.put(customer_id, PREFIX + tag_id, [value, at, KIND, turn.offset], turn)
        return frozenset({PREFIX + tag_id}) if shown else NOTHING

    @staticmethod
    def _tell(name: str, customer_id: str, tag_id: str, turn: Turn, **said: Any) -> None:
        told = {"tag": tag_id, "by": HOMING, **said}
        way = "add" if name == ADDED else "remove"
        turn.emit(own_event(_event_id(tag_id, customer_id, turn, way), name, customer_id, turn.now_us, told))


def mark(tag_id: str, n: int) -> str:
    """What the n-th rule of a tag is called where conditions are judged."""
    return f"{KIND}:{tag_id}#{n}"


def live_tags(conn: Connection) -> dict[str, Live]:
    """The tags in force, by id."""
    found = (d for d in definitions.published(conn, KIND) if d.status == "live")
    return {d.id: (Tag.model_validate(d.document), d.version) for d in found}


def _event_id(tag_id: str, customer_id: str, turn: Turn, way: str = "add") -> str:
    return f"tag:{tag_id}:{customer_id}:{turn.now_us}:{turn.offset}:{way}"
