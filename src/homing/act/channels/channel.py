"""What must any channel do? Hand one message over, once, and say truly what became of it.

A channel neither retries nor asks for consent: others do. It must tell four ends apart: taken (a reference), not now
(Transient; ChannelDown when it is not about this message), never (Terminal; Bounced when the address is no good), and
*unclear* - the other side may or may not have it. What is unclear is never sent again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from homing.core.errors import Terminal, Transient, Upstream
from homing.core.registry import Registry
from homing.govern import Permit


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to leave."""

    key: str  # the send's key: an idempotency key for channels that take one
    address: str
    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class ChannelDown(Transient):
    """The channel takes nothing at the moment, whatever the message."""


class Bounced(Terminal):
    """There is nobody at this address."""


class Unclear(Upstream):
    """The message may have been taken; nobody can tell."""


class Channel(BaseModel, ABC):
    """One way for messages to leave; its fields are its settings and its form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @abstractmethod
    def send(self, message: Message, permit: Permit) -> str:
        """Hand a message over.

        Args:
            message: what is to be sent.
            permit: leave to send it; spent first.

        Returns:
            The other side's reference, "" when it gives none.

        Raises:
            Refused: the permit is for another address, or spent.
            ChannelDown: nothing can be sent now.
            Transient: this message cannot be sent now.
            Bounced: there is nobody at this address.
            Terminal: this message is refused for good.
            Unclear: it may have been taken.
        """

    def look_up(self, key: str) -> bool | None:  # noqa: ARG002 - for channels that can ask
        """Was the message of this key taken? None when the channel cannot tell."""
        return None

    def close(self) -> None:
        """Let go of connections."""


channels: Registry[Channel] = Registry(Channel, "homing.act.channels")
