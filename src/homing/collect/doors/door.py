"""What becomes of a request's body? Its key, its items, their events, and after the log's word the answer.

Nothing here knows how the bytes came: the ASGI application and the protocol that answers before it both open a body
here, so both say the same; and every event passes the checkpoint here, between translation and log.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from homing.collect.doors.answers import Answer, Reason, Result, all_accepted, failure, refusal, verdicts_said
from homing.collect.doors.beside import Beside
from homing.collect.doors.body import BadBody, decoded
from homing.collect.doors.gather import Gatherer
from homing.collect.doors.head import Head
from homing.collect.doors.held import EACH, Held, Limits
from homing.collect.doors.judging import Asked, Judged
from homing.collect.doors.paths import MAX_BATCH_EVENTS
from homing.collect.doors.segment_api import Arrival, Taken, arrival_of, taken_of, translate
from homing.collect.doors.usual import NOTHING, Opened, opened, opened_of
from homing.collect.doors.wire import Batch, Item, Plain, decode_plain, decode_plain_batch
from homing.collect.quality import Checkpoint
from homing.collect.quality.callbody import call_body
from homing.collect.rejects import Reject, RejectKeeper
from homing.core.errors import Overload
from homing.core.time import SECOND
from homing.storage.log import EventLog, Packed

Keys = Callable[[str], str | None]

NONE: frozenset[int] = frozenset()
KEPT_WAIT_S = 2.0


class _Envelope(msgspec.Struct):
    writeKey: Any = None  # noqa: N815


_KEY = re.compile(rb'"writeKey"\s*:\s*"([\x20\x21\x23-\x5b\x5d-\x7e]{1,200})"')
_COUNTED = {status: f"http_{status}" for status in (200, 429)}
_batches = msgspec.json.Decoder(Batch)
_envelopes = msgspec.json.Decoder(_Envelope)


class Call:
    """A body that was read: what goes to the log, what is kept of the refused, and how to answer afterwards.

    Events are bytes here already: what waits for the disk holds no more of a request than it must.
    """

    __slots__ = ("_answer", "_fresh", "_opened", "parts", "rejects")

    def __init__(
        self, opened: Opened = NOTHING, rejects: list[Reject] | None = None, answer: Answer | None = None,
        fresh: Answer | None = None,
    ) -> None:  # fmt: skip
        self.parts = opened.packed
        self.rejects = rejects
        self._opened = opened
        self._answer = answer
        self._fresh = fresh  # the answer when the log knows none of them, where it is made already

    def answer(self, repeats: frozenset[int], counts: Counter[str]) -> Answer:
        """The answer, once the log has said which of the events it knew already."""
        if self._answer is not None:
            return self._answer
        ids, _, special = self._opened
        if not (special or repeats):
            counts["accepted"] += len(ids)
            return self._fresh or all_accepted(ids)
        results = self._results(repeats)
        counts.update([r.status for r in results])
        return verdicts_said(results)

    def _results(self, repeats: frozenset[int]) -> list[Result]:
        out: list[Result] = []
        event = 0  # the place among the events
        for index, message_id in enumerate(self._opened.message_ids):
            one = self._opened.special.get(index)
            if one is not None and one.code:
                out.append(Result(index, message_id, "rejected", Reason(one.code, one.message)))
                continue
            warnings = one.warnings if one is not None else ()
            out.append(Result(index, message_id, "duplicate" if event in repeats else "accepted", None, warnings))
            event += 1
        return out


class Door:
    """Opens bodies and settles them.

    Args:
        log: where accepted events go.
        keeper: where refused ones are kept.
        keys: write key to source id; None for a key that is not known.
        clock_us: the instant of arrival.
        region: of phone numbers without a country.
        checkpoint: looks at each event by plan and rules; nothing is looked at when None.
        limits: how much may be in hand.
        beside: judges batches too, while there are many.
    """

    def __init__(
        self,
        log: EventLog,
        keeper: RejectKeeper,
        *,
        keys: Keys,
        clock_us: Callable[[], int],
        region: str,
        checkpoint: Checkpoint | None = None,
        limits: Limits | None = None,
        beside: Beside | None = None,
    ) -> None:
        limits = limits or Limits()
        self.arriving, self.waiting = Held(limits.arriving), Held(limits.waiting)
        self.gather = Gatherer(log)
        self.counts: Counter[str] = Counter()
        self._keeper = keeper
        self._keys = keys
        self._clock_us = clock_us
        self._region = region
        self._checkpoint = checkpoint
        self.beside = beside
        self._tasks: set[asyncio.Task[None]] = set()
        self._stranger_us = 0

    # -- taking --------------------------------------------------------------------------------------------------------
    async def take(self, kind: str | None, body: bytes, keys: Sequence[str], ip: str) -> Answer:
        """The answer to a body, once what it says is durable.

        Args:
            kind: the call that the path names; None for a batch.
            body: unpacked.
            keys: those of the request's headers, see `collect.doors.keys`.
            ip: the client's address.

        Raises:
            Overload: too much is in hand; nothing was taken.
            Terminal: the log takes nothing any more.
        """
        size = len(body) + EACH
        self.gather.admit()
        self.waiting.take(size)
        try:
            return await self._settle(self._open(kind, body, keys, ip))
        finally:
            self.waiting.give(size)

    def begin(self, head: Head, packed: bytes, ip: str, tell: Callable[[Answer], None]) -> None:
        """Like `take`, of a packed body; `tell` hears the answer, now or later. Makes no task for what is as usual."""
        size = len(packed) + EACH
        try:
            self.gather.admit()
            self.waiting.take(size)
        except Overload as busy:
            tell(self.answered(failure(busy)))
            return
        began = _Begun(self, size, tell)
        many = head.kind is None and self.waiting.size > size  # of a batch, while others are in hand
        if not (many and self._begin_beside(began, head, packed, ip)):
            self._begin_here(began, head, packed, ip)

    def _begin_here(self, began: _Begun, head: Head, packed: bytes, ip: str) -> None:
        try:
            body = decoded(packed, head.encoding, head.limit) if head.encoding else packed
            began.call = call = self._open(head.kind, body, head.keys, ip)
            if call.rejects or not call.parts:
                self._in_a_task(call, began.done)
            else:
                self.gather.put(call.parts, began.settled)
        except Exception as error:  # a client waits for an answer, whatever it is
            began.done(failure(error))

    def _begin_beside(self, began: _Begun, head: Head, packed: bytes, ip: str) -> bool:
        """Give a batch to the process beside this one; False when it is not for it."""
        if self.beside is None or not self.beside.free(len(packed)):
            return False
        if self._checkpoint is not None and self._checkpoint.active:
            return False
        key, source = None, self.source(head.keys, None)
        if source is None:
            key = said_key(packed)
            source = self.source((), key)
        if source is None:
            return False

        def told(judged: Judged | None) -> None:
            if judged is None:
                self._begin_here(began, head, packed, ip)
                return
            began.call = call = _judged_call(judged)
            try:
                self.gather.put(call.parts, began.settled)
            except Exception as error:  # as above
                began.done(failure(error))

        asked = Asked(0, source, key, self._clock_us(), self._region, ip, head.encoding, head.limit, packed)
        self.beside.ask(asked, told)
        return True

    def answered(self, answer: Answer) -> Answer:
        """Count an answer."""
        self.counts[_COUNTED.get(answer.status) or f"http_{answer.status}"] += 1
        return answer

    def _in_a_task(self, call: Call, done: Callable[[Answer], None]) -> None:
        async def settle() -> None:
            try:
                answer = await self._settle(call)
            except Exception as error:  # as above
                answer = failure(error)
            done(answer)

        task = asyncio.get_running_loop().create_task(settle())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, call: Call) -> Answer:
        repeats = await self.gather.append(call.parts) if call.parts else NONE
        if call.rejects:
            await self._keep(call.rejects)
        return call.answer(repeats, self.counts)

    def _open(self, kind: str | None, body: bytes, keys: Sequence[str], ip: str) -> Call:
        """Read a body; nothing is written yet."""
        now_us = self._clock_us()
        return self._open_plain(kind, body, keys, ip, now_us) or self._open_any(kind, body, keys, ip, now_us)

    def _open_plain(self, kind: str | None, body: bytes, keys: Sequence[str], ip: str, now_us: int) -> Call | None:
        """What is read once; None when anything is wrong with it, for what that is decides the answer."""
        read = decode_plain_batch(body) if kind is None else decode_plain(body)
        if read is None:
            return None
        source = self.source(keys, read.writeKey)
        if source is None:
            return None
        if isinstance(read, Plain):
            return self._call([read], kind, Arrival(source, now_us, self._region, ip), body)
        if len(read.batch) > MAX_BATCH_EVENTS:
            return None
        return self._call(read.batch, None, arrival_of(source, now_us, self._region, ip, read), body)

    def _call(self, items: Sequence[Item], kind: str | None, arrival: Arrival, body: bytes) -> Call:
        """Items that were read, on their way to the log."""
        if self._checkpoint is not None and self._checkpoint.active:
            made = opened_of(self._checkpoint.pass_all([taken_of(item, kind, arrival) for item in items]))
        else:
            made = opened(items, kind, arrival)
        refused = {n: taken for n, taken in made.special.items() if taken.code} if made.special else None
        if not refused:
            return Call(made)
        raws = [body] if kind else [bytes(raw) for raw in _batches.decode(body).batch]
        return Call(made, [_refused(n, taken, raws[n], kind, arrival) for n, taken in refused.items()])

    def _open_any(self, kind: str | None, body: bytes, keys: Sequence[str], ip: str, now_us: int) -> Call:
        envelope, broken = _envelope(kind, body)
        source = self.source(keys, envelope.writeKey if envelope else None)
        if broken is not None:
            rejects = [Reject(now_us, source, "request", broken.code, broken.message, _text(body))] if source else None
            return Call(rejects=rejects, answer=refusal(broken.status, broken.code, broken.message))
        if source is None:
            said = "no such write key, wanted one made with `homing key create --kind write`"
            return Call(rejects=self._stranger(now_us), answer=refusal(401, "wrong_key", said))
        if not isinstance(envelope, Batch):
            arrival = Arrival(source, now_us, self._region, ip)
            return self._translated([body], kind, [translate(body, kind, arrival)], arrival)
        arrival = arrival_of(source, now_us, self._region, ip, envelope)
        items = [bytes(raw) for raw in envelope.batch]
        return self._translated(items, None, [translate(raw, None, arrival) for raw in items], arrival)

    def source(self, header_keys: Sequence[str], body_key: object) -> str | None:
        """The source of the first key that is known, those of the headers first."""
        for key in header_keys:
            if key and (source := self._keys(key)):
                return source
        return self._keys(body_key) if isinstance(body_key, str) and body_key else None

    def _translated(self, items: list[bytes], kind: str | None, taken: list[Taken], arrival: Arrival) -> Call:
        if self._checkpoint is not None:
            taken = self._checkpoint.pass_all(taken)
        rejects = [_refused(n, t, items[n], kind, arrival) for n, t in enumerate(taken) if t.event is None]
        return Call(opened_of(taken), rejects or None)

    # -- keeping what was refused --------------------------------------------------------------------------------------
    def _stranger(self, now_us: int) -> list[Reject] | None:
        """A wrong key leaves one row a second at most, without its body: strangers must not fill the table."""
        if abs(now_us - self._stranger_us) < SECOND:
            return None
        self._stranger_us = now_us
        return [Reject(now_us, "", "request", "wrong_key", "no such write key", "")]

    async def _keep(self, rows: list[Reject]) -> None:
        """Wait until the refused items are kept, but not for long: the answer matters more."""
        await asyncio.wait([asyncio.wrap_future(self._keeper.put(rows))], timeout=KEPT_WAIT_S)


class _Begun:
    """A request that was begun: how it is answered."""

    __slots__ = ("_door", "_size", "_tell", "call")

    def __init__(self, door: Door, size: int, tell: Callable[[Answer], None]) -> None:
        self._door = door
        self._size = size
        self._tell = tell
        self.call = Call()

    def settled(self, repeats: frozenset[int] | None, error: BaseException | None) -> None:
        """The log has said which events it knew already, or why it cannot say."""
        self.done(failure(error) if repeats is None else self.call.answer(repeats, self._door.counts))

    def done(self, answer: Answer) -> None:
        """Answer; what the request held is free again."""
        self._door.waiting.give(self._size)
        self._tell(self._door.answered(answer))


def _envelope(kind: str | None, body: bytes) -> tuple[Batch | _Envelope | None, BadBody | None]:
    """The envelope and what is wrong with it; a broken one may still say its key."""
    try:
        if kind is not None:
            return _envelopes.decode(body), None
        batch = _batches.decode(body)
        if len(batch.batch) > MAX_BATCH_EVENTS:
            many = f"the batch holds {len(batch.batch)} events, at most {MAX_BATCH_EVENTS}"
            return batch, BadBody(400, "too_many_events", many)
        return batch, None
    except (ValueError, RecursionError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return None, BadBody(400, "bad_json", f"the body cannot be read: {said[:200]}")


def said_key(body: bytes) -> str | None:
    """The key that a body seems to say, without reading it whole; whoever reads it says whether it is that."""
    at = body.rfind(b'"writeKey"')
    found = _KEY.match(body, at) if at >= 0 else None
    return found[1].decode("ascii") if found else None


def _judged_call(judged: Judged) -> Call:
    """A batch that was judged beside."""
    ids, at, parts = judged.ids or judged.message_ids, 0, []
    for count, bodies in zip(judged.counts, judged.bodies, strict=True):
        parts.append(Packed(ids[at : at + count], bodies))
        at += count
    return Call(Opened(judged.message_ids, parts, {}), fresh=Answer(200, judged.answer))


def _refused(index: int, taken: Taken, item: bytes, kind: str | None, arrival: Arrival) -> Reject:
    body, shape = call_body(item, kind, taken.message_id, arrival)
    return Reject(arrival.received_us, arrival.source_id, f"item {index}", taken.code, taken.message, body, shape=shape)


def _text(body: bytes) -> str:
    return body[:8_192].decode("utf-8", "replace")
