"""Who hands messages over, and what when it fails? One lane a channel, so that a dead channel slows no other.

A message that failed for now comes back later, each time after a longer while, at most MAX_TRIES times; a channel that
is down rests as a whole and costs no message a try. What a crash left in `handing` is looked up where the channel or
the trace can tell, else it is `unknown`: it may have been sent, so it is never sent again.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from homing.act import handing
from homing.act.channels import Bounced, Channel, ChannelDown, Message
from homing.act.content import Unwritten, Wanted, Writer
from homing.act.handing import Outcome, Ready
from homing.act.ledger import ACCEPTED, BOUNCED, FAILED, HANDING, QUEUED, UNKNOWN
from homing.act.trace import Trace
from homing.core.errors import Refused, Terminal, Transient
from homing.core.ids import stable_id
from homing.core.settings import Settings
from homing.core.time import HOUR, MINUTE, SECOND
from homing.storage.log import EventLog
from homing.storage.schema import send
from homing.storage.state import State

GROUP = 32  # messages a claim: what a crash can leave unclear
MAX_TRIES = 8
FIRST_WAIT_US = 30 * SECOND
FIRST_REST_US = 5 * SECOND
LONGEST_WAIT_US = HOUR
LONGEST_REST_US = 5 * MINUTE
PATIENCE_S = 0.25  # how long a step waits for the slowest lane


@dataclass(frozen=True, slots=True)
class Bench:
    """What every lane works with: the ledger, the log that is told, who writes, and the rules."""

    state: State
    log: EventLog
    writer: Writer
    settings: Settings


class Lane:
    """The messages of one channel; `channel` is None where the channel is not set up."""

    def __init__(self, name: str, channel: Channel | None, bench: Bench) -> None:
        self.name = name
        self._channel = channel
        self._state = bench.state
        self._log = bench.log
        self._writer = bench.writer
        self._settings = bench.settings
        self._called: list[Outcome] = []  # not in the ledger yet
        self._to_tell: list[Outcome] = []  # in the ledger, not in the log yet
        self._told: list[str] = []  # in the log, not marked so yet
        self._trace = Trace(bench.state.path.parent / "run" / f"{stable_id('lane-', name)}.trace")
        self._downs = 0
        self.rest_until_us = 0

    def step(self, now_us: int) -> int:
        """Hand over one group; return how many sends moved."""
        self._settle(now_us)  # what an earlier step could not write down
        if now_us < self.rest_until_us:
            return 0
        with self._state.read() as conn:
            rows = handing.due(conn, self.name, now_us, GROUP)
        if not rows:
            self._mark()
            return 0
        written = self._write(rows, now_us)
        self._trace.new_group()  # every call so far is settled
        with self._state.write() as conn:
            handing.mark_logged(conn, self._told)
            ready, outcomes = handing.claim(conn, written, self._settings, now_us)
        self._told.clear()
        self._to_tell += outcomes
        self._hand_over(ready, now_us)
        self._settle(now_us)
        return len(rows)

    def recover(self, now_us: int) -> int:
        """Settle what a crash left: sends in `handing`, and outcomes the log has not been told."""
        s = send.c
        with self._state.read() as conn:
            open_ = conn.execute(select(send).where(s.status == HANDING, s.channel == self.name)).all()
        self._called += [self._looked_up(row, now_us) for row in open_]
        self._settle(now_us)
        with self._state.read() as conn:
            ended = s.status.not_in((QUEUED, HANDING))
            untold = conn.execute(select(send).where(s.logged == 0, ended, s.channel == self.name)).all()
        known = set(self._told)
        self._to_tell += [Outcome(r, r.status, r.reason) for r in untold if r.send_key not in known]
        self._settle(now_us)
        self._mark()
        return len(open_) + len(untold)

    @property
    def unfinished(self) -> bool:
        """Is there something to write down that is not about new messages?"""
        return bool(self._called or self._to_tell or self._told)

    def is_due(self, at_us: int | None, now_us: int) -> bool:
        """Is there anything to do now? `at_us` is when the next queued message may be tried, None when none is."""
        return self.unfinished or (at_us is not None and max(at_us, self.rest_until_us) <= now_us)

    def close(self) -> None:
        """Mark what was told, let go of the connection."""
        self._mark()
        self._trace.close()
        if self._channel is not None:
            self._channel.close()

    # -- inside --------------------------------------------------------------------------------------------------------
    def _write(self, rows: Any, now_us: int) -> dict[str, Message | Unwritten]:
        if self._channel is None:
            return {r.send_key: Unwritten("no_channel") for r in rows}
        wanted = [Wanted(r.send_key, r.customer_id, r.content_id, r.address or "", r.purpose) for r in rows]
        return self._writer.write(wanted, now_us)

    def _hand_over(self, ready: list[Ready], now_us: int) -> None:
        for n, one in enumerate(ready):
            try:
                self._called.append(self._call(one, now_us))
                self._downs = 0
            except ChannelDown:
                self._downs += 1
                rest = min(FIRST_REST_US * 2 ** (self._downs - 1), LONGEST_REST_US)
                self.rest_until_us = now_us + rest
                self._called += [Outcome(r.row, QUEUED, None, self.rest_until_us) for r in ready[n:]]
                return

    def _call(self, ready: Ready, now_us: int) -> Outcome:
        row = ready.row
        try:
            if self._channel is None:
                raise Terminal(f"there is no channel {self.name}")
            self._trace.begun(row.send_key)
            self._channel.send(ready.message, ready.permit)
            self._trace.accepted(row.send_key)
        except ChannelDown:
            raise
        except Exception as error:  # one outside the tree is a fault of the channel: nobody knows how far it came
            return _failed(row, error, now_us)
        return Outcome(row, ACCEPTED, tried=True)

    def _looked_up(self, row: Any, now_us: int) -> Outcome:
        taken = self._channel.look_up(row.send_key) if self._channel is not None else None
        if taken is None and (known := self._trace.known(row.send_key)) is not None:
            taken = known == "accepted"
        if taken is None:
            return Outcome(row, UNKNOWN, "interrupted")
        return Outcome(row, ACCEPTED) if taken else Outcome(row, QUEUED, None, next_try_us=now_us)

    def _settle(self, now_us: int) -> None:
        """Write down what became of the calls, then tell the log; what cannot be done now is done by the next step."""
        if self._called:
            with self._state.write() as conn:
                handing.settle(conn, self._called, now_us)
            self._to_tell += self._called
            self._called = []
        if self._to_tell:
            events = handing.events_of(self._to_tell, now_us)
            if events:
                self._log.append(events, dedupe="ever")
            self._told += [o.row.send_key for o in self._to_tell if o.next_try_us is None]
            self._to_tell = []

    def _mark(self) -> None:
        if self._told:
            with self._state.write() as conn:
                handing.mark_logged(conn, self._told)
            self._told.clear()


class Sender:
    """Every lane of a workspace.

    Args:
        state: the ledger.
        log: is told the outcomes.
        channels: the channels that are set up, by name.
        writer: writes the messages.
        settings: consent's default, quiet hours, zone.
    """

    def __init__(
        self, state: State, log: EventLog, channels: Mapping[str, Channel], writer: Writer, settings: Settings
    ) -> None:
        self._state = state
        self._bench = Bench(state, log, writer, settings)
        self._lanes = {name: Lane(name, channel, self._bench) for name, channel in channels.items()}
        self._pool: ThreadPoolExecutor | None = None
        self._busy: dict[str, Future[int]] = {}
        self._lock = threading.Lock()

    def recover(self, now_us: int) -> int:
        """Settle what a crash left between two states; return how many sends."""
        self._waiting()
        return sum(lane.recover(now_us) for lane in self._lanes.values())

    def step(self, now_us: int) -> int:
        """Hand over one group in every lane; return how many sends moved (at least 1 while a lane is still at it)."""
        waiting = self._waiting()
        with self._lock:
            moved = self._finished()
            due = [
                lane
                for name, lane in self._lanes.items()
                if name not in self._busy and lane.is_due(waiting.get(name), now_us)
            ]
            if len(due) == 1 and not self._busy and len(self._lanes) == 1:
                return moved + due[0].step(now_us)
            for lane in due:
                self._busy[lane.name] = self._threads().submit(lane.step, now_us)
            if self._busy:
                wait(self._busy.values(), PATIENCE_S, FIRST_COMPLETED)
                moved += self._finished()
            return max(moved, 1) if self._busy else moved

    def next_due(self) -> int | None:
        """When the next queued message may be tried; None when none is queued."""
        return min((max(at, self._lanes[name].rest_until_us) for name, at in self._waiting().items()), default=None)

    def close(self) -> None:
        """Finish what is in hand and let go of connections."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
        for lane in self._lanes.values():
            lane.close()

    # -- inside --------------------------------------------------------------------------------------------------------
    def _finished(self) -> int:
        done = [name for name, future in self._busy.items() if future.done()]
        return sum(self._busy.pop(name).result() for name in done)

    def _waiting(self) -> dict[str, int]:
        """Channel to when its next message may be tried; one that is not set up gets a lane too, which says so."""
        with self._state.read() as conn:
            found = handing.next_due(conn)
        for name in found.keys() - self._lanes.keys():
            self._lanes[name] = Lane(name, None, self._bench)
        return found

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="lane")
        return self._pool


def _failed(row: Any, error: Exception, now_us: int) -> Outcome:
    """What an error of a channel means for the message."""
    match error:
        case Transient() if row.attempts + 1 < MAX_TRIES:
            return Outcome(row, QUEUED, None, now_us + wait_us(row.send_key, row.attempts), tried=True)
        case Transient():
            return Outcome(row, FAILED, "gave_up", tried=True)
        case Bounced():
            return Outcome(row, BOUNCED, "bounced", tried=True)
        case Terminal() | Refused():
            return Outcome(row, FAILED, "rejected", tried=True)
        case _:
            return Outcome(row, UNKNOWN, "interrupted", tried=True)


def wait_us(key: str, tries: int) -> int:
    """How long a message waits after its `tries + 1`th failure: twice as long each time, spread by its key."""
    spread = hashlib.blake2b(key.encode(), digest_size=2).digest()
    share = 0.75 + 0.5 * int.from_bytes(spread, "big") / 2**16
    return int(min(FIRST_WAIT_US * 2**tries, LONGEST_WAIT_US) * share)
