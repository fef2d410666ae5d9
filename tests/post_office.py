"""A small world with a sender: what journeys decide is handed to a channel, a log is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sqlalchemy import select

from homing.act.channels.sandbox import Sandbox
from homing.act.content import Writer
from homing.act.sender import Sender
from homing.act.tracking import Tracker
from homing.storage import schema
from homing.storage.log import SqliteLog
from journey_world import World, content, journey, say, us

TRACKER = Tracker("http://shop.example", b"k" * 32)


class Post:
    """A world with a sender."""

    def __init__(self, folder: Path, channel=None, **settings):
        self.world = World(folder, **settings)
        self.channel = channel or Sandbox()
        self.log = SqliteLog(folder / "log", lambda: self.world.now_us)
        self.world.publish(
            content(),
            journey(say()),
            journey(say(channel="fax"), id="faxes") | {"entry": {"type": "segment", "segment": "fax"}},
        )
        self.begin()

    def begin(self, **more):
        """Start the sender, as a process does."""
        writer = Writer(self.world.state, self.world.settings, TRACKER, None)
        self.sender = Sender(self.world.state, self.log, {"email": self.channel, **more}, writer, self.world.settings)
        self.sender.recover(self.world.now_us)

    def queue(self, *people: str, segment="dormant"):
        self.world.know(*people)
        for who in people:
            self.world.enter(who, segment)

    def run(self, text: str | None = None):
        if text:
            self.world.now_us = us(text)
        for _ in range(2_000):
            if not self.sender.step(self.world.now_us):
                return
        raise AssertionError("the sender never comes to rest")

    def ends(self):
        return [(status, reason) for _, _, status, reason in self.world.sends()]

    def told(self):
        return Counter(s.event.name for s in self.log.read(0, 10_000))

    def rows(self):
        with self.world.state.read() as conn:
            return conn.execute(select(schema.send)).all()
