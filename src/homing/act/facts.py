"""What must a journey know of a customer? Six questions; the runtime answers them from the stages that know.

Answers are those of the instant the question is asked in the stream: what earlier stages learned from the same event is
in them already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from homing.core.condition import Condition


class Facts(Protocol):
    """The answers, asked by the stream worker's thread alone."""

    def trait(self, customer_id: str, name: str) -> object | None:
        """The value of a trait; None when there is none."""

    def address(self, customer_id: str, channel: str) -> str | None:
        """Where a channel reaches the customer; None when nowhere."""

    def objection(self, customer_id: str, channel: str, purpose: str, address: str | None) -> str | None:
        """Why nothing may be sent: no_address, suppressed, no_consent, consent_withdrawn; None when it may be."""

    def is_member(self, customer_id: str, segment_id: str) -> bool:
        """Is the customer in the segment now?"""

    def members(self, segment_id: str) -> Iterable[str]:
        """Everyone in the segment now."""

    def holds(self, condition: Condition, customer_id: str, now_us: int) -> bool:
        """Does the condition hold for the customer at this instant?"""
