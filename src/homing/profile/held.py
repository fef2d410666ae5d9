"""Which customers does the profile hold in memory? Those met of late as objects, the others packed.

A customer as an object takes about 2 kB, packed about 100 bytes (see `storage.state.alike`); who gives way (see
`storage.state.opened`) is packed, who is met again is opened. Whoever cannot be packed is let go, for the row is
written.
"""

from __future__ import annotations

from itertools import islice
from zoneinfo import ZoneInfo

import msgspec

from homing.profile.person import Person, Said
from homing.profile.stats import restored, values_of
from homing.storage.state.alike import Alike
from homing.storage.state.opened import MOST, Opened

CAPACITY = 300_000  # customers held in memory between batches


class _Packed(msgspec.Struct, array_like=True):
    created_us: int
    first_seen_us: int
    last_seen_us: int
    traits: dict[str, Said]
    stats: tuple[object, ...]  # in the order of their fields, with what is derived from others
    stage: str
    changed_offset: int
    named: dict[str, str]
    judged_us: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Packed)


class Held:
    """The customers in memory.

    Args:
        zone: of those who named none.
        opened: held as objects at most, after a `tidy`.
        capacity: held at most, after a `tidy`.
    """

    def __init__(self, zone: ZoneInfo, *, opened: int = MOST, capacity: int = CAPACITY) -> None:
        self.opened: Opened[Person] = Opened(opened)  # looked at before `find` where every call counts
        self._packed = Alike()
        self._zone, self._capacity = zone, capacity

    def find(self, customer_id: str) -> Person | None:
        """The customer, when held."""
        found = self.opened.find(customer_id)
        if found is None and (body := self._packed.get(customer_id)) is not None:
            self._packed.drop(customer_id)
            found = unpack(customer_id, body, self._zone)
            self.opened.put(customer_id, found)
        return found

    def put(self, person: Person) -> Person:
        """Hold this customer, whatever was held before."""
        self._packed.drop(person.customer_id)
        self.opened.put(person.customer_id, person)
        return person

    def drop(self, customer_id: str) -> None:
        """Hold nothing of a customer."""
        self.opened.drop(customer_id)
        self._packed.drop(customer_id)

    def tidy(self) -> None:
        """Pack, and let go of those seen longest ago; call only when every row is written."""
        for customer_id, person in self.opened.leaving():
            body = pack(person)
            if body is not None:
                self._packed.put(customer_id, body)
        over = len(self._packed) - self._capacity
        if over > 0:
            for customer_id in list(islice(self._packed.oldest(), over)):
                self._packed.drop(customer_id)

    def holding(self) -> list[object]:
        """What it holds, for whoever measures that."""
        return [self.opened.everybody(), *self._packed.holding()]

    def clear(self) -> None:
        """Hold nobody."""
        self.opened.clear()
        self._packed.clear()


def pack(person: Person) -> bytes | None:
    """A customer in few bytes; None for one whose sources are kept apart, or with a number beyond 64 bits."""
    if person.lent:
        return None
    try:
        return _encoder.encode(_Packed(
            person.created_us, person.first_seen_us, person.last_seen_us, person.traits, values_of(person.stats),
            person.stage, person.changed_offset, person.named, person.judged_us,
        ))  # fmt: skip
    except OverflowError:
        return None


def unpack(customer_id: str, body: bytes, zone: ZoneInfo) -> Person:
    """The customer of those bytes; `zone` where none was named."""
    p = _decoder.decode(body)
    person = Person(
        customer_id, p.created_us, p.first_seen_us, p.last_seen_us, zone, p.traits,
        restored(p.stats), p.stage, p.changed_offset, p.named, judged_us=p.judged_us,
    )  # fmt: skip
    person.zone = person.zone_or(zone)
    return person
