"""What do the stages know of a customer? The journeys' questions, answered by the stages that came before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from homing.core.condition import Condition
from homing.core.settings import Settings
from homing.govern import ConsentBook
from homing.profile import ProfileBook
from homing.segments import SegmentStream


class StageFacts:
    """The answers, for the stream's thread alone.

    Args:
        consent: knows what a customer allows.
        profile: knows traits and addresses.
        segments: knows memberships.
        settings: says what silence means.
        trait_of: the value of a trait by customer and name, whoever keeps it.
    """

    def __init__(
        self, consent: ConsentBook, profile: ProfileBook, segments: SegmentStream, settings: Settings,
        trait_of: Callable[[str, str], object | None] | None = None,
    ) -> None:  # fmt: skip
        self._consent = consent
        self._profile = profile
        self._segments = segments
        self._default = settings.consent_default
        self._trait_of = trait_of or profile.trait_of

    def trait(self, customer_id: str, name: str) -> object | None:
        """The value of a trait; None when there is none."""
        return self._trait_of(customer_id, name)

    def address(self, customer_id: str, channel: str) -> str | None:
        """Where a channel reaches the customer; None when nowhere."""
        return self._profile.address_of(customer_id, channel)

    def objection(self, customer_id: str, channel: str, purpose: str, address: str | None) -> str | None:
        """Why nothing may be sent, by consent and suppression; None when it may be."""
        return self._consent.refusal(customer_id, purpose, channel, address, self._default)

    def is_member(self, customer_id: str, segment_id: str) -> bool:
        """Whether the customer is in the segment now."""
        return self._segments.is_member(customer_id, segment_id)

    def members(self, segment_id: str) -> Iterable[str]:
        """Everyone in the segment now."""
        return self._segments.members(segment_id)

    def holds(self, condition: Condition, customer_id: str, now_us: int) -> bool:
        """Whether the condition holds for the customer at this instant."""
        return self._segments.holds(condition, customer_id, now_us)
