"""What does one test see of the server? A write key and a relay of its own, and what arrived by that key."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from msgspec.structs import replace
from relay import Relay

from homing.api.server import Server
from homing.core.event import Event, Stored


@dataclass
class Shop:
    """One test's way in: a write key of its own, a relay of its own, and what arrived by that key."""

    server: Server
    relay: Relay
    key: str
    source: str
    failing: list[Exception] = field(default_factory=list)  # what the log answers next, for this key's events

    def stored(self) -> list[Stored]:
        return [s for s in self.server.runtime.workspace.log.read(0, 100_000) if s.event.source_id == self.source]

    def events(self) -> list[Event]:
        """What arrived, each by the message id the test gave it."""
        return [replace(s.event, event_id=s.event.event_id.removeprefix(self.own(""))) for s in self.stored()]

    def own(self, message_id: str) -> str:
        """A message id of this test's alone: the log knows an id for good, whoever sent it."""
        return f"{self.source}.{message_id}"

    def rejected(self) -> list[tuple[str, str]]:
        with self.server.runtime.workspace.state.read() as conn:
            sql = "SELECT code, body FROM rejected WHERE source_id = ?"
            return [tuple(row) for row in conn.exec_driver_sql(sql, (self.source,))]

    def wait(self, n: int, seconds: float = 40) -> list[Event]:
        """The events once there are `n`; more than `n` fails too."""
        ends = time.monotonic() + seconds
        while len(self.events()) < n and time.monotonic() < ends:
            time.sleep(0.05)
        time.sleep(0.1)
        while self.relay.busy and time.monotonic() < ends:  # an answer is on its way that the relay has not noted yet
            time.sleep(0.02)
        found = self.events()
        assert len(found) == n, (
            f"{len(found)} events, wanted {n}: {[(p.path, p.size, p.status) for p in self.relay.passed]}"
        )
        return found
