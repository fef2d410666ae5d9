"""May this person be sent this, on this channel, at this address, now? The only place that says yes, by a `Permit`.

The newest word counts: a row for one purpose and channel and a row for `any` are weighed by their time, a tie means no.
Silence means what the workspace says it means. When two customers become one, a no on either side stays a no.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select

from homing.core.errors import Refused
from homing.core.event import Event, Stored
from homing.core.turn import Turn
from homing.storage.schema import consent as table
from homing.storage.schema import suppression
from homing.storage.state import State
from homing.storage.state.store import upsert

Status = Literal["granted", "withdrawn"]
Default = Literal["opt_in", "opt_out"]
ANY = "any"
HOT = 200_000  # customers held in memory
ADDRESSES = {"email": "email", "sms": "phone"}  # the identifier type a channel writes to
_SOFT = frozenset({"soft", "transient", "temporary", "delayed"})
_COMPLAINTS = frozenset({"Message Complained", "Email Marked as Spam", "Spam Reported"})
_BOUNCES = frozenset({"Message Bounced", "Email Bounced"})
_SAID = select(table).where(table.c.customer_id == bindparam("customer"))
_SUPPRESSED = select(suppression.c.reason, suppression.c.since_us).where(
    suppression.c.channel == bindparam("channel"), suppression.c.address == bindparam("address")
)
HEARD = _COMPLAINTS | _BOUNCES | {"Consent Updated", "Unsubscribed"}  # what anything here is taken from


class Word(NamedTuple):
    """What somebody said about one purpose and channel, and when."""

    status: Status
    since_us: int
    source_id: str


Key = tuple[str, str]  # purpose, channel
Said = dict[Key, Word]


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to send one message to one address. Made by `permit` alone; a channel spends it before it sends."""

    customer_id: str
    channel: str
    purpose: str
    address: str
    at_us: int
    _seal: object = field(repr=False, compare=False)
    _unspent: threading.Lock = field(repr=False, compare=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise Refused("a Permit made outside govern.consent, wanted one from permit()")

    def spend(self, address: str) -> None:
        """Use the permit up.

        Raises:
            Refused: it was spent before, or was given for another address.
        """
        if address != self.address or not self._unspent.acquire(blocking=False):
            raise Refused("a permit is good for one send to one address", details={"reason": "permit_spent"})


_SEAL = object()


def permit(  # noqa: PLR0917 - the questions of one decision, in the order they are asked
    conn: Connection, customer_id: str, channel: str, purpose: str, address: str | None, now_us: int, default: Default
) -> Permit:
    """Leave to send one message, decided on what stands in the tables at this moment.

    Args:
        conn: a read of the state, opened now.
        customer_id: the customer that goes on, not one that was merged away.
        channel: such as `email`.
        purpose: such as `marketing`; `service` (a receipt, a password) needs no consent.
        address: where it would go.
        now_us: the instant of the decision.
        default: what silence means.

    Raises:
        Refused: `details["reason"]` says why: no_address, suppressed, consent_withdrawn, no_consent.
    """
    blocked = address is not None and _is_suppressed(conn, channel, address)
    reason = _refusal(_read(conn, customer_id), purpose, channel, address, blocked=blocked, default=default)
    if reason is not None or address is None:
        raise Refused("consent, suppression or address does not allow this send", details={"reason": reason})
    return Permit(customer_id, channel, purpose, address, now_us, _SEAL)


class ConsentBook:
    """The consent stage of one stream worker.

    Args:
        state: where consent and suppression are kept.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._hot: dict[str, Said] = {}
        self._dirty: dict[tuple[str, Key], Word | None] = {}
        self._bad: dict[Key, tuple[str, int] | None] = {}  # (channel, address) -> (reason, since) or None: not there
        self._bad_dirty: set[Key] = set()

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> None:  # noqa: ARG002 - every stage's form
        """Take an event: only those about consent and about addresses that do not work count."""
        event = stored.event
        if event.name not in HEARD or event.kind != "track":
            return
        if event.name in _BOUNCES or event.name in _COMPLAINTS:
            self._suppress(event)
        elif customer_id is not None:
            self._take(event, customer_id)

    def status(self, customer_id: str, purpose: str, channel: str) -> Status | None:
        """What the customer said; None when nothing."""
        word = _weigh(self._said(customer_id), purpose, channel)
        return word.status if word else None

    def words(self, customer_id: str) -> Said:
        """Everything the customer said, by purpose and channel."""
        return dict(self._said(customer_id))

    def is_suppressed(self, channel: str, address: str) -> bool:
        """Whether the address bounced or complained."""
        return self._suppressed(channel, address) is not None

    def refusal(
        self, customer_id: str, purpose: str, channel: str, address: str | None, default: Default
    ) -> str | None:
        """Why nothing may be sent, by what the stream knows so far; None when it may."""
        blocked = address is not None and self.is_suppressed(channel, address)
        return _refusal(self._said(customer_id), purpose, channel, address, blocked=blocked, default=default)

    def merge(self, loser: str, winner: str, turn: Turn) -> None:  # noqa: ARG002 - every stage's form
        """Two customers are one: the most restrictive word of either side survives."""
        theirs, ours = self._said(loser), self._said(winner)
        joined = strictest(theirs, ours)
        for key in theirs:
            self._dirty[loser, key] = None
        for key, word in joined.items():
            self._dirty[winner, key] = word
        self._hot[loser], self._hot[winner] = {}, joined

    def object(self, stored: Stored, customer_id: str) -> None:
        """Take an event that this customer may have meant: only a no counts."""
        event = stored.event
        no = event.name == "Unsubscribed" or event.properties.get("status") == "withdrawn"
        if no and event.kind == "track" and event.name in HEARD - _BOUNCES - _COMPLAINTS:
            self._take(event, customer_id)

    def recompute(self, customer_ids: Iterable[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """These customers said nothing so far; what they said comes again."""
        for customer_id in customer_ids:
            for key in self._said(customer_id):
                self._dirty[customer_id, key] = None
            self._hot[customer_id] = {}

    def flush(self, conn: Connection) -> None:
        """Write what changed since the last flush."""
        gone = [{"c": c, "p": key[0], "h": key[1]} for (c, key), word in self._dirty.items() if word is None]
        if gone:
            c = table.c
            conn.execute(
                delete(table).where(
                    c.customer_id == bindparam("c"), c.purpose == bindparam("p"), c.channel == bindparam("h")
                ),
                gone,
            )
        upsert(conn, table, [
            {"customer_id": who, "purpose": key[0], "channel": key[1], **word._asdict()}
            for (who, key), word in self._dirty.items() if word is not None
        ])  # fmt: skip
        upsert(conn, suppression, [
            {"channel": channel, "address": address, "reason": found[0], "since_us": found[1]}
            for channel, address in sorted(self._bad_dirty) if (found := self._bad[channel, address])
        ])  # fmt: skip
        self._dirty.clear()
        self._bad_dirty.clear()
        if len(self._hot) + len(self._bad) > HOT:
            self._hot.clear()
            self._bad.clear()

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""
        for held in (self._hot, self._dirty, self._bad, self._bad_dirty):
            held.clear()

    # -- inside --------------------------------------------------------------------------------------------------------
    def _said(self, customer_id: str) -> Said:
        found = self._hot.get(customer_id)
        if found is None:
            with self._state.read() as conn:
                found = self._hot[customer_id] = _read(conn, customer_id)
        return found

    def _take(self, event: Event, customer_id: str) -> None:
        p = event.properties
        status = "withdrawn" if event.name == "Unsubscribed" else p.get("status")
        if status not in {"granted", "withdrawn"}:
            return
        key = (str(p.get("purpose") or "marketing"), str(p.get("channel") or "email"))
        said = self._said(customer_id)
        word = Word("granted" if status == "granted" else "withdrawn", event.happened_us, event.source_id)
        if key in said and _rank(said[key]) > _rank(word):
            return
        said[key] = word
        self._dirty[customer_id, key] = word

    def _suppress(self, event: Event) -> None:
        p = event.properties
        complaint = event.name in _COMPLAINTS
        if not complaint and str(p.get("bounce") or p.get("type") or "hard").lower() in _SOFT:
            return
        channel = str(p.get("channel") or "email")
        wanted = ADDRESSES.get(channel)
        address = p.get("address") or next((i.value for i in event.ids if i.type == wanted), None)
        if not isinstance(address, str) or self._suppressed(channel, address) is not None:
            return
        key = (channel, _plain(address))
        self._bad[key] = ("complained" if complaint else "bounced", event.happened_us)
        self._bad_dirty.add(key)

    def _suppressed(self, channel: str, address: str) -> tuple[str, int] | None:
        key = (channel, _plain(address))
        if key not in self._bad:
            with self._state.read() as conn:
                self._bad[key] = _suppression(conn, *key)
        return self._bad[key]


def strictest(a: Mapping[Key, Word], b: Mapping[Key, Word]) -> Said:
    """What one person said who was kept as two: for each purpose and channel a no of either side is a no."""
    joined: Said = {}
    for key in a.keys() | b.keys():
        words = [w for w in (_weigh(a, *key), _weigh(b, *key)) if w is not None]
        newest = max(words, key=_rank)
        refusals = [w for w in words if w.status == "withdrawn"]
        if refusals:  # dated like the newest word, so that no older row for `any` outweighs it
            newest = Word("withdrawn", newest.since_us, max(refusals, key=_rank).source_id)
        joined[key] = newest
    return joined


def consents_of(conn: Connection, customer_id: str) -> list[tuple[str, str, Word]]:
    """Every word of a customer as (purpose, channel, word), for the console."""
    return [(purpose, channel, word) for (purpose, channel), word in sorted(_read(conn, customer_id).items())]


def refusals(
    conn: Connection, addresses: Mapping[str, str | None], purpose: str, channel: str, default: Default
) -> dict[str, str | None]:
    """Why each of these customers may not be sent a message; None where they may.

    Args:
        conn: a read of the state.
        addresses: customer to where it would go.
        purpose: such as `marketing`.
        channel: such as `email`.
        default: what silence means.
    """
    said: dict[str, Said] = {}
    for row in conn.execute(select(table).where(table.c.customer_id.in_(list(addresses)))):
        said.setdefault(row.customer_id, {})[row.purpose, row.channel] = Word(row.status, row.since_us, row.source_id)
    plain = {_plain(a) for a in addresses.values() if a}
    match = (suppression.c.channel == channel, suppression.c.address.in_(plain))
    bad = set(conn.execute(select(suppression.c.address).where(*match)).scalars())
    return {
        who: _refusal(
            said.get(who, {}), purpose, channel, a, blocked=a is not None and _plain(a) in bad, default=default
        )
        for who, a in addresses.items()
    }


def _refusal(
    said: Mapping[Key, Word], purpose: str, channel: str, address: str | None, *, blocked: bool, default: Default
) -> str | None:
    if not address:
        return "no_address"
    if blocked:
        return "suppressed"
    if purpose == "service":
        return None
    word = _weigh(said, purpose, channel)
    if word is None:
        return None if default == "opt_out" else "no_consent"
    return None if word.status == "granted" else "consent_withdrawn"


def _weigh(said: Mapping[Key, Word], purpose: str, channel: str) -> Word | None:
    keys: Iterable[Key] = ((purpose, channel), (purpose, ANY), (ANY, channel), (ANY, ANY))
    return max((said[k] for k in keys if k in said), key=_rank, default=None)


def _rank(word: Word) -> tuple[int, bool]:
    return (word.since_us, word.status == "withdrawn")


def _read(conn: Connection, customer_id: str) -> Said:
    rows = conn.execute(_SAID, {"customer": customer_id})
    return {(r.purpose, r.channel): Word(r.status, r.since_us, r.source_id) for r in rows}


def _is_suppressed(conn: Connection, channel: str, address: str) -> bool:
    return _suppression(conn, channel, _plain(address)) is not None


def _suppression(conn: Connection, channel: str, address: str) -> tuple[str, int] | None:
    found = conn.execute(_SUPPRESSED, {"channel": channel, "address": address}).first()
    return (found.reason, found.since_us) if found else None


def _plain(address: str) -> str:
    return address.strip().lower()
