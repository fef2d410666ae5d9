"""A channel that sends to nobody: it keeps what it was given, and fails as often and as slowly as it is told to.

For trying a journey out and for tests of what happens when a channel is slow or broken. Whether a message fails follows
from its key and how often it was tried, so a run can be repeated.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter

from pydantic import PrivateAttr

from homing.act.channels.channel import Channel, ChannelDown, Message, channels
from homing.core.errors import Terminal, Transient
from homing.core.form import ask
from homing.govern import Permit


@channels.register("sandbox")
class Sandbox(Channel, frozen=True):
    """Takes messages and delivers none.

    只接收、不投递消息，用于试运行。
    """

    fail_share: float = ask("Share that fails for now", "暂时失败的比例", 0.0, ge=0, le=1)
    refuse_share: float = ask("Share that fails for good", "永久失败的比例", 0.0, ge=0, le=1)
    down: bool = ask("Takes nothing at all", "完全不可用", False)
    slow_ms: int = ask("Milliseconds a message takes", "每条消息耗时（毫秒）", 0, ge=0, le=60_000)

    _taken: dict[str, Message] = PrivateAttr(default_factory=dict)
    _tries: Counter[str] = PrivateAttr(default_factory=Counter)
    _wait: threading.Event = PrivateAttr(default_factory=threading.Event)

    def send(self, message: Message, permit: Permit) -> str:
        """Keep the message, or fail as told."""
        permit.spend(message.address)
        self._wait.wait(self.slow_ms / 1000)
        if self.down:
            raise ChannelDown("the sandbox is told to be down")
        if _draw(message.key, "refuse") < self.refuse_share:
            raise Terminal("the sandbox is told to refuse this message")
        self._tries[message.key] += 1
        if _draw(message.key, str(self._tries[message.key])) < self.fail_share:
            raise Transient("the sandbox is told to fail this time")
        self._taken[message.key] = message
        return f"sandbox:{message.key}"

    def look_up(self, key: str) -> bool | None:
        """The sandbox knows what it took."""
        return key in self._taken

    @property
    def taken(self) -> tuple[Message, ...]:
        """What was taken so far, in order."""
        return tuple(self._taken.values())


def _draw(key: str, what: str) -> float:
    digest = hashlib.blake2b(f"{what}\x1f{key}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32
